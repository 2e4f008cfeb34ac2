/**
 * First pass: an equal graph with fewer nodes. Each op may offer a cheaper equal of a node (`Op.simplify`);
 * nodes that do the same to the same inputs become one; nodes that nothing needs are gone because only what
 * the roots reach is rebuilt.
 */
import { topological } from "../graph/graph.ts";
import type { RowPolicy } from "./row_policy.ts";
import { leafAttrs, type Op, type Tensor, withInputs } from "../tensor.ts";

/** Rewrites the graph; gives, for each root in order, the tensor that takes its place. */
export function simplify(roots: readonly Tensor[], rows?: RowPolicy): Tensor[] {
  const replacement = new Map<Tensor, Tensor>();
  const known = new Map<string, Tensor>();
  const opIds = new Map<Op<never>, number>();
  const idOf = (op: Op<never>) => opIds.get(op) ?? opIds.set(op, opIds.size).size - 1;

  const settle = (tensor: Tensor): Tensor => {
    const done = replacement.get(tensor);
    if (done) return done;
    const inputs = tensor.inputs.map(settle);
    let result = withInputs(tensor, inputs);
    const cheaper = result.op.simplify?.(result, rows);
    if (cheaper) {
      result = settle(cheaper);
    } else {
      const key = keyOf(result, idOf(result.op as Op<never>));
      if (key !== undefined) {
        const same = known.get(key);
        if (same) result = same;
        else known.set(key, result);
      }
    }
    replacement.set(tensor, result);
    replacement.set(result, result);
    return result;
  };
  // In topological order the recursion above stays shallow.
  topological(roots).forEach(settle);
  return roots.map(settle);
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
