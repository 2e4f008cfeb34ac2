/** y = sqrt(real^2 + imaginary^2) */
import type { Tensor } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { greater } from "../elementwise/compare.ts";
import { sqrt } from "../elementwise/sqrt.ts";
import { square } from "../elementwise/square.ts";
import { where } from "../elementwise/where.ts";
import type { Complex } from "./real_fourier.ts";

/**
 * How much there is of each frequency: the absolute values of complex numbers, such as {@linkcode stft} gives. Where both parts are
 * 0, the gradient is 0, too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const y = ops.magnitude({ real: tensor([3, 0]), imaginary: tensor([4, 0]) });
 * assertEquals([...(await compute(y)).data], [5, 0]);
 * ```
 */
export function magnitude({ real, imaginary }: Complex): Tensor {
  const power = add(square(real), square(imaginary));
  const isThere = greater(power, 0);
  return where(isThere, sqrt(where(isThere, power, 1)), 0);
}
