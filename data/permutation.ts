/** A seeded order of examples on the host, for splits and batches. */
import { Random } from "./random.ts";

/**
 * The integers 0 to `length` - 1 in an order that `seed` defines: the Fisher-Yates shuffle (Durstenfeld,
 * Communications of the ACM 7, 1964), driven by {@linkcode Random}. Same seed and length, same order, on every
 * machine.
 *
 * @param length How many, from 0 to 2^32 - 1; else a `RangeError` is thrown.
 * @param seed An integer from 0 to `Number.MAX_SAFE_INTEGER`; else a `RangeError` is thrown.
 */
export function permutation(length: number, seed: number): Uint32Array {
  if (!Number.isInteger(length) || length < 0 || length >= 2 ** 32) {
    throw new RangeError(
      `Cannot permute ${length} elements: the length must be an integer from 0 to 2^32 - 1`,
    );
  }
  const random = new Random(seed);
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  for (let i = length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order;
}
