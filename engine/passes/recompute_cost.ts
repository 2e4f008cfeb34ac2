/** What it costs to compute an element again, and how much of that is cheaper than to store and load it. */
import { type Expr, visit } from "../expression/expr.ts";
import type { Tensor } from "../tensor.ts";

/** A map this cheap is written out in every kernel that uses it, when there are several. */
export const CHEAP = 12;
/** Where a map's element is read many times over, only this much is done again each time. */
export const CHEAP_WHEN_REPEATED = 2;
/** A map over rows that costs more is kept for when it is needed again in a later sweep, if there is memory for it. */
export const CHEAP_IN_ROWS = 4;
/** A map that costs more is computed where what it is made of is at hand, and kept, though that is needed later. */
export const DEAR = 24;
/** A single number is computed once a kernel or once a thread, so it may cost more. */
export const CHEAP_SCALAR = 80;

const costs: Partial<Record<Expr["op"], number>> = {
  const: 0,
  axis: 0,
  load: 0,
  affine: 0,
  toF32: 0,
  exp: 8,
  log: 8,
  sin: 40,
  cos: 40,
  tanh: 10,
  pow: 60,
  div: 4,
  sqrt: 4,
};

/** What an expression costs, and the tensors that it loads from. */
export function weigh(expr: Expr): { cost: number; loads: Tensor[] } {
  let cost = 0;
  const loads = new Set<Tensor>();
  visit([expr], (e) => {
    if (e.op === "load") loads.add(e.source as Tensor);
    cost += costs[e.op] ?? 1;
  });
  return { cost, loads: [...loads] };
}
