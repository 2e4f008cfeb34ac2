/**
 * Draws tokens from what a model expects next, on the device: in the loop of a `scan`, a token that was drawn is the next
 * input and never visits the host.
 */
import { from, type Kind, numberThat, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../engine/options.ts";
import { formatShape, sameShape, type Shape } from "../engine/shape.ts";
import { Tensor } from "../engine/tensor.ts";
import { cumsum } from "../ops/cumulative/cumsum.ts";
import { full } from "../ops/creation/full.ts";
import { add } from "../ops/elementwise/add.ts";
import { greater, less } from "../ops/elementwise/compare.ts";
import { div } from "../ops/elementwise/div.ts";
import { log } from "../ops/elementwise/log.ts";
import { maximum } from "../ops/elementwise/maximum.ts";
import { mul } from "../ops/elementwise/mul.ts";
import { neg } from "../ops/elementwise/neg.ts";
import { where } from "../ops/elementwise/where.ts";
import { oneHot } from "../ops/movement/one_hot.ts";
import { expandDims, squeeze } from "../ops/movement/squeeze.ts";
import { type RandomOptions, randomUniform } from "../ops/random/random.ts";
import { argMax } from "../ops/reduction/reduce.ts";
import { softmax } from "../ops/reduction/softmax.ts";
import { topK as largest } from "../ops/sorting/sort.ts";
import { takeAt } from "../ops/sorting/take_at.ts";

/** How {@linkcode sampleLogits} draws. */
export interface SampleOptions extends RandomOptions {
  /**
   * What logits are divided by: 1, when left out, draws as the model expects; less is surer, and 0 takes the likeliest. A number
   * from 0, or a float32 tensor: one for all, `[]`, or one a row.
   */
  readonly temperature?: number | Tensor;
  /** How many of the likeliest tokens may be drawn, at least 1; all when left out, or if there are no more. */
  readonly topK?: number;
  /**
   * The likeliest tokens that have this probability together, after temperature and `topK`, may be drawn. A number above 0 and
   * up to 1, or a float32 tensor as for `temperature`; all when left out. At least one may always be drawn.
   */
  readonly topP?: number | Tensor;
}

/** No noise is infinite: uniform numbers begin here, half a step above 0. */
const LEAST_UNIFORM = 2 ** -25;

/** A probability is shared out by temperatures from here on; below, it is the likeliest token's alone. */
const LEAST_TEMPERATURE = 1e-6;

const orTensor = (kind: Kind<number>): Kind<number | Tensor> => ({
  says: `${kind.says}, or a float32 tensor`,
  read: (value) => value instanceof Tensor ? value.dtype === "float32" ? value : undefined : kind.read(value),
  isNumeric: true,
});

const sampleOptions = {
  temperature: optional(orTensor(from(0)), 1),
  topK: optional(whole(1)),
  topP: optional(orTensor(numberThat("above 0 and up to 1", (value) => value > 0 && value <= 1))),
};

/**
 * Draws a token for each row of logits, such as what a model gives for each stream of a batch: the same seed, counter and logits
 * draw the same tokens. In a loop, the counter is what tells its steps apart. It is the largest of logits with Gumbel noise
 * times the temperature, which is a draw from softmax(logits / temperature). Not differentiable.
 *
 * @param logits float32 `[..., tokens]`; minus infinity for what must not be drawn.
 * @returns int32 `[...]`, each from 0 up to but without `tokens`.
 * @throws {TypeError | RangeError} when logits are not float32 with at least one token, or an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, models, ops, scan, tensor } from "@gesso/gesso";
 *
 * // A model that counts up to 3 and begins again: the logits of the next token are a row of a table.
 * const table = tensor([[0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9], [9, 0, 0, 0]]);
 * const { ys } = scan(({ token }, _, position) => {
 *   const next = models.sampleLogits(ops.gather(table, token), { seed: 1, counter: position, temperature: 0.5, topK: 2, topP: 0.9 });
 *   return { carry: { token: next }, ys: { token: next } };
 * }, { carry: { token: tensor(new Int32Array([0, 2])) }, length: 3 });
 * assertEquals([...(await compute(ys.token)).data], [1, 3, 2, 0, 3, 1]); // two streams
 * ```
 */
export function sampleLogits(logits: Tensor, options: SampleOptions): Tensor {
  const attempt = "sample from logits";
  const tokens = checkLogits(attempt, logits);
  const { seed, counter, stream, ...own } = options ?? {};
  const { temperature, topK, topP } = readOptions(attempt, own, sampleOptions);
  const rows = logits.shape.slice(0, -1);
  const heat = perRow(attempt, "temperature", temperature, rows);
  const random = { seed, counter, stream };
  if (topK === undefined && topP === undefined) {
    return argMax(add(logits, mul(gumbel(logits.shape, random), heat)));
  }
  const { values, indices } = largest(logits, Math.min(topK ?? tokens, tokens));
  const noisy = add(values, mul(gumbel(values.shape, random), heat));
  const scores = topP === undefined ? noisy : where(
    isWithin(values, heat, maximum(perRow(attempt, "topP", topP, rows), LEAST_UNIFORM)),
    noisy,
    -Infinity,
  );
  return squeeze(takeAt(indices, expandDims(argMax(scores), -1), rows.length), -1);
}

/**
 * Logits in which tokens that were seen are less likely: positive ones are divided by the penalty, others multiplied.
 *
 * @param logits float32 `[..., tokens]`.
 * @param seen The same shape: above 0 for tokens that were seen; see {@linkcode markSeen}.
 * @param penalty At least 1, which changes nothing; 1.1 to 1.3 is usual.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, models, tensor } from "@gesso/gesso";
 *
 * const logits = models.penalizeRepetition(tensor([4, -1, 3]), tensor([1, 1, 0]), 2);
 * assertEquals([...(await compute(logits)).data], [2, -2, 3]);
 * ```
 */
export function penalizeRepetition(logits: Tensor, seen: Tensor, penalty: number): Tensor {
  const attempt = "penalize repetition";
  checkLogits(attempt, logits);
  readValue(attempt, "penalty", penalty, from(1));
  if (!sameShape(logits.shape, seen.shape)) {
    throw new RangeError(
      `Cannot ${attempt} in logits ${formatShape(logits.shape)} as seen is ${
        formatShape(seen.shape)
      }: both have one number a token`,
    );
  }
  const less = where(greater(logits, 0), div(logits, penalty), mul(logits, penalty));
  return where(greater(seen, 0), less, logits);
}

/**
 * What was seen, and these tokens: 1 for each that was, 0 for others. It begins as zeros, and is carried from step to step.
 *
 * @param seen float32 `[..., tokens]`.
 * @param token int32 `[...]`: one for each row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, models, ops, tensor } from "@gesso/gesso";
 *
 * const seen = models.markSeen(ops.zeros([2, 3]), tensor(new Int32Array([2, 0])));
 * assertEquals([...(await compute(seen)).data], [0, 0, 1, 1, 0, 0]);
 * ```
 */
export function markSeen(seen: Tensor, token: Tensor): Tensor {
  const tokens = checkLogits("mark what was seen", seen);
  if (!sameShape(token.shape, seen.shape.slice(0, -1))) {
    throw new RangeError(
      `Cannot mark tokens ${formatShape(token.shape)} as seen in ${
        formatShape(seen.shape)
      }: it takes one for each row`,
    );
  }
  return maximum(seen, oneHot(token, tokens));
}

/** The number of tokens. */
function checkLogits(attempt: string, logits: Tensor): number {
  const tokens = logits.shape.at(-1) ?? 0;
  if (logits.dtype === "float32" && tokens > 0) return tokens;
  throw new TypeError(
    `Cannot ${attempt} with ${logits.dtype} ${
      formatShape(logits.shape)
    }: it takes float32 [..., tokens], at least one token`,
  );
}

/** A setting for all rows, `[]`, or for each, `[..., 1]`. */
function perRow(attempt: string, name: string, value: number | Tensor, rows: Shape): Tensor {
  if (typeof value === "number") return full([], value);
  if (value.rank === 0) return value;
  if (sameShape(value.shape, rows)) return expandDims(value, -1);
  throw new RangeError(
    `Cannot ${attempt} with ${name} ${formatShape(value.shape)}: rows are ${
      formatShape(rows)
    }, and it takes one number for ` +
      `each or for all`,
  );
}

/** Noise such that the place of the largest of logits with it is a draw from their softmax. */
function gumbel(shape: Shape, random: RandomOptions): Tensor {
  return neg(log(neg(log(randomUniform(shape, { ...random, low: LEAST_UNIFORM })))));
}

/** Of values in falling order, those before which less than a probability lies: the first one always. */
function isWithin(values: Tensor, heat: Tensor, probability: Tensor): Tensor {
  const probabilities = softmax(div(values, maximum(heat, LEAST_TEMPERATURE)));
  return less(cumsum(probabilities, -1, { exclusive: true }), probability);
}
