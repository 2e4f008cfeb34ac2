/** Bits of integers: and, or, exclusive or, not, shifts, element by element; shapes are stretched to fit. */
import {
  and,
  constant,
  type Expr,
  lt,
  ne,
  or,
  select,
  shl,
  shr,
  toU32,
  u32,
  xor,
} from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { applyLifted, elementwise, type TensorLike } from "./elementwise.ts";

type None = Record<string, never>;

const bits = (name: string, value: (a: Expr, b: Expr) => Expr): Op<None> =>
  elementwise({ name, accepts: "integer", value: ([a, b]) => value(a, b) });

const andOp = bits("bitwiseAnd", and);
const orOp = bits("bitwiseOr", or);
const xorOp = bits("bitwiseXor", xor);
const notOp: Op<None> = elementwise({
  name: "bitwiseNot",
  accepts: "integer",
  value: ([a]) => xor(a, constant(a.type, -1)),
});

/** Devices shift by numbers that are known, so one that is not is taken apart into powers of two. */
function shift(name: string, by: (a: Expr, bits: number) => Expr, beyond: (a: Expr) => Expr): Op<None> {
  return elementwise({
    name,
    accepts: "integer",
    value: ([a, count]) => {
      const words = toU32(count);
      const shifted = [1, 2, 4, 8, 16].reduce(
        (value, bit) => select(ne(and(words, u32(bit)), u32(0)), by(value, bit), value),
        a,
      );
      return select(lt(words, u32(32)), shifted, beyond(a));
    },
    cost: 12,
  });
}

const shiftLeftOp = shift("shiftLeft", shl, (a) => constant(a.type, 0));
const shiftRightOp = shift("shiftRight", shr, (a) => a.type === "i32" ? shr(a, 31) : u32(0));

/**
 * The bits that both have, of int32 or uint32. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.bitwiseAnd(tensor(new Int32Array([12, -1])), 10))).data], [8, 10]);
 * ```
 */
export const bitwiseAnd = (a: TensorLike, b: TensorLike): Tensor => applyLifted(andOp, a, b);

/** The bits that at least one has. See {@linkcode bitwiseAnd}. */
export const bitwiseOr = (a: TensorLike, b: TensorLike): Tensor => applyLifted(orOp, a, b);

/** The bits that just one has. See {@linkcode bitwiseAnd}. */
export const bitwiseXor = (a: TensorLike, b: TensorLike): Tensor => applyLifted(xorOp, a, b);

/** The bits that it does not have. See {@linkcode bitwiseAnd}. */
export const bitwiseNot = (a: Tensor): Tensor => apply(notOp, [a], {});

/**
 * `a` with its bits moved up by `count` places, of int32 or uint32; zeros come in. By 32 places or more (a count below
 * zero is one) nothing is left. Not differentiable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.shiftLeft(tensor(new Int32Array([1, 3])), 4))).data], [16, 48]);
 * ```
 */
export const shiftLeft = (a: TensorLike, count: TensorLike): Tensor => applyLifted(shiftLeftOp, a, count);

/** The same downwards; the sign comes in for int32, zeros for uint32. See {@linkcode shiftLeft}. */
export const shiftRight = (a: TensorLike, count: TensorLike): Tensor => applyLifted(shiftRightOp, a, count);
