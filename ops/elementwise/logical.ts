/** Truth values: and, or, exclusive or, not, element by element; shapes are stretched to fit. */
import { and, type Expr, not, or, select } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { elementwise } from "./elementwise.ts";

function logical(name: string, value: (...args: Expr[]) => Expr): Op<Record<string, never>> {
  return elementwise({ name, accepts: "bool", value: (args) => value(...args) });
}

const andOp = logical("logicalAnd", and);
const orOp = logical("logicalOr", or);
const xorOp = logical("logicalXor", (a, b) => select(a, not(b), b));
const notOp = logical("logicalNot", not);

/**
 * Whether both are true.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.logicalAnd(ops.greater(tensor([1, 5]), 0), ops.less(tensor([1, 5]), 3)))).data], [1, 0]);
 * ```
 */
export const logicalAnd = (a: Tensor, b: Tensor): Tensor => apply(andOp, [a, b], {});

/** Whether at least one is true. See {@linkcode logicalAnd}. */
export const logicalOr = (a: Tensor, b: Tensor): Tensor => apply(orOp, [a, b], {});

/** Whether just one of the two is true. See {@linkcode logicalAnd}. */
export const logicalXor = (a: Tensor, b: Tensor): Tensor => apply(xorOp, [a, b], {});

/** Whether it is false. See {@linkcode logicalAnd}. */
export const logicalNot = (a: Tensor): Tensor => apply(notOp, [a], {});
