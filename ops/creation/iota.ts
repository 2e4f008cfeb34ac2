/** y[i] = i */
import { toF32, toU32 } from "../../engine/expression/expr.ts";
import { oneOf, whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

const iotaOp: Op<{ size: number; dtype: "float32" | "int32" | "uint32" }> = {
  name: "iota",
  inferShape: (_inputs, { size, dtype }) => ({ dtype, shape: [size] }),
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index: [i], attrs: { dtype } }) =>
      dtype === "float32" ? toF32(i) : dtype === "uint32" ? toU32(i) : i,
  },
};

/**
 * The numbers 0, 1, 2 ... below `size`. Takes no memory where it is used by other ops.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.iota(3))).data], [0, 1, 2]);
 * ```
 */
export function iota(size: number, dtype: "float32" | "int32" | "uint32" = "int32"): Tensor {
  readValue("apply iota", "size", size, whole());
  readValue("apply iota", "dtype", dtype, oneOf(["float32", "int32", "uint32"]));
  return apply(iotaOp, [], { size, dtype });
}
