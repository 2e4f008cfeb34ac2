/** y = mean over the last axes of (prediction - target)^2 */
import type { Tensor } from "../../engine/tensor.ts";
import { checkTargets } from "./check_targets.ts";
import { mean } from "../reduction/reduce.ts";
import { square } from "../elementwise/square.ts";
import { sub } from "../elementwise/sub.ts";

/**
 * The mean squared error of each example: over all axes but the first.
 *
 * @param predictions float32 `[batch, ...]`.
 * @param targets float32 of the same shape.
 * @returns float32 `[batch]`.
 * @throws {RangeError} when the shapes differ: they are not stretched.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.meanSquaredError(tensor([[1, 2]]), tensor([[1, 4]])))).data], [2]);
 * ```
 */
export function meanSquaredError(predictions: Tensor, targets: Tensor): Tensor {
  checkTargets("meanSquaredError", predictions, targets);
  return mean(square(sub(predictions, targets)), predictions.shape.slice(1).map((_, i) => i + 1));
}
