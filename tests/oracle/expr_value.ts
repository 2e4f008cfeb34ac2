/** The number that an index expression is, for given loop indices. */
import type { Axis, Expr } from "../../engine/expression/expr.ts";

/** Integer semantics of devices, which divide without a sign: a negative dividend is an error here. */
export function valueOf(e: Expr, indices: ReadonlyMap<Axis, number>): number {
  const [a, b, c] = e.args.map((arg) => valueOf(arg, indices));
  switch (e.op) {
    case "const":
      return e.value;
    case "axis":
      return indices.get(e.source as Axis)!;
    case "affine":
      return e.args.reduce((sum, arg, i) => sum + e.coefficients[i] * valueOf(arg, indices), e.value);
    case "div":
    case "rem":
      if (a < 0) throw new Error(`Cannot take ${e.op} of ${a}: devices take it for a large number`);
      return e.op === "div" ? Math.floor(a / b) : a % b;
    case "lt":
      return +(a < b);
    case "le":
      return +(a <= b);
    case "and":
      return a & b;
    case "toU32":
      return a >>> 0;
    case "select":
      return a ? b : c;
    default:
      throw new Error(`Cannot evaluate ${e.op}`);
  }
}

/** Every combination of indices of some loops. */
export function* everyIndex(axes: readonly Axis[]): Generator<Map<Axis, number>> {
  const count = axes.reduce((n, a) => n * a.size, 1);
  for (let flat = 0; flat < count; flat++) {
    let rest = flat;
    const indices = new Map<Axis, number>();
    for (const axis of axes) {
      indices.set(axis, rest % axis.size);
      rest = Math.floor(rest / axis.size);
    }
    yield indices;
  }
}
