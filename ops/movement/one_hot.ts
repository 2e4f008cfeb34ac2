/** y[..., k] = 1 where k is the label, else 0 */
import { eq, f32, select, toI32 } from "../../engine/expression/expr.ts";
import { inRange } from "../../engine/expression/index_math.ts";
import { whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

const oneHotOp: Op<{ classes: number }> = {
  name: "oneHot",
  inferShape: ([labels], { classes }) => {
    if (!["int32", "uint32", "uint8"].includes(labels.dtype)) {
      throw new TypeError(
        `Cannot apply oneHot to ${labels.dtype} with ${classes} classes: ` +
          `it takes int32, uint32 or uint8 labels`,
      );
    }
    return { dtype: "float32", shape: [...labels.shape, classes] };
  },
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, load, attrs: { classes } }) => {
      const label = toI32(load(0, index.slice(0, -1)));
      const isHere = select(eq(label, index.at(-1)!), f32(1), f32(0));
      return select(inRange(label, classes), isHere, f32(NaN));
    },
  },
};

/**
 * Labels as rows that are one at the label and zero elsewhere; float32, with an axis of `classes` at the end.
 *
 * A label that is not from 0 to `classes` - 1 can't be refused, as it is only known when the program runs: it gives a row
 * of NaN, so that nothing that is computed with it looks right.
 *
 * @throws {TypeError} when labels are no `int32`, `uint32` or `uint8`.
 * @throws {RangeError} when `classes` is no whole number from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.oneHot(tensor(new Int32Array([2])), 3))).data], [0, 0, 1]);
 * ```
 */
export function oneHot(labels: Tensor, classes: number): Tensor {
  return apply(oneHotOp, [labels], { classes: readValue("apply oneHot", "classes", classes, whole(1)) });
}
