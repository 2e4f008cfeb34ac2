/**
 * Steps of a tile's sum: each loads the panel's next columns, spreads one number of the left side per row over a register
 * and multiplies.
 *
 * What counts is instructions: an engine that checks the bounds of every load needs four for a number that is loaded and
 * spread, but one to spread a word of a register. So four numbers of the left side are loaded at once where they lie side
 * by side, be it four terms of a row or one term of four rows.
 */
import type { FunctionBuilder } from "../codegen/assembler.ts";
import { hasRelaxedSimd } from "../runtime/relaxed_simd.ts";

/** Vectors that engines keep in registers: of the sixteen there are on x64, they want one for themselves. */
const REGISTERS = 15;

/** How many steps a loop may have in a round, the best first: where four terms are loaded at once, and elsewhere. */
const TOGETHER = { along: [8, 12], apart: [10, 9, 8, 7, 6, 5] };
/** A part of a sum takes the best count; the steps of a part are a multiple of both. */
export const PART_UNIT = 40;

/** The steps of a tile. */
export interface TileSteps {
  /** Writes so many steps, each of which moves the left side's place `at` by `step` and goes on in the panel. */
  write(at: number, count: number, step: number): void;
  /** How many steps a loop may have in a round, the best first. */
  together(step: number): readonly number[];
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
  const move = (local: number, elements: number) => {
    if (elements !== 0) f.get(local).i32(elements * 4).op("i32_add").set(local);
  };
  const load = (row: number, at: number, name: "v128_load" | "v128_load32_splat") =>
    f.get(at).memory(name, offsets[row] * 4);
  const spreadRow = (row: number, at: number, quad: number | undefined) => {
    const lane = groups.get(row);
    if (quad !== undefined && row < loaded.length) return f.spreadLane(loaded[row], quad);
    if (quad !== undefined || lane === undefined) return load(row, at, "v128_load32_splat");
    if (lane === 0) load(row, at, "v128_load").set(loaded[0]);
    return f.spreadLane(loaded[0], lane);
  };
  /** One step; `quad` is which one of the four that were loaded, if they were. */
  const multiplyAll = (at: number, quad?: number) => {
    vectors.forEach((local, v) => f.get(panel).memory("v128_load", v * 16).set(local));
    sums.forEach((_, row) => {
      spreadRow(row, at, quad).set(spread);
      multiply(row);
    });
    // Step by step, so that all steps have their operands at the same distances: a bound is then computed once.
    move(panel, termStep);
  };

  const write = (at: number, count: number, step: number) => {
    const quads = step === 1 ? Math.floor(count / 4) : 0;
    const isAllLoaded = loaded.length === sums.length;
    for (let k = 0; k < quads; k++) {
      loaded.forEach((local, row) => load(row, at, "v128_load").set(local));
      for (let quad = 0; quad < 4; quad++) {
        multiplyAll(at, quad);
        if (!isAllLoaded) move(at, 1);
      }
      if (isAllLoaded) move(at, 4);
    }
    for (let k = quads * 4; k < count; k++) {
      multiplyAll(at);
      move(at, step);
    }
  };
  const together = (step: number) => step === 1 ? TOGETHER.along : TOGETHER.apart;
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
