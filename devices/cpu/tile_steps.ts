/**
 * Steps of a tile's sum: each loads the panel's next columns, spreads one number of the left side per row over a register
 * and multiplies.
 *
 * What counts is instructions: an engine that checks the bounds of every load needs four for a number that is loaded and
 * spread, but one to spread a word of a register. So four numbers of the left side are loaded at once where they lie side
 * by side, be it four terms of a row or one term of four rows.
 */
import type { FunctionBuilder } from "./assembler.ts";
import { hasRelaxedSimd } from "./relaxed_simd.ts";

/** Vectors that engines keep in registers: of the sixteen there are on x64, they want one for themselves. */
const REGISTERS = 15;

/** The steps of a tile. */
export interface TileSteps {
  /** Writes steps with the left side at `at`; `move` is by how much it moves from step to step. */
  write(at: number, count: number, move: number): void;
  /** How many steps a loop may have in a round, the best first, where a step moves by `move`. */
  together(move: number): readonly number[];
}

/**
 * The steps of a tile.
 *
 * @param sums The sums, in locals, by row and vector.
 * @param offsets Where the rows of the left side are, from the tile's start.
 * @param panel A local with the place of the right side.
 * @param termStep From a term of the right side to the next one, in elements.
 */
export function tileSteps(
  f: FunctionBuilder,
  sums: readonly (readonly number[])[],
  offsets: readonly number[],
  panel: number,
  termStep: number,
): TileSteps {
  const vectors = sums[0].map(() => f.local("v128"));
  const spread = f.local("v128");
  const spare = Math.max(0, REGISTERS - vectors.length * (sums.length + 1) - 1);
  const loaded = Array.from({ length: Math.min(spare, sums.length) }, () => f.local("v128"));
  const groups = spare > 0 ? groupsOfFour(offsets) : new Map<number, number>();
  const fused = hasRelaxedSimd();

  const multiply = (row: number) =>
    vectors.forEach((vector, v) => {
      const sum = sums[row][v];
      if (fused) f.get(spread).get(vector).get(sum).op("f32x4_relaxed_madd").set(sum);
      else f.get(spread).get(vector).op("f32x4_mul").get(sum).op("f32x4_add").set(sum);
    });
  const place = (row: number, term: number) => (offsets[row] + term) * 4;

  const write = (at: number, count: number, move: number) => {
    // With a falling left side, `at` is the lowest place of these steps.
    const base = move < 0 ? -move * (count - 1) : 0;
    const quads = move === 1 ? count - count % 4 : 0;
    for (let k = 0; k < count; k++) {
      const term = base + k * move;
      const isQuad = k < quads;
      if (isQuad && k % 4 === 0) {
        loaded.forEach((local, row) => f.get(at).memory("v128_load", place(row, term)).set(local));
      }
      vectors.forEach((local, v) => f.get(panel).memory("v128_load", (k * termStep + v * 4) * 4).set(local));
      sums.forEach((_, row) => {
        const lane = isQuad ? undefined : groups.get(row);
        if (lane === 0) f.get(at).memory("v128_load", place(row, term)).set(loaded[0]);
        if (isQuad && row < loaded.length) f.spreadLane(loaded[row], k % 4);
        else if (lane !== undefined) f.spreadLane(loaded[0], lane);
        else f.get(at).memory("v128_load32_splat", place(row, term));
        f.set(spread);
        multiply(row);
      });
    }
  };
  const together = (move: number) => move === 1 ? [8, 12] : [10, 9, 8, 7, 6, 5];
  return { write, together };
}

/** Rows that lie in fours side by side, and which one of the four each is. */
function groupsOfFour(offsets: readonly number[]): Map<number, number> {
  const groups = new Map<number, number>();
  for (let row = 0; row + 4 <= offsets.length; row++) {
    const four = [0, 1, 2, 3];
    if (four.some((i) => offsets[row + i] !== offsets[row] + i)) continue;
    four.forEach((i) => groups.set(row + i, i));
    row += 3;
  }
  return groups;
}
