/** The gradient of maximum and minimum: to the input that was taken, and half to each where neither is before the other. */
import type { Expr } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";
import { mul } from "./mul.ts";
import { sumTo } from "./sum_to.ts";
import { where } from "./where.ts";

type Gradient = NonNullable<Op["vjp"]>;

/** The gradient of an op that gives the input that is `before` the other one. */
export function shareExtreme(name: string, before: (a: Expr, b: Expr) => Expr): Gradient {
  const isBefore = elementwise({ name, accepts: "number", result: "bool", value: ([a, b]) => before(a, b) });
  return (g, { inputs: [a, b] }) => {
    const [takesA, takesB] = [apply(isBefore, [a, b], {}), apply(isBefore, [b, a], {})];
    const half = mul(g, 0.5);
    const toA: Tensor = where(takesA, g, where(takesB, 0, half));
    const toB: Tensor = where(takesB, g, where(takesA, 0, half));
    return [sumTo(toA, a.shape), sumTo(toB, b.shape)];
  };
}
