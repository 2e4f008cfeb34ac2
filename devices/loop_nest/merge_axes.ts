/**
 * Fewer, longer loops: two neighbouring loops become one where every index moves through both as through one. An
 * element-wise kernel over an image batch becomes a single flat loop.
 */
import { type Axis, axisValue, type Expr, visit } from "../../engine/expression/expr.ts";
import { indexSum, rewrite } from "../../engine/expression/index_math.ts";

/** Loops, and expressions over them. */
export interface LoopNest {
  /** Groups of loops, outermost first; only loops of one group are merged. */
  readonly groups: readonly (readonly Axis[])[];
  readonly exprs: readonly Expr[];
}

/** Merges what can be merged and drops loops of one round. */
export function mergeAxes(nest: LoopNest): LoopNest {
  let { exprs } = nest;
  const groups = nest.groups.map((axes) => {
    const result = axes.filter((a) => a.size !== 1);
    for (let i = result.length - 2; i >= 0; i--) {
      const [outer, inner] = [result[i], result[i + 1]];
      if (!moveAsOne(outer, inner, exprs)) continue;
      const merged: Axis = { name: `${outer.name}${inner.name}`, size: outer.size * inner.size };
      exprs = replaceBoth(exprs, outer, inner, merged);
      result.splice(i, 2, merged);
    }
    return result;
  });
  return { groups, exprs };
}

/** Whether the two loops only ever occur as `k * (outer * inner.size + inner)`. */
function moveAsOne(outer: Axis, inner: Axis, exprs: readonly Expr[]): boolean {
  const isAxis = (e: Expr, axis: Axis) => e.op === "axis" && e.source === axis;
  let together = true;
  const check = (e: Expr) => {
    if (e.op === "affine") {
      const coefficient = (axis: Axis) => e.coefficients[e.args.findIndex((a) => isAxis(a, axis))] ?? 0;
      if (coefficient(outer) !== coefficient(inner) * inner.size) together = false;
    } else if (e.args.some((a) => isAxis(a, outer) || isAxis(a, inner))) together = false;
  };
  visit(exprs, check);
  return together && !exprs.some((e) => isAxis(e, outer) || isAxis(e, inner));
}

function replaceBoth(exprs: readonly Expr[], outer: Axis, inner: Axis, merged: Axis): Expr[] {
  const memo = new Map<Expr, Expr>();
  const replace = (e: Expr): Expr | undefined => {
    if (e.op !== "affine") return undefined;
    const position = (axis: Axis) => e.args.findIndex((a) => a.op === "axis" && a.source === axis);
    const [kept, dropped] = [position(inner), position(outer)];
    if (kept < 0) return undefined;
    const terms = e.args.map((a, i) =>
      [i === kept ? axisValue(merged) : rewrite(a, replace, memo), e.coefficients[i]] as const
    );
    return indexSum(terms.filter((_, i) => i !== dropped), e.value);
  };
  return exprs.map((expr) => rewrite(expr, replace, memo));
}
