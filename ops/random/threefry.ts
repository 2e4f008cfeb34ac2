/**
 * Threefry-2x32 with 20 rounds: a hash of a key and a counter, made of additions, rotations and exclusive ors, so it
 * gives the same bits on every device. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011),
 * https://doi.org/10.1145/2063384.2063405
 */
import { add, type Expr, or, shl, shr, u32, xor } from "../../engine/expression/expr.ts";

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];
const PARITY = 0x1bd11bda;

const rotate = (x: Expr, bits: number) => or(shl(x, bits), shr(x, 32 - bits));

/** Two words from a key and a counter of two words each (all `u32`). */
export function threefry(key: readonly [Expr, Expr], counter: readonly [Expr, Expr]): [Expr, Expr] {
  const keys = [key[0], key[1], xor(xor(key[0], key[1]), u32(PARITY))];
  let x0 = add(counter[0], keys[0]);
  let x1 = add(counter[1], keys[1]);
  for (let round = 0; round < 20; round++) {
    x0 = add(x0, x1);
    x1 = xor(rotate(x1, ROTATIONS[round % 8]), x0);
    if (round % 4 === 3) {
      const turn = (round + 1) / 4;
      x0 = add(x0, keys[turn % 3]);
      x1 = add(x1, add(keys[(turn + 1) % 3], u32(turn)));
    }
  }
  return [x0, x1];
}
