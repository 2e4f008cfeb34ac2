/** y_i = e^x_i / sum_j e^x_j along an axis */
import type { Tensor } from "../engine/tensor.ts";
import { exp } from "./exp.ts";
import { logSumExp } from "./reduce.ts";
import { sub } from "./sub.ts";

/**
 * `ln(softmax(x))` along an axis (the last when left out), without overflow.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, logSoftmax, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(logSoftmax(tensor([1000, 0])))).data], [0, -1000]);
 * ```
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return sub(x, logSumExp(x, axis, { keepDims: true }));
}

/**
 * Numbers turned into probabilities that sum to one along an axis (the last when left out).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, softmax, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(softmax(tensor([3, 3])))).data], [0.5, 0.5]);
 * ```
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  return exp(logSoftmax(x, axis));
}
