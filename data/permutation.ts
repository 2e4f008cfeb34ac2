/**
 * A seeded order of examples, computed on the host: the one that `fit` finds on the device. The swap-or-not shuffle: in
 * each round a position has one partner, and a coin that both of them see decides whether they change places.
 * Source: Hoang, Morris and Rogaway, "An enciphering scheme based on a card shuffle" (2012),
 * https://doi.org/10.1007/978-3-642-32009-5_1
 */
import { checkSeed } from "./random.ts";

/** Rounds; `ops/random/shuffle.ts` makes as many. */
const ROUNDS = 32;

/** A quick hash whose every output bit depends on every input bit (the finalizer of MurmurHash3). */
function mix(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** What chooses an order. Seeds of `fit` are below 2^32; of longer ones the upper half counts, too. */
function keyOf(seed: number, turn: number): number {
  const key = mix(Math.imul(seed, 0x9e3779b9) + mix(turn + 0x7f4a7c15));
  const upper = Math.floor(seed / 2 ** 32);
  return upper === 0 ? key : mix(key ^ mix(upper));
}

/**
 * Where a position comes to lie in the shuffled order of `size` positions.
 *
 * @param position From 0 to `size` - 1.
 * @param size From 1 to 2^31 - 1.
 * @param seed An integer from 0 to `Number.MAX_SAFE_INTEGER`.
 * @param turn Chooses another order for the same seed: the epoch.
 */
export function shuffledIndex(position: number, size: number, seed: number, turn: number): number {
  const key = keyOf(seed, turn);
  let place = position;
  for (let round = 0; round < ROUNDS; round++) {
    const word = mix(key + Math.imul(round + 1, 0x9e3779b1));
    const difference = word % size - place;
    const partner = difference < 0 ? difference + size : difference;
    const coin = mix(word ^ Math.imul(Math.max(place, partner), 0xcc9e2d51));
    if (coin & 1) place = partner;
  }
  return place;
}

/**
 * The integers 0 to `length` - 1 in an order that `seed` and `turn` define: the same one on every machine and device.
 *
 * @param length How many, from 0 to 2^31 - 1; else a `RangeError` is thrown.
 * @param seed An integer from 0 to `Number.MAX_SAFE_INTEGER`; else a `RangeError` is thrown.
 * @param turn Which of the seed's orders, from 0 to 2^32 - 1; else a `RangeError` is thrown.
 */
export function permutation(length: number, seed: number, turn = 0): Uint32Array {
  if (!Number.isInteger(length) || length < 0 || length >= 2 ** 31) {
    throw new RangeError(
      `Cannot permute ${length} elements: the length must be an integer from 0 to 2^31 - 1`,
    );
  }
  checkSeed(seed);
  if (!Number.isInteger(turn) || turn < 0 || turn >= 2 ** 32) {
    throw new RangeError(`Cannot permute for turn ${turn}: it must be an integer from 0 to 2^32 - 1`);
  }
  return Uint32Array.from({ length }, (_, i) => shuffledIndex(i, length, seed, turn));
}
