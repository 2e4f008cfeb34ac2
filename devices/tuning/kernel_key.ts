/** A name for what a kernel computes, the same in every run: its loops, and how its contraction moves through both sides. */
import { type Axis, axisValue, type Expr } from "../../engine/expression/expr.ts";
import { affineOf } from "../../engine/expression/index_math.ts";
import type { ContractionOperand, Kernel } from "../../engine/kernel.ts";

/** The name. Kernels of one name take the same time, however they are computed. */
export function kernelKey({ label, space, over, contraction, stores }: Kernel): string {
  const axes = [...space, ...over, ...contraction?.over ?? []];
  const sizes = (loops: readonly Axis[]) => loops.map((a) => a.size).join("x") || "1";
  const index = (e: Expr) => {
    const { terms, constant } = affineOf(e);
    const parts = [...terms].map(([atom, c]) => {
      const axis = axes.findIndex((a) => axisValue(a) === atom);
      return `${c === 1 ? "" : c}${axis < 0 ? atom.op : `a${axis}`}`;
    });
    if (constant !== 0 || parts.length === 0) parts.push(String(constant));
    return parts.join("+");
  };
  const side = ({ shape, index: place, at }: ContractionOperand) =>
    `${shape.join("x")}[${place.map(index).join(",")}]${at(place).op === "load" ? "" : " computed"}`;
  const sum = contraction &&
    ` sum ${sizes(contraction.over)} of ${side(contraction.left)} by ${side(contraction.right)}`;
  const results = stores.map((s) => s.target.dtype).join(",");
  return `${label}: ${sizes(space)}${over.length > 0 ? ` over ${sizes(over)}` : ""}${
    sum ?? ""
  } to ${results}`;
}
