/** y = x in another element type */
import type { DType } from "../../engine/array.ts";
import {
  constant,
  type Expr,
  halfToF32,
  max,
  min,
  ne,
  scalarType,
  toF32,
  toI32,
  toU32,
} from "../../engine/expression/expr.ts";
import { readValue } from "../../engine/options.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { broadcastIndex } from "./elementwise.ts";
import { dtypeKind } from "../creation/full.ts";
import { halfBits } from "./half.ts";

function convert(x: Expr, dtype: DType): Expr {
  switch (dtype) {
    case "float32":
      return toF32(x);
    case "float16":
      return halfBits(toF32(x));
    case "int32":
      return toI32(x);
    case "uint32":
      return toU32(x);
    case "uint8":
      if (x.type === "bool") return toU32(x);
      if (x.type === "u32") return min(x, constant("u32", 255));
      return toU32(min(max(x, constant(x.type, 0)), constant(x.type, 255)));
    case "bool":
      return x.type === "bool" ? x : ne(x, constant(x.type, 0));
  }
}

/** The number that a loaded element stands for. */
const valueOf = (element: Expr, dtype: DType) => dtype === "float16" ? halfToF32(element) : element;

const castOp: Op<{ dtype: DType }> = {
  name: "cast",
  inferShape: ([x], { dtype }) => ({ dtype, shape: x.shape }),
  // The gradient of halves is in halves, too.
  vjp: (g, { inputs: [x] }) => [cast(g, x.dtype === "float16" ? "float16" : "float32")],
  body: {
    kind: "map",
    elementwise: true,
    value: ({ inputs: [x], index, load, attrs }) =>
      convert(valueOf(load(0, broadcastIndex(x.shape, index)), x.dtype), attrs.dtype),
  },
  simplify: ({ inputs: [x], dtype }) =>
    x.dtype === dtype && scalarType(dtype) === scalarType(x.dtype) ? x : undefined,
};

/**
 * The same numbers as another dtype. Floats lose their fraction on the way to integers and stop at the ends of the
 * range; `uint8` stops at 0 and 255; `bool` is whether the number is not zero, and `true` is 1. `float16` is the nearest
 * half, infinite beyond 65,504; it can be moved and cast, but not computed with.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.cast(tensor([1.9, -1.9, 300]), "uint8"))).data], [1, 0, 255]);
 * ```
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  readValue("apply cast", "dtype", dtype, dtypeKind);
  return x.dtype === dtype ? x : apply(castOp, [x], { dtype });
}
