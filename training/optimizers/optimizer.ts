/** What an optimizer is. All weights are one block, or as few as a device allows, so that an update is one kernel. */
import { type Kind, objectThat } from "../../engine/option_kinds.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Schedule } from "./schedules.ts";

/** What an update is given. All tensors but the last two are blocks of one size. */
export interface UpdateInput {
  /** Trained weights, as the step found them: all, or those of one block. */
  readonly weights: Tensor;
  /** The gradient of the loss for each of them. */
  readonly gradient: Tensor;
  /** The optimizer's own blocks, by name. */
  readonly slots: Readonly<Record<string, Tensor>>;
  /** One where weight decay applies and zero elsewhere; absent without weight decay. */
  readonly decays?: Tensor;
  /** The number of this update, from 1; float32 `[]`. */
  readonly step: Tensor;
  /** The learning rate of this step; float32 `[]`, or a block where it differs by parameter. */
  readonly learningRate: Tensor;
}

/** What an update gives. */
export interface UpdateOutput {
  /** The new weights. */
  readonly weights: Tensor;
  /** The new values of the optimizer's own blocks. */
  readonly slots: Readonly<Record<string, Tensor>>;
}

/** Turns gradients into steps. Made by {@linkcode sgd}, {@linkcode adam}, {@linkcode adamW}, {@linkcode rmsprop}. */
export interface Optimizer {
  /** Its name and numbers, for messages and files. */
  readonly description: string;
  /** The learning rate, or how it changes. */
  readonly learningRate: Schedule;
  /**
   * How much weights shrink at each step, relative to the learning rate. Only weights with two axes or more do; biases
   * and scales are left alone.
   */
  readonly weightDecay: number;
  /** The names of the blocks that it keeps; they begin as zeros. */
  readonly slots: readonly string[];
  /** Traces one update of a block. */
  update(input: UpdateInput): UpdateOutput;
}

/** An optimizer, also such as people write themselves. */
export const optimizerKind: Kind<Optimizer> = objectThat<Optimizer>(
  "an optimizer, such as adam() gives",
  ({ update, slots }) => typeof update === "function" && Array.isArray(slots),
);
