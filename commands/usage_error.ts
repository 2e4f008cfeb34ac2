/** The error of those who ask for what the command line does not have. */

/** Wrong use of the command line: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
