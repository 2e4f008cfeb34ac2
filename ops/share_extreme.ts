/** The gradient of maximum and minimum: to the input that was taken, and half to each where both are equal. */
import type { Tensor } from "../engine/tensor.ts";
import { equal } from "./compare.ts";
import { mul } from "./mul.ts";
import { sumTo } from "./sum_to.ts";
import { where } from "./where.ts";

/** `takesA` is true where the op gave `a` and `b` is different. */
export function shareExtreme(g: Tensor, a: Tensor, b: Tensor, takesA: Tensor): readonly [Tensor, Tensor] {
  const half = where(equal(a, b), mul(g, 0.5), 0);
  const toA = where(takesA, g, half);
  const toB = where(takesA, 0, where(equal(a, b), half, g));
  return [sumTo(toA, a.shape), sumTo(toB, b.shape)];
}
