/** Code for loops around a body. */
import type { Axis, Expr } from "../../../engine/expression/expr.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import type { FunctionBuilder } from "./assembler.ts";
import type { ExprEmitter } from "./emit_expr.ts";

/** What code for loops needs: where it goes, and in which local each loop's index is. */
export interface LoopContext {
  readonly f: FunctionBuilder;
  readonly emitter: ExprEmitter;
  readonly locals: ReadonlyMap<Axis, number>;
}

/** Sets the indices of some loops from an item's number. */
export function decodeItem(
  f: FunctionBuilder,
  item: number,
  axes: readonly Axis[],
  locals: ReadonlyMap<Axis, number>,
): void {
  let stride = roundsOf(axes);
  for (const axis of axes) {
    stride /= axis.size;
    f.get(item);
    if (stride > 1) f.i32(stride).op("i32_div_u");
    if (axis !== axes[0]) f.i32(axis.size).op("i32_rem_u");
    f.set(locals.get(axis)!);
  }
}

/** Loops around a body, computing at each depth what stays the same inside of it. */
export function loopsAround(
  c: LoopContext,
  axes: readonly Axis[],
  depths: readonly number[],
  body: () => void,
): void {
  if (axes.length === 0) return body();
  const [axis, ...rest] = axes;
  const local = c.locals.get(axis)!;
  c.f.i32(0).set(local);
  c.f.countTo(
    local,
    () => c.f.i32(axis.size),
    1,
    () => loopAround(c, depths[0], () => loopsAround(c, rest, depths.slice(1), body)),
  );
}

/** A round of a loop: what stays the same inside of it, then its body. */
export function loopAround({ emitter }: LoopContext, depth: number, body: () => void): void {
  emitter.scope(() => {
    emitter.hoist(depth);
    body();
  });
}

/** Computes a value into a local of its own. */
export function inLocal({ f, emitter }: LoopContext, e: Expr, vector: boolean): number {
  const local = f.local(vector ? "v128" : e.type === "f32" ? "f32" : "i32");
  vector ? emitter.vector(e) : emitter.scalar(e);
  f.set(local);
  return local;
}
