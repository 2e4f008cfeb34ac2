/** Losses by their names, each a number for an example. */
import type { Tensor, TensorType } from "../../engine/tensor.ts";
import { binaryCrossEntropy, meanSquaredError, softmaxCrossEntropy } from "../../ops/mod.ts";
import {
  accuracy,
  areClasses,
  binaryAccuracy,
  checkClasses,
  perExample,
  targetsLike,
} from "../metrics/metrics.ts";

/** Names of losses. */
export type LossName = "softmaxCrossEntropy" | "binaryCrossEntropy" | "meanSquaredError";

/** All of them. */
export const lossNames: readonly LossName[] = [
  "softmaxCrossEntropy",
  "binaryCrossEntropy",
  "meanSquaredError",
];

/** What the loss of a name is for each example and, for classes, whether it is right; float32 `[batch]`. */
export interface LossAndAccuracy {
  readonly loss: Tensor;
  readonly accuracy?: Tensor;
}

/** The loss that fits the targets: class indices or numbers. */
export function defaultLoss(targets: Pick<TensorType, "dtype"> & Partial<TensorType>): LossName {
  return areClasses(targets) ? "softmaxCrossEntropy" : "meanSquaredError";
}

/** The loss of a name, and the accuracy that goes with it. */
export function lossByName(
  name: LossName,
  output: Tensor,
  targets: Tensor,
  options: { labelSmoothing?: number } = {},
): LossAndAccuracy {
  switch (name) {
    case "softmaxCrossEntropy": {
      checkClasses(name, output, targets);
      const right = accuracy(output, targets);
      return { loss: perExample(softmaxCrossEntropy(output, targets, options)), accuracy: right };
    }
    case "meanSquaredError":
      return { loss: perExample(meanSquaredError(output, targetsLike(name, output, targets))) };
    case "binaryCrossEntropy": {
      const numbers = targetsLike(name, output, targets);
      const right = binaryAccuracy(output, numbers);
      return { loss: perExample(binaryCrossEntropy(output, numbers)), accuracy: right };
    }
    default:
      throw new TypeError(`Cannot use loss "${name}": there are ${lossNames.join(", ")}`);
  }
}
