/** Losses of classification, from logits: numbers that softmax or sigmoid would turn into probabilities */
import { fraction } from "../engine/option_kinds.ts";
import { optional, pickOptions } from "../engine/options.ts";
import { formatShape } from "../engine/shape.ts";
import type { Tensor } from "../engine/tensor.ts";
import { add } from "./add.ts";
import { checkTargets } from "./check_targets.ts";
import { greater } from "./compare.ts";
import { exp } from "./exp.ts";
import { log1p } from "./log1p.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { oneHot } from "./one_hot.ts";
import { logSumExp, sum } from "./reduce.ts";
import { relu } from "./relu.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";

/**
 * The cross-entropy of softmax for each example: `-sum_k q_k ln p_k`, in nats. With smoothing s, q is `1 - s` at the
 * label plus `s / classes` everywhere.
 *
 * @param logits float32 `[..., classes]`.
 * @param labels Class indices, int32, uint32 or uint8 `[...]`.
 * @returns float32 `[...]`.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, softmaxCrossEntropy, tensor } from "@gesso/gesso";
 *
 * const loss = softmaxCrossEntropy(tensor([[0, 0]]), tensor(new Int32Array([1])));
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
  const classes = logits.shape[logits.rank - 1];
  if (logits.rank < 1 || formatShape(logits.shape.slice(0, -1)) !== formatShape(labels.shape)) {
    throw new RangeError(
      `Cannot apply softmaxCrossEntropy to logits ${formatShape(logits.shape)} and labels ` +
        `${formatShape(labels.shape)}: there has to be one label for each row of logits`,
    );
  }
  const target = sum(mul(oneHot(labels, classes), logits), -1);
  const hard = mul(target, 1 - labelSmoothing);
  const expected = labelSmoothing === 0 ? hard : add(hard, mul(sum(logits, -1), labelSmoothing / classes));
  return sub(logSumExp(logits, -1), expected);
}

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
 * import { binaryCrossEntropy, compute, tensor } from "@gesso/gesso";
 *
 * const loss = binaryCrossEntropy(tensor([0]), tensor([1]));
 * assertAlmostEquals((await compute(loss)).data[0], Math.log(2), 1e-6);
 * ```
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  checkTargets("binaryCrossEntropy", logits, targets);
  // Minus the size of a logit. At zero its slope is one and that of relu is zero, so the gradient is right there, too.
  const below = where(greater(logits, 0), neg(logits), logits);
  return add(sub(relu(logits), mul(logits, targets)), log1p(exp(below)));
}
