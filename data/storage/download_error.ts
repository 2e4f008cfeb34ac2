/** The error of a file that could not be fetched. */

/** Thrown when a file could not be fetched: its message says what was tried and what can be done. */
export class DownloadError extends Error {
  /** `"DownloadError"` */
  override readonly name = "DownloadError";
  /** The address that was asked for. */
  readonly url: string;

  /**
   * Makes an error about an address; its message begins with `Cannot download URL`.
   *
   * @param url The address that was asked for.
   * @param reason Why the file could not be had, and the way out.
   * @param options `cause`: the error below this one.
   */
  constructor(url: string, reason: string, options?: ErrorOptions) {
    super(`Cannot download ${url}: ${reason}`, options);
    this.url = url;
  }
}
