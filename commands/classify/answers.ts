/** What a model takes things for. */
import type { NdArray } from "../../engine/array.ts";

/** The names of what was read, and the probability of each class, `[things, classes]`; and why others could not be read. */
export interface Answers {
  readonly names: readonly string[];
  /** `undefined` where nothing was read. */
  readonly probabilities?: NdArray;
  readonly refused: readonly string[];
}
