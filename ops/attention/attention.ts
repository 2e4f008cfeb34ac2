/** y = softmax(q k^T * scale, over the keys that a query may see) v */
import { finite, flag, fraction, objectThat } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { broadcastShapes, formatShape, sameShape } from "../../engine/shape.ts";
import type { Tensor, TensorType } from "../../engine/tensor.ts";
import { lessEqual } from "../elementwise/compare.ts";
import { iota } from "../creation/iota.ts";
import { logicalAnd } from "../elementwise/logical.ts";
import { matmul } from "../contraction/matmul.ts";
import { mul } from "../elementwise/mul.ts";
import { reshape } from "../movement/reshape.ts";
import { softmax } from "../reduction/softmax.ts";
import { dropout } from "../random/dropout.ts";
import type { RandomSource } from "../random/random.ts";
import { tensorKind } from "../tensor_kind.ts";
import { where } from "../elementwise/where.ts";

/** Options of {@linkcode scaledDotProductAttention}. */
export interface AttentionOptions {
  /** Whether query `i` sees keys 0 to `i` only. */
  readonly causal?: boolean;
  /** Bool, stretched to `[..., heads, tokens, keys]`: which keys a query may see. */
  readonly mask?: Tensor;
  /** What products of queries and keys are multiplied by; one over the root of the width when left out. */
  readonly scale?: number;
  /** Which part of the weights that keys have is set to zero at random, as in training; 0 when left out. */
  readonly dropout?: number;
  /** Draws what is set to zero; needed with `dropout`. */
  readonly random?: RandomSource;
}

/** Far below any product and yet finite, so that a row of nothing else has differences that are numbers. */
const UNSEEN = -1e30;

function checkInputs(q: Tensor, k: Tensor, v: Tensor): void {
  const describe = (t: TensorType) => `${t.dtype} ${formatShape(t.shape)}`;
  const refuse = (reason: string, Kind = RangeError): never => {
    throw new Kind(
      `Cannot apply scaledDotProductAttention to queries ${describe(q)}, keys ${describe(k)} and values ` +
        `${describe(v)}: ${reason}`,
    );
  };
  if ([q, k, v].some((t) => t.dtype !== "float32")) refuse("they have to be float32 (see cast)", TypeError);
  if (q.rank < 2 || k.rank !== q.rank || v.rank !== q.rank) {
    refuse("they have to have equally many axes, [..., heads, tokens, width]");
  }
  if (q.shape.at(-1) !== k.shape.at(-1)) refuse(`queries are ${q.shape.at(-1)} wide, keys ${k.shape.at(-1)}`);
  if (k.shape.at(-2) !== v.shape.at(-2)) {
    refuse(`there are ${k.shape.at(-2)} keys, but ${v.shape.at(-2)} values`);
  }
  const outer = (t: Tensor) => t.shape.slice(0, -3);
  if (!sameShape(k.shape.slice(0, -2), v.shape.slice(0, -2)) || !sameShape(outer(q), outer(k))) {
    refuse("their batch axes and the heads of keys and values have to be equal");
  }
  const [heads, groups] = [q.shape.at(-3) ?? 1, k.shape.at(-3) ?? 1];
  if (heads !== groups && !(groups > 0 && heads % groups === 0)) {
    refuse(`${heads} heads of queries cannot share ${groups} heads of keys evenly`);
  }
}

/** Which keys each query sees, or `undefined` if all. */
function seenBy(tokens: number, keys: number, { causal, mask }: AttentionOptions): Tensor | undefined {
  if (!causal) return mask;
  const before = lessEqual(iota(keys), reshape(iota(tokens), [tokens, 1]));
  return mask ? logicalAnd(mask, before) : before;
}

function checkMask(mask: Tensor, shape: readonly number[]): void {
  const common = broadcastShapes(mask.shape, shape);
  if (mask.dtype !== "bool" || !common || !sameShape(common, shape)) {
    throw new TypeError(
      `Cannot apply scaledDotProductAttention with a mask ${mask.dtype} ${formatShape(mask.shape)}: ` +
        `it has to be bool and to stretch to [..., heads, tokens, keys], ${formatShape(shape)}`,
    );
  }
}

/**
 * Attention: for each query, the mean of the values, weighted by the softmax of the query's products with the keys.
 * A query that may see no key at all gets zeros, and gives no gradient. Several heads of queries may share one of keys and
 * values (grouped queries): the first heads share the first one, and so on.
 *
 * @param q Queries, float32 `[..., heads, tokens, width]`.
 * @param k Keys, float32 `[..., heads or a divisor, keys, width]`.
 * @param v Values, float32 `[..., heads or a divisor, keys, value width]`.
 * @returns float32 `[..., heads, tokens, value width]`.
 *
 * @throws {TypeError} when an input is not float32, or the mask is not bool or does not fit.
 * @throws {RangeError} when shapes do not fit.
 *
 * Source: https://arxiv.org/abs/1706.03762
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const [q, k, v] = [tensor([[0], [0]]), tensor([[1], [2]]), tensor([[4], [6]])];
 * assertEquals([...(await compute(ops.scaledDotProductAttention(q, k, v, { causal: true }))).data], [4, 5]);
 * ```
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor {
  checkInputs(q, k, v);
  const [tokens, width] = q.shape.slice(-2);
  const keys = k.shape.at(-2)!;
  const { causal, mask, scale, dropout: rate, random } = readOptions(
    "apply scaledDotProductAttention",
    options,
    {
      causal: optional(flag, false),
      mask: optional(tensorKind),
      scale: optional(finite, 1 / Math.sqrt(Math.max(1, width))),
      dropout: optional(fraction, 0),
      random: optional(objectThat<RandomSource>("a RandomSource")),
    },
  );
  if (rate > 0 && !random) {
    throw new TypeError(
      `Cannot apply scaledDotProductAttention with dropout ${rate} and nothing that draws: random is a RandomSource`,
    );
  }
  const shape = [...q.shape.slice(0, -1), keys];
  if (mask) checkMask(mask, shape);
  // Heads of queries that share keys are so many more queries.
  const [heads, groups] = [q.shape.at(-3) ?? 1, k.shape.at(-3) ?? 1];
  const gathered = [...k.shape.slice(0, -2), groups > 0 ? heads / groups * tokens : 0];
  const products = matmul(reshape(q, [...gathered, width]), k, { transposeB: true });
  const scores = reshape(mul(products, scale), shape);
  const seen = seenBy(tokens, keys, { causal, mask });
  const shares = keys === 0 ? scores : softmax(seen ? where(seen, scores, UNSEEN) : scores);
  // Where all keys are masked, all have equal shares. A causal query sees at least the first key.
  const all = mask ? where(seen!, shares, 0) : shares;
  const given = random && rate > 0 ? dropout(all, rate, random) : all;
  const result = matmul(reshape(given, [...gathered, keys]), v);
  return reshape(result, [...q.shape.slice(0, -1), v.shape.at(-1)!]);
}
