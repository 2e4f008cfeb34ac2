/** What was left out of a folder. */

/** What was left out, and why. */
export interface Skipped {
  /** The file or folder, from the folder on that was asked for. */
  readonly file: string;
  /** What is wrong with it. */
  readonly reason: string;
}
