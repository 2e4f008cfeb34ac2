/** A reduction in a loop nest: which values it takes in at once, and how four lanes become one number at its end. */
import { type Axis, axisValue, type Expr, i32, placeholder } from "../../../engine/expression/expr.ts";
import { indexSum, rewrite } from "../../../engine/expression/index_math.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import type { Reduction } from "../../loop_nest/reduction.ts";
import type { FunctionBuilder } from "./assembler.ts";
import type { ExprEmitter } from "./emit_expr.ts";

/** A reduction with its values in some rounds of its innermost loop. */
export interface TakenReduction extends Reduction {
  readonly values: readonly Expr[];
}

/** Values that are taken in at once: enough that they need not wait for each other. */
const AT_ONCE = 8;

/** How the rounds of an innermost loop are taken: `blocks` times `atOnce`, then `rest` more. */
export interface Rounds {
  readonly axis: Axis;
  /** How far the index moves from one value to the next: four where the lanes run along the loop. */
  readonly unit: 1 | 4;
  readonly atOnce: number;
  readonly blocks: number;
  /** Values behind the blocks, the last of which may have fewer lanes. */
  readonly rest: number;
  /** Lanes of that last value that are not in the loop any more. */
  readonly outside: number;
}

/** The rounds of a loop; short ones are taken all at once. */
export function roundsAlong(axis: Axis, unit: 1 | 4, isOneByOne: boolean): Rounds {
  const values = Math.ceil(axis.size / unit);
  const outside = values * unit - axis.size;
  const atOnce = isOneByOne ? 1 : values <= 1.5 * AT_ONCE ? values : AT_ONCE;
  const blocks = Math.floor((outside > 0 ? values - 1 : values) / atOnce);
  return { axis, unit, atOnce, blocks, rest: values - blocks * atOnce, outside };
}

/** An expression as it is `distance` further along a loop. */
export function shift(axis: Axis, distance: number): (e: Expr) => Expr {
  if (distance === 0) return (e) => e;
  const memo = new Map<Expr, Expr>();
  const shifted = indexSum([[axisValue(axis), 1]], distance);
  return (e) => rewrite(e, (p) => p.op === "axis" && p.source === axis ? shifted : undefined, memo);
}

/** An expression as it is in each of the rounds that are taken at once. */
export function inRounds(e: Expr, rounds: Rounds | undefined): Expr[] {
  if (!rounds) return [e];
  const { axis, unit, atOnce, rest } = rounds;
  return Array.from({ length: Math.max(atOnce, rest) }, (_, i) => shift(axis, i * unit)(e));
}

/** A window of no more elements is written out. */
const WINDOW = 16;

/** Whether loops are a small window, whose rounds can be written out. */
export function isWindow(axes: readonly Axis[]): boolean {
  const rounds = roundsOf(axes);
  return axes.length > 0 && rounds > 0 && rounds <= WINDOW;
}

/** An expression as it is in each of the rounds of some loops, in their order. */
export function inWindow(e: Expr, axes: readonly Axis[]): Expr[] {
  return axes.reduce(
    (all, axis) =>
      all.flatMap((part) =>
        Array.from(
          { length: axis.size },
          (_, i) => rewrite(part, (p) => p.op === "axis" && p.source === axis ? i32(i) : undefined),
        )
      ),
    [e],
  );
}

/** Where code for reductions goes. */
export interface Code {
  readonly f: FunctionBuilder;
  readonly emitter: ExprEmitter;
}

/** Locals for running parts, as they are before the first value. */
export function startParts(code: Code, r: Reduction, vector: boolean): number[] {
  const locals = r.rule.start.map((start) =>
    code.f.local(vector ? "v128" : start.type === "f32" ? "f32" : "i32")
  );
  resetParts(code, r, locals, vector);
  return locals;
}

/** Sets running parts to what they are before the first value. */
export function resetParts(
  { f, emitter }: Code,
  r: Reduction,
  locals: readonly number[],
  vector: boolean,
): void {
  r.rule.start.forEach((start, i) => {
    vector ? emitter.vector(start) : emitter.scalar(start);
    f.set(locals[i]);
  });
}

/** Joins two runs, given by the locals of their parts, in the first one, whose values came before. */
export function mergeParts(
  { f, emitter }: Code,
  r: Reduction,
  locals: readonly number[],
  others: readonly number[],
  vector: boolean,
): void {
  const sideB = r.rule.start.map((s) => placeholder(s.type));
  emitter.scope(() => {
    r.parts.forEach((part, i) => emitter.bindValue(part, locals[i], vector));
    sideB.forEach((part, i) => emitter.bindValue(part, others[i], vector));
    const joined = r.rule.merge(r.parts, sideB);
    emitter.share(joined);
    joined.forEach((e) => vector ? emitter.vector(e) : emitter.scalar(e));
    for (let i = joined.length - 1; i >= 0; i--) f.set(locals[i]);
  });
}

/** Computes new parts from old ones and only then puts them in their place. */
export function updateParts(
  { f, emitter }: Code,
  r: Reduction,
  locals: readonly number[],
  next: readonly Expr[],
  vector: boolean,
): void {
  emitter.scope(() => {
    r.parts.forEach((part, i) => emitter.bindValue(part, locals[i], vector));
    emitter.share(next);
    next.forEach((e) => vector ? emitter.vector(e) : emitter.scalar(e));
    for (let i = next.length - 1; i >= 0; i--) f.set(locals[i]);
  });
}

/** Stands for the lanes that are in the loop when `outside` of them are not. */
export function lanesInside({ f, emitter }: Code, outside: number): Expr {
  const inside = placeholder("bool");
  const local = f.local("v128");
  const [a, b, c, d] = [4, 3, 2, 1].map((needed) => outside < needed ? -1 : 0);
  f.v128([a, b, c, d]).set(local);
  emitter.bindValue(inside, local, true);
  return inside;
}

/** Joins the four lanes of each part, two and two, and puts scalar locals in the place of the vector ones. */
export function joinLanes(f: FunctionBuilder, emitter: ExprEmitter, r: Reduction, locals: number[]): void {
  const others = locals.map(() => f.local("v128"));
  for (const distance of [2, 1]) {
    locals.forEach((local, i) => f.rotateLanes(local, distance).set(others[i]));
    mergeParts({ f, emitter }, r, locals, others, true);
  }
  r.rule.start.forEach((start, i) => {
    const type = start.type === "f32" ? "f32" : "i32";
    const scalar = f.local(type);
    f.get(locals[i]).extractLane(type, 0).set(scalar);
    locals[i] = scalar;
  });
}
