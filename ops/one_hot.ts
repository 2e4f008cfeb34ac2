/** y[..., k] = 1 where k is the label, else 0 */
import { eq, f32, select, toI32 } from "../engine/expr.ts";
import { apply, type Op, type Tensor } from "../engine/tensor.ts";

const oneHotOp: Op<{ classes: number }> = {
  name: "oneHot",
  inferShape: ([labels], { classes }) => {
    if (!["int32", "uint32", "uint8"].includes(labels.dtype) || !Number.isInteger(classes) || classes < 1) {
      throw new TypeError(
        `Cannot apply oneHot to ${labels.dtype} with ${classes} classes: ` +
          `it takes int32, uint32 or uint8 labels and at least one class`,
      );
    }
    return { dtype: "float32", shape: [...labels.shape, classes] };
  },
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, load }) => select(eq(toI32(load(0, index.slice(0, -1))), index.at(-1)!), f32(1), f32(0)),
  },
};

/**
 * Labels as rows that are one at the label and zero elsewhere; float32, with an axis of `classes` at the end. A label
 * outside gives zeros.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, oneHot, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(oneHot(tensor(new Int32Array([2])), 3))).data], [0, 0, 1]);
 * ```
 */
export function oneHot(labels: Tensor, classes: number): Tensor {
  return apply(oneHotOp, [labels], { classes });
}
