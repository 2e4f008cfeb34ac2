/**
 * Kernels that go over rows several times: reductions of whole rows, and maps over the same rows that need their results. A
 * row stays at hand meanwhile, so that it is read from memory once.
 */
import { Evaluator } from "./evaluate.ts";
import { type Expr, visit } from "../expression/expr.ts";
import type { Group } from "./group.ts";
import { flatten, indexSum, unflatten } from "../expression/index_math.ts";
import { axesOf, type Loop } from "../expression/axes.ts";
import { keepsRows, type RowPolicy } from "./row_policy.ts";
import { sizeOf } from "../shape.ts";
import { overOf, sameLoops } from "./storage_choice.ts";
import type { MapBody, ReduceBody, Tensor } from "../tensor.ts";

/** The loops of a group over rows, and the positions that they stand for. */
export interface Rows {
  readonly space: readonly Loop[];
  readonly over: readonly Loop[];
  /** In what has one element for each row. */
  readonly row: Expr;
  /** In what has all elements of the rows. */
  readonly element: Expr;
}

/** The rows that a reduction goes along. */
export function rowsOf(reduce: Tensor): Rows {
  const overShape = overOf(reduce);
  const space = axesOf(reduce.shape);
  const over = axesOf(overShape, "r");
  const row = flatten(space.map((a) => a.value), reduce.shape);
  const within = flatten(over.map((a) => a.value), overShape);
  return { space, over, row, element: indexSum([[row, sizeOf(overShape)], [within, 1]]) };
}

/** The element of a group's member that a kernel over rows computes. */
export function memberValue(
  member: Tensor,
  { over, row, element }: Rows,
  evaluator: Evaluator,
  isWide: boolean,
): Expr {
  const context = evaluator.context(member, unflatten(isWide ? element : row, member.shape));
  return member.op.body.kind === "reduce"
    ? (member.op.body as ReduceBody<unknown>).value(context, over.map((a) => a.value))
    : (member.op.body as MapBody<unknown>).value(context);
}

/**
 * Whether a map or a reduction goes along the rows of a group's reductions, and reads the group's results in its own row, or
 * at its own place in it, only. `isStored` tells what has memory, leaves left out.
 */
export function fitsRows(
  tensor: Tensor,
  group: Group,
  policy: RowPolicy | undefined,
  isStored: (t: Tensor) => boolean,
): boolean {
  const [first] = group.reduces;
  if (!policy || !first || group.contraction) return false;
  const [count, length] = [first.size, sizeOf(overOf(first))];
  if (!keepsRows(policy, count, length)) return false;
  const isMap = tensor.op.body.kind === "map";
  if (isMap ? tensor.size !== count * length : !sameLoops(first, tensor)) return false;
  const rows = rowsOf(first);
  const loadsOf = (member: Tensor): { source: Tensor; index: Expr }[] => {
    const evaluator = new Evaluator((t) =>
      t !== member && (isStored(t) || t.op.body.kind === "leaf") ? { target: t, offset: 0 } : undefined
    );
    const loads: { source: Tensor; index: Expr }[] = [];
    visit([memberValue(member, rows, evaluator, member.op.body.kind === "map")], (e) => {
      if (e.op === "load") loads.push({ source: e.source as Tensor, index: e.args[0] });
    });
    return loads;
  };
  const loads = loadsOf(tensor);
  const along = new Set(loads.filter((l) => l.index === rows.element).map((l) => l.source));
  // Otherwise there is nothing in the row that is worth keeping.
  const shares = loadsOf(first).some((l) => l.index === rows.element && along.has(l.source)) ||
    [...along].some((t) => group.wide?.has(t));
  const isOwn = ({ source, index }: { source: Tensor; index: Expr }) =>
    !group.members.includes(source) || index === (group.wide?.has(source) ? rows.element : rows.row);
  return shares && loads.some((l) => group.members.includes(l.source)) && loads.every(isOwn);
}
