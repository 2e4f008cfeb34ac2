/** The error of numbers that are no numbers any more. */

/** The loss, the weights or a result became infinite or NaN. */
export class NotFiniteError extends Error {
  /** Always `"NotFiniteError"`. */
  override name = "NotFiniteError";
  /** The step of `fit` at which it was seen first, from 0; undefined when only the weights or a result show it. */
  readonly step: number | undefined;
  /** The last checkpoint that was written, if any. */
  readonly checkpoint: string | undefined;

  /** @ignore */
  constructor(message: string, step?: number, checkpoint?: string) {
    super(message);
    this.step = step;
    this.checkpoint = checkpoint;
  }
}
