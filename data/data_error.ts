/** The error for data that is missing or is not what it should be. */

/** Thrown when a file or archive of data is missing, short, or holds what it should not. */
export class DataError extends Error {
  /** `"DataError"` */
  override readonly name = "DataError";
  /** The file at fault: a path, or the name of an archive's member. */
  readonly file: string;

  /**
   * Makes an error about a file.
   *
   * @param file The file at fault.
   * @param message What was attempted, the reason, and the way out.
   * @param options `cause`: the error below this one.
   */
  constructor(file: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.file = file;
  }
}
