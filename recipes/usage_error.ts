/** The error of those who ask for what there is not. */

/** Thrown where what a person asked for cannot be done as it was asked: the command line ends with exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
