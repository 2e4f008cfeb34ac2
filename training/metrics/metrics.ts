/** Metrics: functions of a model's results and of the targets, each a number for an example. */
import { formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import { whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import {
  abs,
  argMax,
  cast,
  equal,
  expandDims,
  greater,
  logicalAnd,
  max,
  mean,
  reshape,
  sub,
  sum,
  topK,
} from "../../ops/mod.ts";

/** What is measured of an example; float32 `[batch]`, or `[batch, ...]`, which is averaged over what is behind. */
export type MetricFunction = (output: Tensor, target: Tensor) => Tensor;

/**
 * What part of class indices is right: the largest of the results, `[batch, ..., classes]`, is at the index that `targets`,
 * `[batch, ...]`, names. Results that are NaN are wrong. Float32 `[batch]`.
 *
 * @throws {RangeError} when shapes do not go together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, tensor, training } from "@gesso/gesso";
 *
 * const right = training.accuracy(tensor([[0.1, 0.9], [0.8, 0.2]]), tensor(Int32Array.of(1, 1)));
 * assertEquals([...(await compute(right)).data], [1, 0]);
 * ```
 */
export function accuracy(output: Tensor, targets: Tensor): Tensor {
  checkClasses("accuracy", output, targets);
  const right = logicalAnd(equal(argMax(output), cast(targets, "int32")), isNumber(max(output, -1)));
  return perExample(cast(right, "float32"));
}

/**
 * What part of class indices is among the `k` largest results; a metric for results `[batch, ..., classes]` and targets
 * `[batch, ...]`.
 *
 * @throws {RangeError} when `k` is no whole number from 1, or shapes do not go together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, tensor, training } from "@gesso/gesso";
 *
 * const right = training.topKAccuracy(2)(tensor([[0.1, 0.2, 0.7], [0.1, 0.2, 0.7]]), tensor(Int32Array.of(1, 0)));
 * assertEquals([...(await compute(right)).data], [1, 0]);
 * ```
 */
export function topKAccuracy(k: number): MetricFunction {
  readValue("make topKAccuracy", "k", k, whole(1));
  return (output, targets) => {
    checkClasses("topKAccuracy", output, targets);
    const { indices } = topK(output, k);
    const hits = equal(cast(indices, "int32"), expandDims(cast(targets, "int32"), -1));
    return perExample(sum(cast(hits, "float32"), -1));
  };
}

/**
 * What part of answers of yes or no is right: results (logits) above 0 stand for targets above 0.5. Float32 `[batch]`.
 *
 * @throws {RangeError} when the shapes differ by more than an axis of size 1 at the end.
 */
export function binaryAccuracy(output: Tensor, targets: Tensor): Tensor {
  const shaped = targetsLike("binaryAccuracy", output, targets);
  const isAlike = equal(cast(greater(output, 0), "int32"), cast(greater(shaped, 0.5), "int32"));
  return perExample(cast(logicalAnd(isAlike, isNumber(output)), "float32"));
}

/**
 * How far results are from the targets, in the mean of each example. Float32 `[batch]`.
 *
 * @throws {RangeError} when the shapes differ by more than an axis of size 1 at the end.
 */
export function meanAbsoluteError(output: Tensor, targets: Tensor): Tensor {
  return perExample(abs(sub(output, targetsLike("meanAbsoluteError", output, targets))));
}

/** Whether targets are class indices. */
export const areClasses = ({ dtype }: Pick<Tensor, "dtype">): boolean => dtype !== "float32";

const receivedWords = (output: Tensor, targets: Tensor) =>
  `results ${formatShape(output.shape)} and targets ${targets.dtype} ${formatShape(targets.shape)}`;

/** Throws unless there is one class index for each row of results. */
export function checkClasses(name: string, output: Tensor, targets: Tensor): void {
  if (areClasses(targets) && sameShape(output.shape.slice(0, -1), targets.shape)) return;
  throw new RangeError(
    `Cannot apply ${name} to ${receivedWords(output, targets)}: it takes one class index for each row`,
  );
}

/** Targets as numbers of the results' shape. */
export function targetsLike(name: string, output: Tensor, targets: Tensor): Tensor {
  const numbers = cast(targets, "float32");
  const shaped = fitsAs(numbers.shape, output.shape) ? reshape(numbers, output.shape) : numbers;
  if (sameShape(output.shape, shaped.shape)) return shaped;
  throw new RangeError(
    `Cannot apply ${name} to ${receivedWords(output, targets)}: it takes targets of the same shape, ` +
      `but for an axis of size 1 at the end (see reshape)`,
  );
}

/** Whether two shapes are the same, but for one axis of size 1 at the end: one number an example, with and without it. */
function fitsAs(shape: Shape, other: Shape): boolean {
  const [fewer, more] = shape.length < other.length ? [shape, other] : [other, shape];
  return more.length === fewer.length + 1 && sameShape([...fewer, 1], more);
}

/** False for NaN. A model that gives it has decided for no class, not for the first one. */
const isNumber = (x: Tensor) => equal(x, x);

/** The mean over all axes but the first. */
export const perExample = (x: Tensor): Tensor =>
  x.rank === 1 ? x : mean(x, x.shape.slice(1).map((_, i) => i + 1));
