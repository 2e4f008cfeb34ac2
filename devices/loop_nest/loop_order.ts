/** Another order of a copy's loops, in which what it reads stays in the first cache. */
import type { Axis } from "../../engine/expression/expr.ts";
import { roundsOf } from "./loop_steps.ts";

/** Elements that stay in the first cache. */
const AT_HAND = 8192;

/**
 * A copy lays an array out in blocks of some columns, each with all rows: [..., blocks, ..., rows, columns of a block]. In
 * that order it reads a part of each row, and goes through all rows again for the next block. Where rows are those of
 * images, few at a time, all their blocks are copied before the next ones are read.
 */
export function besideRows(space: readonly Axis[], blocks: Axis): readonly Axis[] {
  const inside = space.slice(-2);
  if (inside.includes(blocks) || roundsOf([blocks, ...inside]) > AT_HAND) return space;
  return [...space.slice(0, -2).filter((a) => a !== blocks), blocks, ...inside];
}
