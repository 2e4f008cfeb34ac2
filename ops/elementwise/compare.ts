/** Comparisons, element by element, to truth values; shapes are stretched to fit. */
import { eq, type Expr, le, lt, ne } from "../../engine/expression/expr.ts";
import type { Op, Tensor } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";

type None = Record<string, never>;

function comparison(name: string, value: (a: Expr, b: Expr) => Expr): Op<None> {
  return elementwise({ name, accepts: "number", result: "bool", value: ([a, b]) => value(a, b) });
}

const equalOp = comparison("equal", eq);
const notEqualOp = comparison("notEqual", ne);
const lessOp = comparison("less", lt);
const lessEqualOp = comparison("lessEqual", le);
const greaterOp = comparison("greater", (a, b) => lt(b, a));
const greaterEqualOp = comparison("greaterEqual", (a, b) => le(b, a));

/**
 * Whether `a == b`; `bool`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.equal(tensor([1, 2]), 2))).data], [0, 1]);
 * ```
 */
export const equal = (a: TensorLike, b: TensorLike): Tensor => applyLifted(equalOp, a, b);

/** Whether `a != b`; `bool`. See {@linkcode equal}. */
export const notEqual = (a: TensorLike, b: TensorLike): Tensor => applyLifted(notEqualOp, a, b);

/** Whether `a < b`; `bool`. See {@linkcode equal}. */
export const less = (a: TensorLike, b: TensorLike): Tensor => applyLifted(lessOp, a, b);

/** Whether `a <= b`; `bool`. See {@linkcode equal}. */
export const lessEqual = (a: TensorLike, b: TensorLike): Tensor => applyLifted(lessEqualOp, a, b);

/** Whether `a > b`; `bool`. See {@linkcode equal}. */
export const greater = (a: TensorLike, b: TensorLike): Tensor => applyLifted(greaterOp, a, b);

/** Whether `a >= b`; `bool`. See {@linkcode equal}. */
export const greaterEqual = (a: TensorLike, b: TensorLike): Tensor => applyLifted(greaterEqualOp, a, b);
