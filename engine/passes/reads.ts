/** What stored tensors load, and where. */
import { sharedAxes } from "../expression/axes.ts";
import { type Expr, visit } from "../expression/expr.ts";
import { flatten } from "../expression/index_math.ts";
import { viewed } from "../graph/graph.ts";
import type { ReduceBody, Tensor } from "../tensor.ts";
import { Evaluator } from "./evaluate.ts";
import { contractionInputs, overOf } from "./storage_choice.ts";

/** How a stored tensor reads others: only the same element, or others too. */
export interface Reads {
  readonly same: ReadonlySet<Tensor>;
  readonly other: ReadonlySet<Tensor>;
}

/** What each stored tensor loads, in the order given. */
export function readsOf(order: readonly Tensor[], stored: ReadonlySet<Tensor>): Map<Tensor, Reads> {
  const axes = sharedAxes();
  const evaluator = new Evaluator((t) =>
    stored.has(t) || t.op.body.kind === "leaf" ? { target: t, offset: 0 } : undefined
  );
  return new Map(
    order.filter((t) => stored.has(t)).map((t) => [t, findReads(t, evaluator, axes)]),
  );
}

function findReads(tensor: Tensor, evaluator: Evaluator, axes: ReturnType<typeof sharedAxes>): Reads {
  const { body } = tensor.op;
  const same = new Set<Tensor>();
  const other = new Set<Tensor>();
  const index = axes(tensor.shape).map((a) => a.value);
  const here = flatten(index, tensor.shape);
  const collect = (expr: Expr, isOwn: boolean) =>
    visit([expr], (e) => {
      if (e.op !== "load") return;
      const source = e.source as Tensor;
      if (isOwn && e.args[0] === here && source.size === tensor.size) same.add(source);
      else other.add(source);
    });
  if (body.kind === "map") {
    collect(body.value(evaluator.context(tensor, index)), true);
  } else if (body.kind === "reduce") {
    const reduce = body as ReduceBody<unknown>;
    const over = axes(overOf(tensor), "r").map((a) => a.value);
    collect(reduce.value(evaluator.context(tensor, index), over), false);
  } else if (body.kind === "contraction") {
    const { left, right } = contractionInputs(tensor);
    for (const side of [left, right]) {
      collect(evaluator.at(side, axes(side.shape).map((a) => a.value)), false);
    }
  } else if (body.kind === "pack" || body.kind === "loop") {
    for (const input of tensor.inputs) other.add(viewed(input));
  }
  // A tensor that is also read elsewhere does not count as read in place.
  for (const t of other) same.delete(t);
  return { same, other };
}
