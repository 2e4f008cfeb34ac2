/** The cross-entropy of softmax, from logits: numbers that softmax would turn into probabilities */
import { fraction } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { cast } from "../elementwise/cast.ts";
import { equal, less } from "../elementwise/compare.ts";
import { iota } from "../creation/iota.ts";
import { log } from "../elementwise/log.ts";
import { mul } from "../elementwise/mul.ts";
import { sum } from "../reduction/reduce.ts";
import { reshape } from "../movement/reshape.ts";
import { exponentials, softmax } from "../reduction/softmax.ts";
import { sub } from "../elementwise/sub.ts";
import { where } from "../elementwise/where.ts";

interface CrossEntropyAttrs {
  readonly labelSmoothing: number;
}

const crossEntropyOp: Op<CrossEntropyAttrs> = {
  name: "softmaxCrossEntropy",
  inferShape: ([logits, labels]) => {
    if (logits.dtype !== "float32" || !["int32", "uint32", "uint8"].includes(labels.dtype)) {
      throw new TypeError(
        `Cannot apply softmaxCrossEntropy to ${logits.dtype} logits and ${labels.dtype} labels: ` +
          `it takes float32 logits, and labels of int32, uint32 or uint8 (see cast)`,
      );
    }
    if (
      logits.shape.length < 1 || formatShape(logits.shape.slice(0, -1)) !== formatShape(labels.shape) ||
      logits.shape.at(-1) === 0
    ) {
      throw new RangeError(
        `Cannot apply softmaxCrossEntropy to logits ${formatShape(logits.shape)} and labels ` +
          `${formatShape(labels.shape)}: there has to be one label for each row of logits`,
      );
    }
    return { dtype: "float32", shape: labels.shape };
  },
  // p - q, times the gradient of the row
  vjp: (g, { inputs: [logits, labels], attrs: { labelSmoothing } }) => {
    const classes = logits.shape.at(-1)!;
    const all = labelSmoothing / classes;
    const column = reshape(cast(labels, "int32"), [...labels.shape, 1]);
    const q = where(equal(column, iota(classes)), 1 - labelSmoothing + all, all);
    const rows = reshape(g, column.shape);
    return [mul(rows, sub(softmax(logits), where(isClass(column, classes), q, NaN))), null];
  },
  body: { kind: "composite" },
  simplify: ({ inputs: [logits, labels], attrs: { labelSmoothing } }, rows) => {
    const [axis, classes] = [logits.rank - 1, logits.shape.at(-1)!];
    const { distance, top, total } = exponentials(logits, [axis], rows);
    // Chosen and not multiplied, as a masked class may be infinitely far away.
    const index = cast(labels, "int32");
    const isLabel = equal(reshape(index, [...labels.shape, 1]), iota(classes));
    const chosen = sub(sum(where(isLabel, logits, 0), axis), top);
    const hard = mul(chosen, 1 - labelSmoothing);
    const expected = labelSmoothing === 0
      ? chosen
      : add(hard, mul(sum(distance, axis), labelSmoothing / classes));
    return where(isClass(index, classes), sub(log(total), expected), NaN);
  },
};

/** Whether a label is the index of a class: without a sign, one below zero is far above them all. */
const isClass = (index: Tensor, classes: number) => less(cast(index, "uint32"), classes);

/**
 * The cross-entropy of softmax for each example: `-sum_k q_k ln p_k`, in nats. With smoothing s, q is `1 - s` at the
 * label plus `s / classes` everywhere.
 *
 * @param logits float32 `[..., classes]`.
 * @param labels Class indices, int32, uint32 or uint8 `[...]`.
 * @returns float32 `[...]`; NaN where the label is not the index of a class, infinity where its logit is minus infinity.
 * @throws {TypeError} for other dtypes.
 * @throws {RangeError} when the shapes do not fit, or smoothing is not from 0 up to but without 1.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const loss = ops.softmaxCrossEntropy(tensor([[0, 0]]), tensor(new Int32Array([1])));
 * assertAlmostEquals((await compute(loss)).data[0], Math.log(2), 1e-6);
 * ```
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  options: { labelSmoothing?: number } = {},
): Tensor {
  const { labelSmoothing } = pickOptions("apply softmaxCrossEntropy", options, {
    labelSmoothing: optional(fraction, 0),
  });
  return apply(crossEntropyOp, [logits, labels], { labelSmoothing });
}
