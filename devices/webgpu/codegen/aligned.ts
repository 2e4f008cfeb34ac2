/** Loads and stores of four neighbours at once. */
import { type Axis, type Expr, visit } from "../../../engine/expression/expr.ts";
import { affineOf } from "../../../engine/expression/index_math.ts";

/** Whether four lanes read four neighbours that start at a multiple of four. */
export function isAligned(flat: Expr, lane: Axis | undefined): boolean {
  const { terms, constant } = affineOf(flat);
  if (constant % 4 !== 0) return false;
  let hasLane = false;
  for (const [atom, c] of terms) {
    if (atom.op === "axis" && atom.source === lane) {
      if (c !== 1) return false;
      hasLane = true;
    } else if (c % 4 !== 0 || lane && involves(atom, lane)) return false;
  }
  return hasLane;
}

function involves(e: Expr, axis: Axis): boolean {
  let found = false;
  visit([e], (part) => {
    if (part.op === "axis" && part.source === axis) found = true;
  });
  return found;
}
