/** y[(i + shift) mod n] = x[i] along an axis */
import { MOST_ELEMENTS, normalizeAxis } from "../../engine/shape.ts";
import { whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { wrapAround } from "./wrap_around.ts";

/**
 * The elements moved by `shift` places along an axis (the last when left out); what leaves it at one end comes in at the
 * other. A shift below zero goes backwards.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.roll(tensor([1, 2, 3, 4]), 1))).data], [4, 1, 2, 3]);
 * ```
 */
export function roll(x: Tensor, shift: number, axis = -1): Tensor {
  const at = normalizeAxis("roll", x.shape, axis);
  readValue("apply roll", "shift", shift, whole(-MOST_ELEMENTS));
  return x.shape[at] === 0 ? x : wrapAround(x, at, -shift, x.shape[at]);
}
