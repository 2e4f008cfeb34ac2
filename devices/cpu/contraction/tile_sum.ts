/** A tile's sums in registers, a few rows times a panel's vectors: the loops of the sum, and where both sides are. */
import type { Expr } from "../../../engine/expression/expr.ts";
import type { SumLoop } from "../../contraction/contraction_plan.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import { Scratch } from "../../scratch.ts";
import type { FunctionBuilder } from "../codegen/assembler.ts";
import type { Cut, Row, TileContext } from "./cut.ts";
import { type TileSteps, tileSteps } from "./tile_steps.ts";

/** Up to this many rounds, the sum's innermost loop is written out whole. */
const WRITTEN_OUT = 16;

/** The sums of one kind of tile. */
export class TileSum {
  readonly #plan: Cut;
  readonly #rows: readonly Row[];

  constructor(plan: Cut, rows: readonly Row[]) {
    this.#plan = plan;
    this.#rows = rows;
  }

  /** What its code needs the values of. */
  get exprs(): readonly Expr[] {
    const { left, right, sum } = this.#plan;
    return [left.start, right.start, ...sum.flatMap(({ clip }) => clip ? [clip.from, clip.to] : [])];
  }

  /** Adds this part of the sum to the registers. */
  emit(c: TileContext, sums: readonly number[][]): void {
    const { f, emitter, memory } = c;
    const { left, sum } = this.#plan;
    const [at, panel] = [f.local("i32"), f.local("i32")];
    // left + 4 * start
    emitter.scalar(left.start);
    f.i32(2).op("i32_shl").i32(memory.address(left.source)).op("i32_add").set(at);
    const termStep = placeOfPanel(c, this.#plan, panel);
    const steps = tileSteps(f, sums, this.#rows.map((row) => row.offset), panel, termStep);
    if (sum.length === 0) steps.write(at, 1, 0);
    else {
      sumLoops(c, this.#plan, { at, panel, termStep }, sum.length - 1, (loop, rounds, at) => {
        writtenOut(f, loop, rounds, at, steps);
      });
    }
  }
}

/** Sets `panel` to the address of the panel's first term; gives how far terms are apart, in elements. */
export function placeOfPanel(c: TileContext, { right, shape, terms, sum }: Cut, panel: number): number {
  const { f, emitter, memory } = c;
  const isPacked = right.source instanceof Scratch;
  emitter.scalar(right.start);
  f.get(c.panel).i32(isPacked ? terms * shape.panel : shape.panel).op("i32_mul", "i32_add");
  f.i32(2).op("i32_shl").i32(memory.address(right.source)).op("i32_add").set(panel);
  return isPacked ? shape.panel : sum.at(-1)!.rightStep;
}

/** Locals with the places of both sides, which move on, and how far terms of the right one are apart. */
export interface SumPlaces {
  readonly at: number;
  readonly panel: number;
  readonly termStep: number;
}

/** Writes the rounds of a loop of a sum: those in a local, or all; `at` is where the left side is, which moves on. */
export type InnermostLoop = (loop: SumLoop, rounds: number | undefined, at: number) => void;

/** The loops of a sum, down to that of the last level, which `innermost` writes. */
export function sumLoops(
  c: TileContext,
  plan: Cut,
  places: SumPlaces,
  lastLevel: number,
  innermost: InnermostLoop,
): void {
  const { f } = c;
  const { sum, partial, cutLoops } = plan;
  const { panel, termStep } = places;
  const loop = (level: number, at: number) => {
    const { size, step: move, clip } = sum[level];
    const part = level === 0 && partial ? c : undefined;
    const terms = roundsOf(sum.slice(level + 1));
    const skip = (rounds: number) => {
      f.get(rounds).i32(move * 4).op("i32_mul").get(at).op("i32_add").set(at);
      f.get(rounds).i32(terms * termStep * 4).op("i32_mul").get(panel).op("i32_add").set(panel);
    };
    if (level === lastLevel) {
      if (part) skip(part.begin);
      return innermost(sum[level], part?.rounds, at);
    }
    if (partial && cutLoops > 1 && level < cutLoops) {
      // The part is one round of each of these loops, which its number tells.
      const round = f.local("i32");
      const inside = roundsOf(sum.slice(level + 1, cutLoops));
      f.get(c.begin).i32(inside).op("i32_div_u").i32(size).op("i32_rem_u").set(round);
      skip(round);
      return loop(level + 1, at);
    }
    const [counter, end, panelEnd] = [f.local("i32"), f.local("i32"), f.local("i32")];
    if (clip) f.get(panel).i32(size * terms * termStep * 4).op("i32_add").set(panelEnd);
    bounds(c, sum[level], part, counter, end);
    if (part || clip) skip(counter);
    f.countTo(counter, () => f.get(end), 1, () => {
      const inner = f.local("i32");
      f.get(at).set(inner);
      loop(level + 1, inner);
      f.get(at).i32(move * 4).op("i32_add").set(at);
    });
    // The next round of the loop around this one goes on behind what was left out.
    if (clip) f.get(panelEnd).set(panel);
  };
  loop(0, places.at);
}

/** Sets the first round of a loop and the end of its rounds: those of this part of the sum, without those left out. */
function bounds(
  { f, emitter }: TileContext,
  { size, clip }: SumLoop,
  part: TileContext | undefined,
  first: number,
  end: number,
): void {
  if (part) {
    f.get(part.begin).set(first);
    f.get(part.begin).get(part.rounds).op("i32_add").set(end);
  } else {
    f.i32(0).set(first);
    f.i32(size).set(end);
  }
  if (!clip) return;
  const bound = f.local("i32");
  emitter.scalar(clip.from);
  f.set(bound);
  f.get(bound).get(first).get(first).get(bound).op("i32_lt_s", "select").set(first);
  emitter.scalar(clip.to);
  f.set(bound);
  f.get(bound).get(end).get(bound).get(end).op("i32_lt_s", "select").set(end);
}

/** A loop that is written out several times. */
function writtenOut(
  f: FunctionBuilder,
  { size, step: move }: SumLoop,
  rounds: number | undefined,
  at: number,
  steps: TileSteps,
): void {
  const together = steps.together(move);
  const run = (count: number) => steps.write(at, count, move);
  if (rounds === undefined && size <= WRITTEN_OUT) return run(size);
  // As little rest as possible: a long one behind the loop costs more than it computes.
  const [unroll] = rounds === undefined ? [...together].sort((a, b) => size % a - size % b) : together;
  const counter = f.local("i32");
  const end = f.local("i32");
  if (rounds === undefined) f.i32(size - size % unroll).set(end);
  else f.get(rounds).get(rounds).i32(unroll).op("i32_rem_u", "i32_sub").set(end);
  f.i32(0).set(counter);
  f.countTo(counter, () => f.get(end), unroll, () => run(unroll));
  if (size % unroll === 0) return;
  // Only the last part of a sum has a rest, as the others are multiples.
  if (rounds === undefined) run(size % unroll);
  else f.get(end).get(rounds).op("i32_lt_s").if(() => run(size % unroll));
}
