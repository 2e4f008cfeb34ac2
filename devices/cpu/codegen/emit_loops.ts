/**
 * Kernels as plain loop nests, four elements at a time: everything but large contractions. The lane axis is the last
 * loop of the space or, for a sum along contiguous memory, the last loop of the reduction.
 */
import { type Axis, axisValue, select } from "../../../engine/expression/expr.ts";
import { flatten } from "../../../engine/expression/index_math.ts";
import type { LoopKernel } from "../../loop_nest/loop_kernel.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import type { FunctionBuilder } from "./assembler.ts";
import { ExprEmitter } from "./emit_expr.ts";
import type { MemoryMap } from "./expr_scope.ts";
import { decodeItem, inLocal, type LoopContext, loopsAround } from "./loop_code.ts";
import { LoopNest, type View } from "./loop_nest.ts";
import type { Reach } from "./memory_access.ts";
import type { Phase } from "./phase.ts";
import {
  inRounds,
  inWindow,
  joinLanes,
  lanesInside,
  startParts,
  type TakenReduction,
  updateParts,
} from "./reduction.ts";
import { SumTiers } from "./sum_tiers.ts";

/** The loop nest as a phase. */
export function loopPhase(given: LoopKernel): Phase {
  const nest = new LoopNest(given);
  return {
    label: given.label,
    items: nest.items,
    work: roundsOf(nest.space) * roundsOf(nest.over) * roundsOf(nest.dotOver) * nest.effort,
    how: nest.how,
    order: nest.order,
    emit: (f, memory) => new LoopEmitter(nest).emit(f, memory),
  };
}

/** Writes a loop nest into a function. */
class LoopEmitter {
  readonly #nest: LoopNest;

  constructor(nest: LoopNest) {
    this.#nest = nest;
  }

  emit(f: FunctionBuilder, memory: MemoryMap): Reach {
    const emitter = new ExprEmitter(f, memory);
    const locals = new Map<Axis, number>();
    let depth = 1;
    const bind = (axis: Axis, at: number) => {
      locals.set(axis, f.local("i32"));
      emitter.bindAxis(axis, locals.get(axis)!, at);
    };
    this.#nest.itemAxes.forEach((a) => bind(a, depth));
    const innerDepths = this.#nest.innerAxes.map((a) => (bind(a, ++depth), depth));
    const laneInSpace = this.#nest.lane?.of === "space" ? this.#nest.lane.axis : undefined;
    if (laneInSpace) bind(laneInSpace, ++depth);
    const laneDepth = depth;
    const overDepths = this.#nest.over.map((a) => (bind(a, ++depth), depth));
    const dotDepths = this.#nest.dotOver.map((a) => (bind(a, ++depth), depth));
    emitter.setLane(this.#nest.lane?.axis);
    const views = this.#nest.views();
    for (const view of views) {
      const reductions = [...view.reductions, ...view.dot ? [view.dot] : []];
      emitter.prepare(
        [...view.stores.map((s) => s.value), ...reductions.flatMap((r) => r.values)],
        view.stores,
      );
    }

    const context: Context = { f, emitter, locals, overDepths, dotDepths, laneDepth, views };
    const item = f.local("i32");
    emitter.hoist(0);
    f.get(0).set(item);
    f.countTo(item, () => f.get(1), 1, () => {
      decodeItem(f, item, this.#nest.itemAxes, locals);
      emitter.scope(() => {
        emitter.hoist(1);
        loopsAround(context, this.#nest.innerAxes, innerDepths, () => {
          if (laneInSpace) this.#laneLoop(context, laneInSpace, item);
          else this.#point(context, 1, 4);
        });
      });
    });
    return emitter.reach;
  }

  #laneLoop(c: Context, axis: Axis, item: number): void {
    const { f, emitter } = c;
    const local = c.locals.get(axis)!;
    const isFlat = this.#nest.itemAxes.length === 0 && this.#nest.innerAxes.length === 0 &&
      this.#nest.space.length === 1;
    const tail = axis.size % 4;
    const full = axis.size - tail;
    const end = f.local("i32");
    const wide = c.views.length;
    if (isFlat && this.#nest.items > 1) {
      f.get(item).i32(this.#nest.block).op("i32_mul").set(local);
      f.get(local).i32(this.#nest.block).op("i32_add").set(end);
      f.get(end).i32(full).get(end).i32(full).op("i32_lt_s", "select").set(end);
    } else {
      f.i32(0).set(local).i32(full).set(end);
    }
    const round = (vectors: number, lanes: number) =>
      emitter.scope(() => {
        emitter.hoist(c.laneDepth);
        this.#point(c, vectors, lanes);
      });
    if (this.#nest.isShort) return round(wide, 4);
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
      return {
        view,
        reductions,
        parts: reductions.map((r) => startParts(c, r, this.#nest.lane !== undefined)),
      };
    });
    if (this.#nest.reductions.length > 0) {
      this.#reduce(c, this.#nest.over, c.overDepths, outer, this.#nest.isNested);
    } else if (this.#nest.dot) this.#reduce(c, this.#nest.dotOver, c.dotDepths, outer, false);
    this.#finishAndStore(c, outer, this.#nest.lane?.of === "space", lanes);
  }

  /** Runs the loops of reductions; with `dotInside`, each point first needs the contraction's sum. */
  #reduce(
    c: Context,
    axes: readonly Axis[],
    depths: readonly number[],
    runs: readonly Run[],
    dotInside: boolean,
  ): void {
    const { f, emitter } = c;
    const rounds = this.#nest.isWrittenOut ? undefined : this.#nest.rounds(axes);
    const place = flatten(axes.map(axisValue), axes.map((a) => a.size));
    const at = this.#nest.isWrittenOut ? inWindow(place, axes) : inRounds(place, rounds);
    const isOnly = this.#nest.isWrittenOut ||
      axes.length < 2 && (!rounds || rounds.blocks + (rounds.rest > 0 ? 1 : 0) === 1);
    const vector = this.#nest.lane !== undefined;
    const tiers = new SumTiers(c, runs, [
      ...axes.slice(0, -1).map((a) => a.size),
      Math.max(1, rounds?.blocks ?? 1),
    ], vector);
    const take = (count: number, outside: number, tier: number) => {
      const inside = outside > 0 ? lanesInside(c, outside) : undefined;
      runs.forEach(({ view, reductions }, number) => {
        emitter.scope(() => {
          if (dotInside) {
            const dot: Run = { view, reductions: [view.dot!], parts: [startParts(c, view.dot!, vector)] };
            this.#reduce(c, this.#nest.dotOver, c.dotDepths, [dot], false);
            emitter.bindValue(view.dot!.result, dot.parts[0][0], vector);
          }
          reductions.forEach((r, i) => {
            const values = r.values.slice(0, count);
            if (inside) values.push(select(inside, values.pop()!, r.rule.neutral));
            const next = r.rule.steps(isOnly ? undefined : r.parts, values, at.slice(0, count));
            updateParts(c, r, tiers.parts(tier, number)[i], next, vector);
          });
        });
      });
    };
    if (!rounds) return take(at.length, 0, 0);
    tiers.loopsAround(c, axes.slice(0, -1), depths, (tier) => {
      const { axis, unit, atOnce, blocks, rest, outside } = rounds;
      const local = c.locals.get(axis)!;
      const round = (count: number, missing: number, at: number) =>
        emitter.scope(() => {
          emitter.hoist(depths.at(-1)!);
          take(count, missing, at);
        });
      f.i32(0).set(local);
      if (blocks > 0) {
        tiers.innermost(local, blocks, atOnce * unit, tier, (at) => round(atOnce, 0, at));
      }
      if (rest > 0) round(rest, outside, tier);
    });
    if (rounds.unit === 4) {
      runs[0].reductions.forEach((r, i) => joinLanes(f, emitter, r, runs[0].parts[i]));
    }
  }

  #finishAndStore(c: Context, runs: readonly Run[], vector: boolean, lanes: number): void {
    const { emitter } = c;
    if (!vector) emitter.setLane(undefined);
    if (runs.length > 1 && this.#nest.reductions.length === 0 && !this.#nest.dot) {
      emitter.computeInterleaved(runs.flatMap(({ view }) => view.stores.map((s) => s.value)));
    }
    for (const { view, reductions, parts } of runs) {
      emitter.scope(() => {
        reductions.forEach((r, i) => {
          r.parts.forEach((part, p) => emitter.bindValue(part, parts[i][p], vector));
          const finished = r.rule.finish(r.parts);
          emitter.share([finished]);
          emitter.bindValue(r.result, inLocal(c, finished, vector), vector);
        });
        // All values first: a store may overwrite what another value is made from.
        const values = view.stores.map((s) => inLocal(c, s.value, vector));
        view.stores.forEach((s, i) => {
          if (vector) emitter.storeVector(s.target, s.index, values[i], lanes);
          else emitter.storeScalar(s.target, s.index, values[i]);
        });
      });
    }
    emitter.setLane(this.#nest.lane?.axis);
  }
}

/** Reductions under way for one view, and the locals of their parts. */
interface Run {
  readonly view: View;
  readonly reductions: readonly TakenReduction[];
  readonly parts: number[][];
}

interface Context extends LoopContext {
  readonly overDepths: readonly number[];
  readonly dotDepths: readonly number[];
  readonly laneDepth: number;
  readonly views: readonly View[];
}
