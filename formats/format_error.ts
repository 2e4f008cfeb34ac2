/**
 * Thrown for a file whose content is not what its format promises: too short, changed on its way, or of a kind
 * that is not read here. The message names the file and the place in it.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * try {
 *   formats.decodeSafetensors(new Uint8Array(3), "model.safetensors");
 * } catch (error) {
 *   console.log(error instanceof formats.FormatError); // true
 * }
 * ```
 */
export class FormatError extends Error {
  /** Always `"FormatError"`. */
  override name = "FormatError";
  /** What is wrong with the file. */
  readonly reason: string;

  /**
   * Makes the message `Cannot read FORMAT FILE: REASON`.
   *
   * @param format What the file should be, such as `"safetensors"`.
   * @param file Its name, as the reader of the message knows it.
   * @param reason What is wrong with it.
   */
  constructor(format: string, file: string, reason: string, options?: ErrorOptions) {
    super(`Cannot read ${format} ${file}: ${reason}`, options);
    this.reason = reason;
  }
}
