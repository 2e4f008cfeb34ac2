/** What clips are brought to. */

/** How sounds are made one length. */
export interface SoundForm {
  /** Samples a second. */
  readonly rate: number;
  /** Samples of a clip. */
  readonly length: number;
  /** What becomes of longer sounds. */
  readonly long: "start" | "middle" | "windows";
}
