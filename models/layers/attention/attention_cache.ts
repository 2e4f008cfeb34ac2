/**
 * Attention to tokens that came in earlier pieces of a sequence. Their keys and values are kept in a ring: token `t` lies at
 * `t % size`, so that a new one is written over the oldest, and nothing else moves.
 */
import type { Tensor } from "../../../engine/tensor.ts";
import {
  add,
  type AttentionOptions,
  broadcastTo,
  concat,
  equal,
  floorDiv,
  gather,
  iota,
  less,
  lessEqual,
  logicalAnd,
  mod,
  mul,
  reshape,
  scaledDotProductAttention,
  sub,
  type Tensors,
  transpose,
  where,
} from "../../../ops/mod.ts";
import type { LayerContext } from "../../layer.ts";

/** Keys and values, `[batch, heads, tokens, width]`. */
interface Pair {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** The keys, and the values, of both. */
const together = (a: Pair, b: Pair, join: (a: Tensor, b: Tensor) => Tensor): Pair => ({
  keys: join(a.keys, b.keys),
  values: join(a.values, b.values),
});

/**
 * What the tokens of a piece see, `[batch, heads, tokens, width]`: each sees itself and as many before it as there is room
 * for. Whether tokens come one by one or many together makes no difference.
 *
 * @param own Keys and values of the piece.
 * @param carry What was handed on: `keys` and `values`, and as `position` how many tokens came before, `[batch]`.
 */
export function attendWithCache(
  query: Tensor,
  own: Pair,
  carry: Tensors,
  handOn: LayerContext["handOn"],
  drops: Pick<AttentionOptions, "dropout" | "random">,
): Tensor {
  const [batch, , tokens] = query.shape;
  const size = carry.keys.shape[2];
  const position = reshape(carry.position, [batch, 1, 1, 1]);
  const before: Pair = { keys: carry.keys, values: carry.values };
  const after = tokens === 1 ? withOne(before, own, position) : withMany(before, own, carry.position);
  handOn("keys", after.keys);
  handOn("values", after.values);
  handOn("position", add(carry.position, tokens));
  const attend = ({ keys, values }: Pair, mask: Tensor) =>
    scaledDotProductAttention(query, keys, values, { mask, ...drops });
  // All that a single token sees is in the ring.
  if (tokens === 1) return attend(after, lessEqual(iota(size), position));
  const token = reshape(iota(tokens), [tokens, 1]);
  // How many tokens have come since the one at each place.
  const age = mod(sub(add(position, size - 1), iota(size)), size);
  const seenBefore = logicalAnd(less(age, position), less(add(age, token), size - 1));
  const distance = sub(token, iota(tokens));
  const seenOwn = logicalAnd(lessEqual(0, distance), less(distance, size));
  const seen = concat([seenBefore, broadcastTo(seenOwn, [batch, 1, tokens, tokens])], 3);
  return attend(together(before, own, (a, b) => concat([a, b], 2)), seen);
}

/** The ring with one token more. */
function withOne(ring: Pair, own: Pair, position: Tensor): Pair {
  const size = ring.keys.shape[2];
  const isPlace = equal(reshape(iota(size), [size, 1]), mod(position, size));
  return together(ring, own, (old, one) => where(isPlace, one, old));
}

/** The ring with several tokens more: of those that have one place, the last. */
function withMany(ring: Pair, own: Pair, position: Tensor): Pair {
  const [batch, heads, size, width] = ring.keys.shape;
  const tokens = own.keys.shape[2];
  // The first token of the piece that comes to each place, and the last one.
  const first = mod(sub(add(iota(size), size), reshape(mod(position, size), [batch, 1])), size);
  const last = add(first, mul(floorDiv(sub(tokens - 1, first), size), size));
  const isNew = reshape(less(first, tokens), [batch, 1, size, 1]);
  const row = add(where(less(first, tokens), last, 0), mul(reshape(iota(batch), [batch, 1]), tokens));
  return together(ring, own, (old, many) => {
    const rows = reshape(transpose(many, [0, 2, 1, 3]), [batch * tokens, heads * width]);
    const placed = transpose(reshape(gather(rows, row), [batch, size, heads, width]), [0, 2, 1, 3]);
    return where(isNew, placed, old);
  });
}
