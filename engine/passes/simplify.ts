/**
 * First pass: an equal graph with fewer nodes. Each op may offer a cheaper equal of a node (`Op.simplify`);
 * nodes that do the same to the same inputs become one; nodes that nothing needs are gone because only what
 * the roots reach is rebuilt.
 */
import { rebuild } from "../graph/graph.ts";
import type { RowPolicy } from "./row_policy.ts";
import { leafAttrs, type Op, type Tensor } from "../tensor.ts";

/** Rewrites the graph; gives, for each root in order, the tensor that takes its place. */
export function simplify(roots: readonly Tensor[], rows?: RowPolicy): Tensor[] {
  const settled = new Map<Tensor, Tensor>();
  const known = new Map<string, Tensor>();
  const opIds = new Map<Op<never>, number>();
  const idOf = (op: Op<never>) => opIds.get(op) ?? opIds.set(op, opIds.size).size - 1;
  const settle = (tensors: readonly Tensor[]): Tensor[] =>
    rebuild(tensors, (_, copy) => {
      const cheaper = copy.op.simplify?.(copy, rows);
      const result = cheaper ? settle([cheaper])[0] : onlyOne(copy);
      settled.set(result, result);
      return result;
    }, settled);
  /** The first node that does the same. */
  const onlyOne = (tensor: Tensor): Tensor => {
    const key = keyOf(tensor, idOf(tensor.op as Op<never>));
    if (key === undefined) return tensor;
    const same = known.get(key) ?? tensor;
    known.set(key, same);
    return same;
  };
  return settle(roots);
}

/** What makes two nodes the same; `undefined` for leaves and loops that are only ever themselves. */
function keyOf(tensor: Tensor, opId: number): string | undefined {
  const attrs = leafAttrs(tensor);
  if (attrs && typeof attrs.data !== "number" || tensor.op.body.kind === "loop") return undefined;
  const inputs = tensor.inputs.map((input) => input.id);
  const value = attrs
    ? `${Object.is(attrs.data, -0) ? "-0" : attrs.data}`
    : JSON.stringify(tensor.attrs, exactly);
  return `${opId} ${tensor.dtype} ${tensor.shape} ${inputs} ${value}`;
}

/** JSON would write NaN, the infinities and -0 as something else. */
function exactly(_key: string, value: unknown): unknown {
  const special = typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0));
  return special ? Object.is(value, -0) ? "-0" : String(value) : value;
}
