/**
 * Kernels as plain loop nests, four elements at a time: everything but large contractions. The lane axis is the last
 * loop of the space or, for a sum along contiguous memory, the last loop of the reduction.
 */
import { type CombineRule, combineRule, partValue } from "../../engine/combine.ts";
import {
  accumulatorValue,
  type Axis,
  axisValue,
  dotValue,
  type Expr,
  type ScalarType,
} from "../../engine/expr.ts";
import { flatten, indexSum, rewrite } from "../../engine/index_math.ts";
import type { Combine } from "../../engine/tensor.ts";
import type { LoopKernel, LoopStore } from "../loop_kernel.ts";
import { mergeAxes } from "../merge_axes.ts";
import type { FunctionBuilder } from "./assembler.ts";
import { ExprEmitter, type MemoryMap, type Reach } from "./emit_expr.ts";
import type { Phase } from "./phase.ts";

interface Reduction {
  readonly rule: CombineRule;
  readonly value: Expr;
  readonly result: Expr;
  readonly parts: readonly Expr[];
}

const sizeOf = (axes: readonly Axis[]) => axes.reduce((n, a) => n * a.size, 1);
/** Elements of a flat loop that are one item. */
const BLOCK = 2048;
/** Vectors that are computed side by side where a reduction runs inside of the lanes. */
const WIDE = 4;

/** The loop nest as a phase. */
export function loopPhase(given: LoopKernel): Phase {
  const nest = new LoopNestPlan(given);
  return {
    label: given.label,
    items: nest.items,
    work: sizeOf(nest.space) * sizeOf(nest.over) * sizeOf(nest.dotOver),
    how: nest.how,
    emit: (f, memory) => nest.emit(f, memory),
  };
}

class LoopNestPlan {
  readonly space: readonly Axis[];
  readonly over: readonly Axis[];
  readonly dotOver: readonly Axis[];
  readonly items: number;
  readonly how: string;
  readonly #stores: LoopStore[];
  readonly #reductions: Reduction[] = [];
  readonly #dot: Reduction | undefined;
  readonly #lane: { axis: Axis; of: "space" | "over" } | undefined;
  /** Leading space loops that make up the items; the lane loop alone is cut into blocks. */
  readonly #itemAxes: readonly Axis[];
  readonly #innerAxes: readonly Axis[];

  constructor(given: LoopKernel) {
    const values = given.accumulators.map((a) => a.value);
    const merged = mergeAxes({
      groups: [given.space, given.over, given.dot?.over ?? []],
      exprs: [
        ...given.stores.flatMap((s) => [s.index, s.value]),
        ...values,
        ...given.dot ? [given.dot.product] : [],
      ],
    });
    [this.space, this.over, this.dotOver] = merged.groups;
    const { exprs } = merged;
    this.#stores = given.stores.map((s, i) => ({
      target: s.target,
      index: exprs[2 * i],
      value: exprs[2 * i + 1],
    }));
    const first = 2 * given.stores.length;
    given.accumulators.forEach(({ combine }, i) => {
      const value = exprs[first + i];
      this.#reductions.push(
        reduction(combine, value, i, accumulatorValue(i, resultType(combine, value.type))),
      );
    });
    if (given.dot) this.#dot = reduction("sum", exprs[first + values.length], 200, dotValue());
    this.#lane = this.#chooseLane();

    const outer = this.#lane?.of === "space" ? this.space.slice(0, -1) : this.space;
    let count = 0;
    for (let n = 1; count < outer.length && n < 64; count++) n *= outer[count].size;
    this.#itemAxes = outer.slice(0, count);
    this.#innerAxes = outer.slice(count);
    const lane = this.#lane;
    const isFlat = lane?.of === "space" && outer.length === 0;
    this.items = isFlat ? Math.ceil(lane.axis.size / this.#block) : sizeOf(this.#itemAxes);
    if (this.space.some((a) => a.size === 0)) this.items = 0;
    this.how = `loops, ${
      lane ? `four lanes along ${lane.of === "space" ? "the result" : "the sum"}` : "one by one"
    }`;
  }

  /** Fewer elements make an item when each takes long. */
  get #block(): number {
    const each = sizeOf(this.over) * sizeOf(this.dotOver);
    return Math.max(16, Math.ceil(BLOCK / Math.max(1, each) / 16) * 16);
  }

  get #isNested(): boolean {
    return this.#reductions.length > 0 && this.#dot !== undefined;
  }

  #chooseLane(): { axis: Axis; of: "space" | "over" } | undefined {
    const roots = [
      ...this.#stores.map((s) => s.value),
      ...this.#reductions.map((r) => r.value),
      ...this.#dot ? [this.#dot.value] : [],
    ];
    const inSpace = this.space.at(-1);
    const inOver = this.#isNested ? undefined : (this.#dot ? this.dotOver : this.over).at(-1);
    const spaceCost = inSpace && inSpace.size >= 3 ? ExprEmitter.unevenLoads(roots, inSpace) : Infinity;
    const overCost = inOver && inOver.size >= 8 ? ExprEmitter.unevenLoads(roots, inOver) : Infinity;
    if (spaceCost <= overCost && spaceCost < Infinity) return { axis: inSpace!, of: "space" };
    return overCost < Infinity ? { axis: inOver!, of: "over" } : undefined;
  }

  emit(f: FunctionBuilder, memory: MemoryMap): Reach {
    const emitter = new ExprEmitter(f, memory);
    const locals = new Map<Axis, number>();
    let depth = 1;
    const bind = (axis: Axis, at: number) => {
      locals.set(axis, f.local("i32"));
      emitter.bindAxis(axis, locals.get(axis)!, at);
    };
    this.#itemAxes.forEach((a) => bind(a, depth));
    const innerDepths = this.#innerAxes.map((a) => (bind(a, ++depth), depth));
    const laneInSpace = this.#lane?.of === "space" ? this.#lane.axis : undefined;
    if (laneInSpace) bind(laneInSpace, ++depth);
    const laneDepth = depth;
    const overDepths = this.over.map((a) => (bind(a, ++depth), depth));
    const dotDepths = this.dotOver.map((a) => (bind(a, ++depth), depth));
    emitter.setLane(this.#lane?.axis);
    const isWide = laneInSpace && (this.#reductions.length > 0 || this.#dot) && laneInSpace.size >= 4 * WIDE;
    const views = Array.from({ length: isWide ? WIDE : 1 }, (_, u) => this.#view(u));
    for (const view of views) {
      const reductions = [...view.reductions, ...view.dot ? [view.dot] : []];
      emitter.prepare([...view.stores.map((s) => s.value), ...reductions.map((r) => r.value)], view.stores);
    }

    const context: Context = { f, emitter, locals, overDepths, dotDepths, laneDepth, views };
    const item = f.local("i32");
    emitter.hoist(0);
    f.get(0).set(item);
    f.countTo(item, () => f.get(1), 1, () => {
      this.#decodeItem(f, item, locals);
      emitter.scope(() => {
        emitter.hoist(1);
        this.#loops(context, this.#innerAxes, innerDepths, () => {
          if (laneInSpace) this.#laneLoop(context, laneInSpace, item);
          else this.#point(context, 1, 4);
        });
      });
    });
    return emitter.reach;
  }

  /** The expressions `number` vectors further along the lane axis. */
  #view(number: number): View {
    const axis = this.#lane?.of === "space" ? this.#lane.axis : undefined;
    const memo = new Map<Expr, Expr>();
    const shifted = axis && number > 0 ? indexSum([[axisValue(axis), 1]], 4 * number) : undefined;
    const move = (e: Expr) =>
      shifted
        ? rewrite(e, (part) => part.op === "axis" && part.source === axis ? shifted : undefined, memo)
        : e;
    return {
      reductions: this.#reductions.map((r) => ({ ...r, value: move(r.value) })),
      dot: this.#dot && { ...this.#dot, value: move(this.#dot.value) },
      stores: this.#stores.map((s) => ({ ...s, index: move(s.index), value: move(s.value) })),
    };
  }

  #decodeItem(f: FunctionBuilder, item: number, locals: Map<Axis, number>): void {
    let stride = sizeOf(this.#itemAxes);
    for (const axis of this.#itemAxes) {
      stride /= axis.size;
      f.get(item);
      if (stride > 1) f.i32(stride).op("i32_div_u");
      if (axis !== this.#itemAxes[0]) f.i32(axis.size).op("i32_rem_u");
      f.set(locals.get(axis)!);
    }
  }

  /** Loops around a body, computing at each depth what stays the same inside of it. */
  #loops(c: Context, axes: readonly Axis[], depths: readonly number[], body: () => void): void {
    if (axes.length === 0) return body();
    const [axis, ...rest] = axes;
    const local = c.locals.get(axis)!;
    const isLane = axis === this.#lane?.axis;
    const end = isLane ? axis.size - axis.size % 4 : axis.size;
    c.f.i32(0).set(local);
    c.f.countTo(local, () => c.f.i32(end), isLane ? 4 : 1, () =>
      c.emitter.scope(() => {
        c.emitter.hoist(depths[0]);
        this.#loops(c, rest, depths.slice(1), body);
      }));
  }

  #laneLoop(c: Context, axis: Axis, item: number): void {
    const { f, emitter } = c;
    const local = c.locals.get(axis)!;
    const isFlat = this.#itemAxes.length === 0 && this.#innerAxes.length === 0 && this.space.length === 1;
    const tail = axis.size % 4;
    const full = axis.size - tail;
    const end = f.local("i32");
    const wide = this.#reductions.length > 0 || this.#dot ? WIDE : 1;
    if (isFlat && this.items > 1) {
      f.get(item).i32(this.#block).op("i32_mul").set(local);
      f.get(local).i32(this.#block).op("i32_add").set(end);
      f.get(end).i32(full).get(end).i32(full).op("i32_lt_s", "select").set(end);
    } else {
      f.i32(0).set(local).i32(full).set(end);
    }
    const round = (vectors: number, lanes: number) =>
      emitter.scope(() => {
        emitter.hoist(c.laneDepth);
        this.#point(c, vectors, lanes);
      });
    if (wide > 1 && full >= 4 * wide) {
      const wideEnd = f.local("i32");
      f.get(end).i32(4 * (wide - 1)).op("i32_sub").set(wideEnd);
      f.countTo(local, () => f.get(wideEnd), 4 * wide, () => round(wide, 4));
    }
    if (full > 0) f.countTo(local, () => f.get(end), 4, () => round(1, 4));
    if (tail > 0) {
      f.get(local).i32(full).op("i32_eq").if(() => round(1, tail));
    }
  }

  /** Everything for one point of the space, or for `vectors` times four neighbouring ones. */
  #point(c: Context, vectors: number, lanes: number): void {
    const outer = c.views.slice(0, vectors).map((view): Run => {
      const reductions = view.reductions.length > 0 ? view.reductions : view.dot ? [view.dot] : [];
      return { view, reductions, parts: reductions.map((r) => this.#startParts(c, r)) };
    });
    if (this.#reductions.length > 0) this.#reduce(c, this.over, c.overDepths, outer, this.#isNested);
    else if (this.#dot) this.#reduce(c, this.dotOver, c.dotDepths, outer, false);
    this.#finishAndStore(c, outer, this.#lane?.of === "space", lanes);
  }

  #startParts(c: Context, r: Reduction): number[] {
    const vector = this.#lane !== undefined;
    return r.rule.start.map((start) => {
      const local = c.f.local(vector ? "v128" : start.type === "f32" ? "f32" : "i32");
      vector ? c.emitter.vector(start) : c.emitter.scalar(start);
      c.f.set(local);
      return local;
    });
  }

  /** Runs the loops of reductions; with `dotInside`, each point first needs the contraction's sum. */
  #reduce(
    c: Context,
    axes: readonly Axis[],
    depths: readonly number[],
    runs: readonly Run[],
    dotInside: boolean,
  ): void {
    const { emitter } = c;
    const at = flatten(axes.map(axisValue), axes.map((a) => a.size));
    const laneOfOver = this.#lane?.of === "over" ? this.#lane.axis : undefined;
    const vector = this.#lane !== undefined;
    this.#loops(c, axes, depths, () => {
      for (const { view, reductions, parts } of runs) {
        emitter.scope(() => {
          if (dotInside) {
            const dot: Run = { view, reductions: [view.dot!], parts: [this.#startParts(c, view.dot!)] };
            this.#reduce(c, this.dotOver, c.dotDepths, [dot], false);
            emitter.bindValue(dotValue(), dot.parts[0][0], vector);
          }
          reductions.forEach((r, i) =>
            this.#update(c, r, parts[i], r.rule.step(r.parts, r.value, at), vector)
          );
        });
      }
    });
    if (laneOfOver) this.#finishLanes(c, axes, depths, runs[0], at);
  }

  /** After a sum along the lanes: the four lanes are joined, and the rest of the loop follows one by one. */
  #finishLanes(c: Context, axes: readonly Axis[], depths: readonly number[], run: Run, at: Expr): void {
    const { f, emitter } = c;
    const lane = axes.at(-1)!;
    run.reductions.forEach((r, i) => this.#joinLanes(c, r, run.parts[i]));
    const tail = lane.size % 4;
    if (tail === 0) return;
    emitter.setLane(undefined);
    this.#loops(c, axes.slice(0, -1), depths, () => {
      const local = c.locals.get(lane)!;
      f.i32(lane.size - tail).set(local);
      f.countTo(local, () => f.i32(lane.size), 1, () =>
        emitter.scope(() =>
          run.reductions.forEach((r, i) => {
            // Not a step: the first of equal positions may be here, although others came before.
            const joined = r.rule.merge(r.parts, r.rule.step(r.rule.start, r.value, at));
            this.#update(c, r, run.parts[i], joined, false);
          })
        ));
    });
    emitter.setLane(lane);
  }

  /** Computes new parts from old ones and only then puts them in their place. */
  #update(c: Context, r: Reduction, locals: readonly number[], next: readonly Expr[], vector: boolean): void {
    c.emitter.scope(() => {
      r.parts.forEach((part, i) => c.emitter.bindValue(part, locals[i], vector));
      c.emitter.share(next);
      next.forEach((e) => vector ? c.emitter.vector(e) : c.emitter.scalar(e));
      for (let i = next.length - 1; i >= 0; i--) c.f.set(locals[i]);
    });
  }

  /** Joins the four lanes of each part and puts scalar locals in the place of the vector ones. */
  #joinLanes(c: Context, r: Reduction, locals: number[]): void {
    const { f, emitter } = c;
    const types = r.rule.start.map((s) => s.type === "f32" ? "f32" as const : "i32" as const);
    const scalars = types.map((t) => f.local(t));
    const others = types.map((t) => f.local(t));
    const sideB = r.rule.start.map((s, i) => partValue(300, i, s.type, 1));
    const extract = (lane: number, into: readonly number[]) =>
      locals.forEach((local, i) => f.get(local).extractLane(types[i], lane).set(into[i]));
    extract(0, scalars);
    for (let lane = 1; lane < 4; lane++) {
      extract(lane, others);
      emitter.scope(() => {
        r.parts.forEach((part, i) => emitter.bindValue(part, scalars[i], false));
        sideB.forEach((part, i) => emitter.bindValue(part, others[i], false));
        const joined = r.rule.merge(r.parts, sideB);
        emitter.share(joined);
        joined.forEach((e) => emitter.scalar(e));
        for (let i = joined.length - 1; i >= 0; i--) f.set(scalars[i]);
      });
    }
    locals.splice(0, locals.length, ...scalars);
  }

  #finishAndStore(c: Context, runs: readonly Run[], vector: boolean, lanes: number): void {
    const { f, emitter } = c;
    if (!vector) emitter.setLane(undefined);
    const compute = (e: Expr) => {
      const local = f.local(vector ? "v128" : e.type === "f32" ? "f32" : "i32");
      vector ? emitter.vector(e) : emitter.scalar(e);
      f.set(local);
      return local;
    };
    for (const { view, reductions, parts } of runs) {
      emitter.scope(() => {
        reductions.forEach((r, i) => {
          r.parts.forEach((part, p) => emitter.bindValue(part, parts[i][p], vector));
          const finished = r.rule.finish(r.parts);
          emitter.share([finished]);
          emitter.bindValue(r.result, compute(finished), vector);
        });
        // All values first: a store may overwrite what another value is made from.
        const values = view.stores.map((s) => compute(s.value));
        view.stores.forEach((s, i) => {
          if (vector) emitter.storeVector(s.target, s.index, values[i], lanes);
          else emitter.storeScalar(s.target, s.index, values[i]);
        });
      });
    }
    emitter.setLane(this.#lane?.axis);
  }
}

/** The expressions for one of the vectors that are computed side by side. */
interface View {
  readonly reductions: readonly Reduction[];
  readonly dot: Reduction | undefined;
  readonly stores: readonly LoopStore[];
}

/** Reductions under way for one view, and the locals of their parts. */
interface Run {
  readonly view: View;
  readonly reductions: readonly Reduction[];
  readonly parts: number[][];
}

interface Context {
  readonly f: FunctionBuilder;
  readonly emitter: ExprEmitter;
  readonly locals: Map<Axis, number>;
  readonly overDepths: readonly number[];
  readonly dotDepths: readonly number[];
  readonly laneDepth: number;
  readonly views: readonly View[];
}

function resultType(combine: Combine, type: ScalarType): ScalarType {
  return combine === "argMax" || combine === "argMin" ? "i32" : type;
}

function reduction(combine: Combine, value: Expr, number: number, result: Expr): Reduction {
  const rule = combineRule(combine, value.type);
  return { rule, value, result, parts: rule.start.map((s, i) => partValue(number, i, s.type)) };
}
