/**
 * A shuffled order without a list: each position finds its place by itself. The swap-or-not shuffle: in each round a
 * position has one partner, and a coin that both of them see decides whether they change places. `data/permutation.ts`
 * computes the same order on the host.
 * Source: Hoang, Morris and Rogaway, "An enciphering scheme based on a card shuffle" (2012),
 * https://doi.org/10.1007/978-3-642-32009-5_1
 */
import {
  add,
  and,
  eq,
  type Expr,
  i32,
  lt,
  max,
  mul,
  rem,
  select,
  shr,
  sub,
  toI32,
  toU32,
  u32,
  xor,
} from "../../engine/expression/expr.ts";
import { whole } from "../../engine/option_kinds.ts";
import { optional, pickOptions, readValue, required } from "../../engine/options.ts";
import { MOST_ELEMENTS } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { full } from "../creation/full.ts";
import { wordKind } from "./random.ts";

/** Rounds; after some 6 log2(n) of them the order is close to even, and for batches fewer do. */
const ROUNDS = 32;

/** A quick hash whose every output bit depends on every input bit (the finalizer of MurmurHash3). */
function mix(x: Expr): Expr {
  let h = mul(xor(x, shr(x, 16)), u32(0x85ebca6b));
  h = mul(xor(h, shr(h, 13)), u32(0xc2b2ae35));
  return xor(h, shr(h, 16));
}

const shuffledOp: Op<{ size: number }> = {
  name: "shuffled",
  inferShape: ([position]) => {
    if (position.dtype === "int32") return { dtype: "int32", shape: position.shape };
    throw new TypeError(`Cannot apply shuffled to ${position.dtype}: it takes int32 positions (see cast)`);
  },
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, load, attrs: { size } }) => {
      const [seed, turn] = [load(1, []), load(2, [])];
      const key = mix(add(mul(seed, u32(0x9e3779b9)), mix(add(turn, u32(0x7f4a7c15)))));
      let place = load(0, index);
      for (let round = 0; round < ROUNDS; round++) {
        const word = mix(add(key, u32(Math.imul(round + 1, 0x9e3779b1))));
        const pivot = toI32(rem(word, u32(size)));
        const difference = sub(pivot, place);
        const partner = select(lt(difference, i32(0)), add(difference, i32(size)), difference);
        const coin = mix(xor(word, mul(toU32(max(place, partner)), u32(0xcc9e2d51))));
        place = select(eq(and(coin, u32(1)), u32(1)), partner, place);
      }
      return place;
    },
  },
  flops: ({ size }) => size * ROUNDS * 20,
};

/**
 * Where positions (`int32`, from 0 to `size` - 1) come to lie in a shuffled order: every position has a place of its
 * own. `seed` and `turn` (an epoch, say) choose the order; numbers or integer tensors `[]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * const { data } = await compute(ops.shuffled(ops.iota(5), 5, { seed: 1 }));
 * assertEquals([...data].sort(), [0, 1, 2, 3, 4]);
 * ```
 */
export function shuffled(
  position: Tensor,
  size: number,
  options: { seed: Tensor | number; turn?: Tensor | number },
): Tensor {
  const attempt = "apply shuffled";
  readValue(attempt, "size", size, whole(1, MOST_ELEMENTS));
  const { seed, turn } = pickOptions(attempt, options, {
    seed: required(wordKind),
    turn: optional(wordKind),
  });
  return apply(shuffledOp, [position, seed, turn ?? full([], 0, "uint32")], { size });
}
