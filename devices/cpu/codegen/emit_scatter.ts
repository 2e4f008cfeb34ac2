/**
 * Sums that are scattered: an item is a block of neighbouring elements of each place, for which it goes through all rounds in
 * their order, so that no two threads add to one element.
 */
import { add, type Axis, loadFrom, placeholder, scalarType } from "../../../engine/expression/expr.ts";
import type { DType } from "../../../engine/array.ts";
import { roundsOf, stepOf } from "../../loop_nest/loop_steps.ts";
import type { ScatterNest } from "../../loop_nest/scatter_nest.ts";
import type { FunctionBuilder } from "./assembler.ts";
import { ExprEmitter } from "./emit_expr.ts";
import type { MemoryMap } from "./expr_scope.ts";
import { decodeItem, inLocal, loopAround, type LoopContext, loopsAround } from "./loop_code.ts";
import type { Reach } from "./memory_access.ts";
import type { Phase } from "./phase.ts";
import { shift } from "./reduction.ts";

/** Elements of a block: some cache lines. */
const BLOCK = 64;
/** Vectors that are written out side by side. */
const WIDE = 4;

/** The sum as a phase; its target holds zeros before. */
export function scatterPhase(nest: ScatterNest): Phase {
  const last = nest.space.at(-1);
  const lane = last && last.size >= 4 && stepOf(nest.index, last) === 1 ? last : undefined;
  const block: Axis = { name: "block", size: lane ? Math.ceil(lane.size / BLOCK) : 1 };
  const itemAxes = [...nest.space.filter((axis) => axis !== lane), block];
  return {
    label: nest.label,
    items: roundsOf(itemAxes),
    work: roundsOf(nest.space) * roundsOf(nest.over),
    order: "rounds",
    how: `added where they belong, in their order${lane ? ", four lanes along the result" : ""}`,
    emit: (f, memory) => new ScatterEmitter(nest, lane, itemAxes, f, memory).emit(),
  };
}

/** Writes such a sum into a function. */
class ScatterEmitter {
  readonly #nest: ScatterNest;
  readonly #lane: Axis | undefined;
  readonly #itemAxes: readonly Axis[];
  readonly #f: FunctionBuilder;
  readonly #emitter: ExprEmitter;
  readonly #dtype: DType;
  readonly #locals = new Map<Axis, number>();

  constructor(
    nest: ScatterNest,
    lane: Axis | undefined,
    itemAxes: readonly Axis[],
    f: FunctionBuilder,
    memory: MemoryMap,
  ) {
    this.#nest = nest;
    this.#lane = lane;
    this.#itemAxes = itemAxes;
    this.#f = f;
    this.#emitter = new ExprEmitter(f, memory);
    this.#dtype = memory.dtype(nest.target);
  }

  get #context(): LoopContext {
    return { f: this.#f, emitter: this.#emitter, locals: this.#locals };
  }

  emit(): Reach {
    const [f, emitter, lane, itemAxes] = [this.#f, this.#emitter, this.#lane, this.#itemAxes];
    const { over, along, target, index, place, value } = this.#nest;
    const placeDepth = 2 + over.length;
    const depths = new Map<Axis, number>([
      ...itemAxes.map((axis) => [axis, 1] as const),
      ...over.map((axis, i) => [axis, 2 + i] as const),
      [along, placeDepth],
      ...lane ? [[lane, placeDepth + 1] as const] : [],
    ]);
    for (const [axis, depth] of depths) {
      this.#locals.set(axis, f.local("i32"));
      emitter.bindAxis(axis, this.#locals.get(axis)!, depth);
    }
    emitter.setLane(lane);
    const moves = lane ? Array.from({ length: WIDE }, (_, i) => shift(lane, 4 * i)) : [];
    const seen = lane ? moves : [(e: typeof index) => e];
    emitter.prepare(
      [place, ...seen.map((move) => move(value))],
      seen.map((move) => ({ target, index: move(index) })),
    );
    const item = f.local("i32");
    emitter.hoist(0);
    f.get(0).set(item);
    f.countTo(item, () => f.get(1), 1, () => {
      decodeItem(f, item, itemAxes, this.#locals);
      loopAround(
        this.#context,
        1,
        () =>
          loopsAround(this.#context, over, over.map((axis) => depths.get(axis)!), () => {
            emitter.scalar(place);
            f.tee(this.#locals.get(along)!).i32(along.size).op("i32_lt_u").if(() =>
              loopAround(this.#context, placeDepth, () => this.#add(placeDepth + 1))
            );
          }),
      );
    });
    return emitter.reach;
  }

  /** Adds a round to the elements of its place. */
  #add(laneDepth: number): void {
    const [f, emitter, lane] = [this.#f, this.#emitter, this.#lane];
    if (!lane) return emitter.scope(() => this.#addAt(0, 1));
    const [local, block] = [this.#locals.get(lane)!, this.#locals.get(this.#itemAxes.at(-1)!)!];
    const tail = lane.size % 4;
    const full = lane.size - tail;
    const round = (vectors: number, lanes: number) =>
      loopAround(this.#context, laneDepth, () => {
        for (let i = 0; i < vectors; i++) emitter.scope(() => this.#addAt(4 * i, lanes));
      });
    const end = f.local("i32");
    f.get(block).i32(BLOCK).op("i32_mul").set(local);
    f.get(local).i32(BLOCK).op("i32_add").set(end);
    f.get(end).i32(full).get(end).i32(full).op("i32_lt_s", "select").set(end);
    if (full >= 4 * WIDE) {
      const wideEnd = f.local("i32");
      f.get(end).i32(4 * (WIDE - 1)).op("i32_sub").set(wideEnd);
      f.countTo(local, () => f.get(wideEnd), 4 * WIDE, () => round(WIDE, 4));
    }
    f.countTo(local, () => f.get(end), 4, () => round(1, 4));
    if (tail > 0) f.get(local).i32(full).op("i32_eq").if(() => round(1, tail));
  }

  /** What is there, and the round on top of it; `by` elements further along the lane axis. */
  #addAt(by: number, lanes: number): void {
    const [emitter, lane, context] = [this.#emitter, this.#lane, this.#context];
    const { target, value } = this.#nest;
    const move = lane ? shift(lane, by) : (e: typeof value) => e;
    const index = move(this.#nest.index);
    const isVector = lane !== undefined;
    // A name of its own, as what is in memory is another thing after each round.
    const before = placeholder(scalarType(this.#dtype));
    emitter.bindValue(
      before,
      inLocal(context, loadFrom(target as object, this.#dtype, index), isVector),
      isVector,
    );
    const sum = inLocal(context, add(before, move(value)), isVector);
    if (isVector) emitter.storeVector(target, index, sum, lanes);
    else emitter.storeScalar(target, index, sum);
  }
}
