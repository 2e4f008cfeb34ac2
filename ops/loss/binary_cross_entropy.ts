/** The cross-entropy of sigmoid: y = -t ln p - (1 - t) ln(1 - p), with p = 1 / (1 + e^-x) */
import {
  abs,
  add as addExpr,
  eq,
  exp,
  type Expr,
  f32,
  lt,
  mul as mulExpr,
  neg as negExpr,
  select,
  sub as subExpr,
} from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { checkTargets } from "./check_targets.ts";
import { greater } from "../elementwise/compare.ts";
import { elementwise } from "../elementwise/elementwise.ts";
import { log1pOfShare } from "../elementwise/log1p.ts";
import { mul } from "../elementwise/mul.ts";
import { neg } from "../elementwise/neg.ts";
import { sigmoid } from "../elementwise/sigmoid.ts";
import { sub } from "../elementwise/sub.ts";
import { where } from "../elementwise/where.ts";
import { sumTo } from "../elementwise/sum_to.ts";

/** A product in which zero is stronger than infinity. */
const share = (part: Expr, whole: Expr) => select(eq(part, f32(0)), f32(0), mulExpr(part, whole));

const binaryCrossEntropyOp: Op<Record<string, never>> = elementwise({
  name: "binaryCrossEntropy",
  accepts: "float",
  // What is missing for certainty, and what is wrong beyond that: nothing is taken from something nearly as large.
  value: ([x, t]) => {
    const missing = log1pOfShare(exp(negExpr(abs(x))));
    const isAbove = lt(f32(0), x);
    const part = select(isAbove, subExpr(f32(1), t), t);
    return addExpr(share(part, abs(x)), missing);
  },
  // p - t, from the side on which p is small
  vjp: (g, { inputs: [x, t] }) => {
    const above = sub(sub(1, t), sigmoid(neg(x)));
    const below = sub(sigmoid(x), t);
    return [sumTo(mul(g, where(greater(x, 0), above, below)), x.shape), sumTo(neg(mul(g, x)), t.shape)];
  },
  cost: 24,
});

/**
 * The cross-entropy of sigmoid, element by element, in nats: `-t ln p - (1 - t) ln(1 - p)`, without overflow.
 *
 * @param logits float32.
 * @param targets float32 from 0 to 1, of the same shape.
 * @throws {RangeError} when the shapes differ: they are not stretched.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const loss = ops.binaryCrossEntropy(tensor([0]), tensor([1]));
 * assertAlmostEquals((await compute(loss)).data[0], Math.log(2), 1e-6);
 * ```
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  checkTargets("binaryCrossEntropy", logits, targets);
  return apply(binaryCrossEntropyOp, [logits, targets], {});
}
