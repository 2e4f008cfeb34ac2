/** Losses and metrics, each a number per example. */
import { formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import type { Tensor, TensorType } from "../../engine/tensor.ts";
import {
  argMax,
  binaryCrossEntropy,
  cast,
  equal,
  greater,
  logicalAnd,
  max,
  mean,
  meanSquaredError,
  reshape,
  softmaxCrossEntropy,
} from "../../ops/mod.ts";

/** Names of losses. */
export type LossName = "softmaxCrossEntropy" | "binaryCrossEntropy" | "meanSquaredError";

/** All of them. */
export const lossNames: readonly LossName[] = [
  "softmaxCrossEntropy",
  "binaryCrossEntropy",
  "meanSquaredError",
];

/** What is computed of a batch: for each example its loss and, for classes, whether it is right; float32 `[batch]`. */
export interface Judged {
  readonly loss: Tensor;
  readonly accuracy?: Tensor;
}

const isClassIndex = (targets: TensorType) => targets.dtype !== "float32";

/** The loss that fits the targets: class indices or numbers. */
export function defaultLoss(targets: TensorType): LossName {
  return isClassIndex(targets) ? "softmaxCrossEntropy" : "meanSquaredError";
}

/** Judges a batch of results. */
export function judge(
  loss: LossName,
  output: Tensor,
  targets: Tensor,
  options: { labelSmoothing?: number } = {},
): Judged {
  const received = `results ${formatShape(output.shape)} and targets ${targets.dtype} ${
    formatShape(targets.shape)
  }`;
  if (loss === "softmaxCrossEntropy") {
    if (!isClassIndex(targets) || !sameShape(output.shape.slice(0, -1), targets.shape)) {
      throw new RangeError(
        `Cannot apply softmaxCrossEntropy to ${received}: it takes one class index for each row`,
      );
    }
    const right = logicalAnd(equal(argMax(output), cast(targets, "int32")), isNumber(max(output, -1)));
    return {
      loss: perExample(softmaxCrossEntropy(output, targets, options)),
      accuracy: perExample(cast(right, "float32")),
    };
  }
  if (loss !== "meanSquaredError" && loss !== "binaryCrossEntropy") {
    throw new TypeError(
      `Cannot use loss "${loss}": there are softmaxCrossEntropy, binaryCrossEntropy, meanSquaredError`,
    );
  }
  const numbers = cast(targets, "float32");
  const shaped = fitsAs(numbers.shape, output.shape) ? reshape(numbers, output.shape) : numbers;
  if (!sameShape(output.shape, shaped.shape)) {
    throw new RangeError(
      `Cannot apply ${loss} to ${received}: it takes targets of the same shape, ` +
        `but for an axis of size 1 at the end (see reshape)`,
    );
  }
  if (loss === "meanSquaredError") return { loss: perExample(meanSquaredError(output, shaped)) };
  const isAlike = equal(cast(greater(output, 0), "int32"), cast(greater(shaped, 0.5), "int32"));
  const right = logicalAnd(isAlike, isNumber(output));
  return {
    loss: perExample(binaryCrossEntropy(output, shaped)),
    accuracy: perExample(cast(right, "float32")),
  };
}

/** Whether two shapes are the same, but for one axis of size 1 at the end: one number an example, with and without it. */
function fitsAs(shape: Shape, other: Shape): boolean {
  const [fewer, more] = shape.length < other.length ? [shape, other] : [other, shape];
  return more.length === fewer.length + 1 && sameShape([...fewer, 1], more);
}

/** False for NaN. A model that gives it has decided for no class, not for the first one. */
const isNumber = (x: Tensor) => equal(x, x);

/** The mean over all axes but the first. */
const perExample = (x: Tensor) => x.rank === 1 ? x : mean(x, x.shape.slice(1).map((_, i) => i + 1));
