/** Small squares of values, multiplied by a matrix from both sides: what goes into products of tiles, and what comes out. */
import { type Axis, type Expr, i32 } from "../../../engine/expression/expr.ts";
import type { LoopStore } from "../../loop_nest/loop_kernel.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import type { Reduction } from "../../loop_nest/reduction.ts";
import type { FunctionBuilder } from "../codegen/assembler.ts";
import { ExprEmitter } from "../codegen/emit_expr.ts";
import type { MemoryMap } from "../codegen/expr_scope.ts";
import { decodeItem, inLocal, type LoopContext, loopsAround } from "../codegen/loop_code.ts";
import type { Reach } from "../codegen/memory_access.ts";
import type { Phase } from "../codegen/phase.ts";
import { linearSteps } from "./linear_steps.ts";
import type { Matrix } from "./toom_cook.ts";

/** What becomes of a transformed square's values: of one, or of a window of them that is reduced. */
export interface TransformEnd {
  /** Which ones, in the order of the window, and what reductions take of each. */
  readonly of: readonly {
    readonly row: number;
    readonly column: number;
    readonly position: number;
    readonly values: readonly Expr[];
  }[];
  readonly stores: readonly LoopStore[];
  /** Where it is left out; always stored where this is. */
  readonly when?: Expr;
}

/** `matrix * square * transposed matrix`, for each round of some loops, four lanes at a time. */
export interface Transform {
  readonly label: string;
  /** Loops around it: those whose rounds are items, and those within an item. */
  readonly items: readonly Axis[];
  readonly loops: readonly Axis[];
  readonly lane: Axis;
  readonly matrix: Matrix;
  /** The values of a square. */
  input(row: number, column: number): Expr;
  /** A placeholder for a transformed value, from which the values of stores or reductions are made. */
  readonly value: Expr;
  readonly reductions?: readonly Reduction[];
  readonly ends: readonly TransformEnd[];
}

/** The transform as a phase. */
export function transformPhase(transform: Transform): Phase {
  const { label, loops, lane, matrix } = transform;
  const items = roundsOf(transform.items);
  const [to, from] = [matrix.length, matrix[0].length];
  return {
    label,
    items,
    work: items * roundsOf(loops) * lane.size * (to * from * from + to * to * from) / 2,
    how: "squares transformed",
    order: "squares",
    emit: (f, memory) => emitTransform(transform, f, memory),
  };
}

function emitTransform(transform: Transform, f: FunctionBuilder, memory: MemoryMap): Reach {
  const { items, loops, lane, matrix } = transform;
  const [to, from] = [matrix.length, matrix[0].length];
  const emitter = new ExprEmitter(f, memory);
  const locals = new Map<Axis, number>();
  const bind = (axis: Axis, depth: number) => {
    locals.set(axis, f.local("i32"));
    emitter.bindAxis(axis, locals.get(axis)!, depth);
  };
  items.forEach((axis) => bind(axis, 1));
  const depths = loops.map((_, i) => i + 2);
  loops.forEach((axis, i) => bind(axis, depths[i]));
  const laneDepth = loops.length + 2;
  bind(lane, laneDepth);
  const along = locals.get(lane)!;
  emitter.setLane(lane);
  const square = (rows: number, columns: number) =>
    Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => [i, j] as const)).flat();
  const inputs = square(from, from).map(([i, j]) => transform.input(i, j));
  const { ends } = transform;
  const stores = ends.flatMap((e) => e.stores);
  /** What can be done once a value is there. */
  const behind = new Map(ends.map((end) => [Math.max(...end.of.map((o) => o.row * to + o.column)), end]));
  emitter.prepare([
    ...inputs,
    ...stores.map((s) => s.value),
    ...ends.flatMap((e) => [...e.when ? [e.when] : [], ...e.of.flatMap((o) => o.values)]),
  ], stores);

  const context = { f, emitter, locals };
  const point = (lanes: number) => {
    emitter.hoist(laneDepth);
    // Columns first, so that of what is loaded only one column is at hand.
    const halfway = square(to, from).map(() => f.local("v128"));
    const column = Array.from({ length: from }, () => f.local("v128"));
    for (let j = 0; j < from; j++) {
      column.forEach((local, i) => {
        emitter.vector(inputs[i * from + j]);
        f.set(local);
      });
      linearSteps(f, matrix, column, (i) => f.set(halfway[i * from + j]));
    }
    const results = square(to, to).map(() => f.local("v128"));
    for (let i = 0; i < to; i++) {
      linearSteps(f, matrix, halfway.slice(i * from, (i + 1) * from), (j) => {
        f.set(results[i * to + j]);
        const end = behind.get(i * to + j);
        if (!end) return;
        const store = () => emitter.scope(() => finish(context, transform, end, results, lanes));
        if (!end.when) return store();
        emitter.scalar(end.when);
        f.if(store);
      });
    }
  };
  const item = f.local("i32");
  const full = lane.size - lane.size % 4;
  emitter.hoist(0);
  f.get(0).set(item);
  f.countTo(item, () => f.get(1), 1, () => {
    decodeItem(f, item, items, locals);
    emitter.scope(() => {
      emitter.hoist(1);
      loopsAround(context, loops, depths, () => {
        f.i32(0).set(along);
        if (full > 0) f.countTo(along, () => f.i32(full), 4, () => emitter.scope(() => point(4)));
        if (full < lane.size) emitter.scope(() => point(lane.size - full));
      });
    });
  });
  return emitter.reach;
}

/** Reduces a window of values, if there is anything to reduce, and stores what comes of it. */
function finish(
  c: LoopContext,
  { value, reductions = [], matrix }: Transform,
  { of, stores }: TransformEnd,
  results: readonly number[],
  lanes: number,
): void {
  const { f, emitter } = c;
  const local = (e: Expr) => inLocal(c, e, true);
  const bind = ({ row, column }: TransformEnd["of"][number]) =>
    emitter.bindValue(value, results[row * matrix.length + column], true);
  if (reductions.length === 0) bind(of[0]);
  const parts = reductions.map(({ rule }) => rule.start.map(local));
  of.forEach((one) => {
    emitter.scope(() => {
      bind(one);
      reductions.forEach((r, a) => {
        r.parts.forEach((e, p) => emitter.bindValue(e, parts[a][p], true));
        const next = r.rule.step(r.parts, one.values[a], i32(one.position));
        emitter.share(next);
        next.forEach((e) => emitter.vector(e));
        for (let p = next.length - 1; p >= 0; p--) f.set(parts[a][p]);
      });
    });
  });
  reductions.forEach((r, a) => {
    r.parts.forEach((e, p) => emitter.bindValue(e, parts[a][p], true));
    const finished = r.rule.finish(r.parts);
    emitter.share([finished]);
    emitter.bindValue(r.result, local(finished), true);
  });
  // All values first: a store may overwrite what another value is made from.
  const values = stores.map((s) => local(s.value));
  stores.forEach((s, n) => emitter.storeVector(s.target, s.index, values[n], lanes));
}

/** Each value by itself, stored as it is. */
export const eachStored = (
  side: number,
  value: Expr,
  to: (row: number, column: number) => Omit<LoopStore, "value">,
): TransformEnd[] =>
  Array.from({ length: side ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / side), i % side];
    return { of: [{ row, column, position: 0, values: [] }], stores: [{ ...to(row, column), value }] };
  });
