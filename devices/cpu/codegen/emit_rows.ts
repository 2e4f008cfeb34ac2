/**
 * Kernels that go over rows several times, four elements of a row at a time. A row is an item; it stays in the first cache
 * from sweep to sweep.
 */
import { type Axis, axisValue, type Expr, select, visit } from "../../../engine/expression/expr.ts";
import { flatten } from "../../../engine/expression/index_math.ts";
import type { LoopKernel, LoopStore } from "../../loop_nest/loop_kernel.ts";
import { axesIn, roundsOf } from "../../loop_nest/loop_steps.ts";
import { mergeAxes } from "../../loop_nest/merge_axes.ts";
import { type Reduction, reductionOf } from "../../loop_nest/reduction.ts";
import type { FunctionBuilder } from "./assembler.ts";
import { ExprEmitter } from "./emit_expr.ts";
import type { MemoryMap } from "./expr_scope.ts";
import { decodeItem, inLocal, type LoopContext } from "./loop_code.ts";
import type { Reach } from "./memory_access.ts";
import type { Phase } from "./phase.ts";
import { joinLanes, lanesInside, shift, startParts, updateParts } from "./reduction.ts";
import { SumTiers } from "./sum_tiers.ts";

/** Vectors that are computed side by side, so that none waits for itself. */
const WIDE = 4;

/** One time through a row. */
interface RowSweep {
  readonly reductions: readonly Reduction[];
  readonly stores: readonly LoopStore[];
}

/** The kernel's loops, merged. */
interface RowNest {
  readonly space: readonly Axis[];
  readonly over: readonly Axis[];
  readonly sweeps: readonly RowSweep[];
  /** One for each row. */
  readonly stores: readonly LoopStore[];
}

/** A kernel that goes over rows as a phase. */
export function rowPhase(given: LoopKernel): Phase {
  const nest = mergedRows(given);
  const times = nest.sweeps.length;
  return {
    label: given.label,
    items: roundsOf(nest.space),
    work: times * roundsOf(nest.space) * roundsOf(nest.over),
    order: "rows",
    how: `rows, each ${times} times, four lanes along the row`,
    emit: (f, memory) => new RowEmitter(nest, f, memory).emit(),
  };
}

function mergedRows({ space, over, accumulators, sweeps, stores }: LoopKernel): RowNest {
  const all = [{ accumulators, stores: [] as readonly LoopStore[] }, ...sweeps];
  const exprs: Expr[] = [];
  const place = (e: Expr) => exprs.push(e) - 1;
  const placed = all.map((sweep) => ({
    values: sweep.accumulators.map((a) => ({ ...a, at: place(a.value) })),
    stores: sweep.stores.map((s) => ({ ...s, at: [place(s.index), place(s.value)] })),
  }));
  const last = stores.map((s) => ({ ...s, at: [place(s.index), place(s.value)] }));
  const merged = mergeAxes({ groups: [space, over], exprs });
  const found = <T extends LoopStore & { at: number[] }>({ target, at }: T): LoopStore => ({
    target,
    index: merged.exprs[at[0]],
    value: merged.exprs[at[1]],
  });
  return {
    space: merged.groups[0],
    over: merged.groups[1],
    sweeps: placed.map((sweep) => ({
      reductions: sweep.values.map((a) => reductionOf({ ...a, value: merged.exprs[a.at] })),
      stores: sweep.stores.map(found),
    })),
    stores: last.map(found),
  };
}

/** Writes such a kernel into a function. */
class RowEmitter {
  readonly #nest: RowNest;
  readonly #f: FunctionBuilder;
  readonly #emitter: ExprEmitter;
  readonly #locals = new Map<Axis, number>();
  readonly #depths = new Map<Axis, number>();
  readonly #lane: Axis;

  constructor(nest: RowNest, f: FunctionBuilder, memory: MemoryMap) {
    this.#nest = nest;
    this.#f = f;
    this.#emitter = new ExprEmitter(f, memory);
    this.#lane = nest.over.at(-1)!;
  }

  get #context(): LoopContext {
    return { f: this.#f, emitter: this.#emitter, locals: this.#locals };
  }

  emit(): Reach {
    const [f, emitter, { space, over, sweeps, stores }] = [this.#f, this.#emitter, this.#nest];
    [...space.map((axis) => [axis, 1] as const), ...over.map((axis, i) => [axis, 2 + i] as const)]
      .forEach(([axis, depth]) => {
        this.#locals.set(axis, f.local("i32"));
        this.#depths.set(axis, depth);
        emitter.bindAxis(axis, this.#locals.get(axis)!, depth);
      });
    emitter.setLane(this.#lane);
    const moved = Array.from({ length: WIDE }, (_, i) => shift(this.#lane, 4 * i));
    const inLanes = sweeps.flatMap((
      p,
    ) => [...p.reductions.map((r) => r.value), ...p.stores.map((s) => s.value)]);
    emitter.prepare(
      moved.flatMap((move) => inLanes.map(move)),
      sweeps.flatMap((p) => p.stores).flatMap((s) => moved.map((move) => ({ ...s, index: move(s.index) }))),
    );
    emitter.prepare(stores.map((s) => s.value), stores);
    const item = f.local("i32");
    emitter.hoist(0);
    f.get(0).set(item);
    f.countTo(item, () => f.get(1), 1, () => {
      decodeItem(f, item, space, this.#locals);
      emitter.scope(() => {
        emitter.hoist(1);
        sweeps.forEach((sweep) => this.#sweep(sweep));
        emitter.setLane(undefined);
        stores.forEach((s) => emitter.storeScalar(s.target, s.index, inLocal(this.#context, s.value, false)));
        emitter.setLane(this.#lane);
      });
    });
    return emitter.reach;
  }

  #sweep(sweep: RowSweep): void {
    const [f, emitter, lane] = [this.#f, this.#emitter, this.#lane];
    this.#bindInvariants([...sweep.reductions.map((r) => r.value), ...sweep.stores.map((s) => s.value)]);
    const parts = sweep.reductions.map((r) => startParts(this.#context, r, true));
    const local = this.#locals.get(lane)!;
    const tail = lane.size % 4;
    const full = lane.size - tail;
    const wide = full - full % (4 * WIDE);
    const outer = this.#nest.over.slice(0, -1);
    const tiers = new SumTiers(this.#context, [{ reductions: sweep.reductions, parts }], [
      ...outer.map((a) => a.size),
      Math.max(1, wide / (4 * WIDE)),
    ], true);
    const round = (vectors: number, lanes: number, tier: number) =>
      emitter.scope(() => {
        emitter.hoist(this.#depths.get(lane)!);
        this.#round(sweep, tiers.parts(tier, 0), vectors, lanes);
      });
    tiers.loopsAround(this.#context, outer, outer.map((a) => this.#depths.get(a)!), (tier) => {
      f.i32(0).set(local);
      if (wide > 0) {
        tiers.innermost(local, wide / (4 * WIDE), 4 * WIDE, tier, (at) => round(WIDE, 4, at));
      }
      if (full > wide) f.countTo(local, () => f.i32(full), 4, () => round(1, 4, tier));
      if (tail > 0) round(1, tail, tier);
    });
    sweep.reductions.forEach((r, i) => {
      joinLanes(f, emitter, r, parts[i]);
      r.parts.forEach((part, p) => emitter.bindValue(part, parts[i][p], false));
      const finished = r.rule.finish(r.parts);
      emitter.share([finished]);
      this.#bindForAll(r.result, inLocal(this.#context, finished, false));
    });
  }

  /** Some neighbouring vectors of a row, of which the last may have fewer lanes. */
  #round({ reductions, stores }: RowSweep, parts: readonly number[][], vectors: number, lanes: number): void {
    const emitter = this.#emitter;
    const moves = Array.from({ length: vectors }, (_, i) => shift(this.#lane, 4 * i));
    const place = flatten(this.#nest.over.map(axisValue), this.#nest.over.map((a) => a.size));
    const taken = reductions.map((r) => moves.map((move) => move(r.value)));
    const values = stores.flatMap((s) => moves.map((move) => move(s.value)));
    emitter.computeInterleaved([...taken.flat(), ...values]);
    const inside = lanes < 4 && reductions.length > 0 ? lanesInside(this.#context, 4 - lanes) : undefined;
    reductions.forEach((r, i) => {
      const given = taken[i].map((value) => inside ? select(inside, value, r.rule.neutral) : value);
      const next = r.rule.steps(r.parts, given, moves.map((move) => move(place)));
      updateParts(this.#context, r, parts[i], next, true);
    });
    // All values first: a store may overwrite what another value is made from.
    const locals = values.map((value) => inLocal(this.#context, value, true));
    stores.forEach((s, i) =>
      moves.forEach((move, v) => emitter.storeVector(s.target, move(s.index), locals[i * vectors + v], lanes))
    );
  }

  /** Computes, once for a row, what a sweep makes of the results of earlier ones alone. */
  #bindInvariants(roots: readonly Expr[]): void {
    const over = new Set(this.#nest.over);
    const varies = (e: Expr) => [...axesIn([e])].some((axis) => over.has(axis));
    const hasResults = (e: Expr) => {
      let found = false;
      visit([e], (part) => {
        if (part.op === "placeholder") found = true;
      });
      return found;
    };
    const seen = new Set<Expr>();
    const enter = (e: Expr) => {
      if (seen.has(e) || e.op === "placeholder") return;
      seen.add(e);
      if (varies(e)) e.args.forEach(enter);
      else if (hasResults(e)) this.#bindForAll(e, inLocal(this.#context, e, false));
    };
    roots.forEach(enter);
  }

  /** Has the value in a local stand for an expression, alone and in vectors. */
  #bindForAll(e: Expr, local: number): void {
    const f = this.#f;
    const spread = f.local("v128");
    f.get(local).op(e.type === "f32" ? "f32x4_splat" : "i32x4_splat").set(spread);
    this.#emitter.bindValue(e, local, false);
    this.#emitter.bindValue(e, spread, true);
  }
}
