/** What element-wise ops share: dtype and broadcasting rules, and numbers in the place of tensors. */
import type { DType } from "../../engine/array.ts";
import { holdsValue, quoted, whatItHolds } from "../../engine/element.ts";
import { type Expr, i32 } from "../../engine/expression/expr.ts";
import { broadcastShapes, formatShape, type Shape } from "../../engine/shape.ts";
import { apply, type MapBody, type Op, Tensor, type TensorType } from "../../engine/tensor.ts";
import { full } from "../creation/full.ts";

/** A tensor, or a number that stands for a tensor of that one value. */
export type TensorLike = Tensor | number;

/** Which element types an op takes. */
export type DTypeRule = "float" | "number" | "integer" | "bool" | "any";

const allowed: Record<DTypeRule, readonly DType[]> = {
  float: ["float32"],
  number: ["float32", "int32", "uint32"],
  integer: ["int32", "uint32"],
  bool: ["bool"],
  any: ["float32", "int32", "uint32", "uint8", "bool"],
};

/** What sets one element-wise op apart from another. */
export interface ElementwiseDefinition<A> {
  readonly name: string;
  readonly accepts: DTypeRule;
  /** The result's dtype; that of the inputs when left out. */
  readonly result?: DType;
  /** The result's element from the inputs' elements. */
  value(args: readonly Expr[], attrs: A): Expr;
  vjp?(cotangent: Tensor, node: Tensor<A>): readonly (Tensor | null)[];
  /** Operations per element, for `flops`. */
  readonly cost?: number;
  readonly isRising?: boolean;
  simplify?(node: Tensor<A>): Tensor | undefined;
}

/** Makes the op. */
export function elementwise<A = Record<string, never>>(definition: ElementwiseDefinition<A>): Op<A> {
  const { name, accepts, result, value, vjp, cost = 1, isRising, simplify } = definition;
  const body: MapBody<A> = {
    kind: "map",
    elementwise: true,
    value: ({ inputs, index, load, attrs }) =>
      value(inputs.map((input, i) => load(i, broadcastIndex(input.shape, index))), attrs),
  };
  return {
    name,
    inferShape: (inputs) => ({
      dtype: result ?? inputs[0].dtype,
      shape: checkElementwise(name, accepts, inputs),
    }),
    vjp,
    body,
    flops: (node) => node.size * cost,
    isRising,
    simplify,
  };
}

/** The place in an input that is stretched to the result's shape. */
export function broadcastIndex(shape: Shape, index: readonly Expr[]): Expr[] {
  return shape.map((size, axis) => size === 1 ? i32(0) : index[index.length - shape.length + axis]);
}

function checkElementwise(name: string, accepts: DTypeRule, inputs: readonly TensorType[]): Shape {
  const first = inputs[0].dtype;
  if (inputs.some((i) => i.dtype !== first) || !allowed[accepts].includes(first)) {
    throw new TypeError(
      `Cannot apply ${name} to ${inputs.map((i) => i.dtype).join(" and ")}: ` +
        `it takes ${inputs.length > 1 ? "inputs that are all " : ""}${
          allowed[accepts].join(" or ")
        } (see cast)`,
    );
  }
  const shape = broadcastShapes(...inputs.map((i) => i.shape));
  if (!shape) {
    throw new RangeError(
      `Cannot apply ${name} to shapes ${inputs.map((i) => formatShape(i.shape)).join(" and ")}: ` +
        `sizes have to be equal or 1, counted from the last axis`,
    );
  }
  return shape;
}

/**
 * Puts tensors in the place of numbers, with the dtype of the tensors beside them (float32 if there is none); throws
 * for a number that this dtype does not hold, as another number in its place would give a wrong result.
 */
export function lift(what: string, ...args: readonly TensorLike[]): Tensor[] {
  const dtype = args.find((a) => a instanceof Tensor)?.dtype ?? "float32";
  return args.map((a) => {
    if (a instanceof Tensor) return a;
    if (holdsValue(dtype, a)) return full([], a, dtype);
    if (!["number", "boolean"].includes(typeof a)) {
      throw new TypeError(`Cannot apply ${what} to ${quoted(a)}: it takes tensors and numbers (see tensor)`);
    }
    const error = typeof a === "number" ? RangeError : TypeError;
    throw new error(
      `Cannot apply ${what} to ${dtype} and ${quoted(a)}: ${
        whatItHolds(dtype)
      }, so another dtype is needed (see cast)`,
    );
  });
}

/** Applies an op without options to tensors and numbers. */
export function applyLifted(op: Op<Record<string, never>>, ...args: readonly TensorLike[]): Tensor {
  return apply(op, lift(op.name, ...args), {});
}
