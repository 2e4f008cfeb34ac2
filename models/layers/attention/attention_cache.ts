/** Attention to tokens that came in earlier pieces of a sequence: their keys and values are kept, newest last. */
import type { Tensor } from "../../../engine/tensor.ts";
import {
  add,
  type AttentionOptions,
  concat,
  greaterEqual,
  iota,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  reshape,
  scaledDotProductAttention,
  slice,
  sub,
  type Tensors,
} from "../../../ops/mod.ts";
import type { LayerContext } from "../../layer.ts";

/** The last of all keys or values, `[batch, heads, size, width]`. */
function lastOf(all: Tensor, size: number): Tensor {
  const [batch, heads, count, width] = all.shape;
  return slice(all, [0, 0, count - size, 0], [batch, heads, size, width]);
}

/**
 * What the tokens of a piece see, `[batch, heads, tokens, width]`: each sees itself and as many before it as there is room
 * for. Whether tokens come one by one or many together makes no difference.
 *
 * @param position How many tokens came before, `[batch]`.
 */
export function attendWithCache(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { keys, values }: Tensors,
  position: Tensor,
  handOn: LayerContext["handOn"],
  drops: Pick<AttentionOptions, "dropout" | "random">,
): Tensor {
  const [batch, , tokens] = query.shape;
  const size = keys.shape[2];
  const [allKeys, allValues] = [concat([keys, key], 2), concat([values, value], 2)];
  handOn("keys", lastOf(allKeys, size));
  handOn("values", lastOf(allValues, size));
  handOn("position", add(position, tokens));
  // Token `i` is number `size + i` of all.
  const token = reshape(iota(tokens), [tokens, 1]);
  const place = sub(iota(size + tokens), token);
  const inWindow = logicalAnd(greaterEqual(place, 1), lessEqual(place, size));
  // Room that no token has taken yet is in front.
  const isEmpty = less(iota(size + tokens), sub(size, reshape(position, [batch, 1, 1, 1])));
  const mask = logicalAnd(inWindow, logicalNot(isEmpty));
  return scaledDotProductAttention(query, allKeys, allValues, { mask, ...drops });
}
