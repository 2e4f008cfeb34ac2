/** What comes out of a model. */
import type { Tensor } from "../../engine/tensor.ts";

/** What a model computes for a batch. */
export interface ModelResult {
  /** The first output, `[batch, ...]`: the only one of most models. */
  readonly output: Tensor;
  /** All outputs by name. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** New values of weights that are not trained, by their full names; only in training. */
  readonly updates: Readonly<Record<string, Tensor>>;
  /** What is handed on to the next piece of the sequences, by full names; empty where none was given. */
  readonly carry: Readonly<Record<string, Tensor>>;
}
