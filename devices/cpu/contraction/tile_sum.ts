/** A tile's sums in registers, a few rows times a panel's vectors: the loops of the sum, and where both sides are. */
import type { Expr } from "../../../engine/expression/expr.ts";
import type { SumLoop } from "../../contraction/contraction_plan.ts";
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import { Scratch } from "../../scratch.ts";
import type { FunctionBuilder } from "../codegen/assembler.ts";
import type { Cut, Row, TileContext } from "./cut.ts";
import { type TileSteps, tileSteps } from "./tile_steps.ts";

/** Up to this many rounds, the sum's innermost loop is written out whole. */
const FLAT = 16;

/** The sums of one kind of tile. */
export class TileSum {
  readonly #plan: Cut;
  readonly #rows: readonly Row[];
  /** From a term of the right side to the next one, and from a panel to the next one, in elements. */
  readonly #termStep: number;
  readonly #panelStep: number;

  constructor(plan: Cut, rows: readonly Row[]) {
    this.#plan = plan;
    this.#rows = rows;
    const isPacked = plan.right.source instanceof Scratch;
    this.#termStep = isPacked ? plan.shape.panel : plan.sum.at(-1)!.rightStep;
    this.#panelStep = isPacked ? plan.terms * plan.shape.panel : plan.shape.panel;
  }

  /** What its code needs the values of. */
  get exprs(): readonly Expr[] {
    const { left, right, sum } = this.#plan;
    return [left.start, right.start, ...sum.flatMap(({ clip }) => clip ? [clip.from, clip.to] : [])];
  }

  /** Adds this part of the sum to the registers. */
  emit(c: TileContext, sums: readonly number[][]): void {
    const { f, emitter, memory } = c;
    const { sum, left, right, partial, cutLoops } = this.#plan;
    const [pointer, panel] = [f.local("i32"), f.local("i32")];
    // left + 4 * start
    emitter.scalar(left.start);
    f.i32(2).op("i32_shl").i32(memory.address(left.source)).op("i32_add").set(pointer);
    emitter.scalar(right.start);
    f.get(c.panel).i32(this.#panelStep).op("i32_mul", "i32_add");
    f.i32(2).op("i32_shl").i32(memory.address(right.source)).op("i32_add")
      .set(panel);
    const steps = tileSteps(f, sums, this.#rows.map((row) => row.offset), panel, this.#termStep);
    const loop = (level: number, at: number) => {
      const { size, step: move, clip } = sum[level];
      const part = level === 0 && partial ? c : undefined;
      const terms = roundsOf(sum.slice(level + 1));
      const skip = (rounds: number) => {
        f.get(rounds).i32(move * 4).op("i32_mul").get(at).op("i32_add").set(at);
        f.get(rounds).i32(terms * this.#termStep * 4).op("i32_mul").get(panel).op("i32_add").set(panel);
      };
      if (level === sum.length - 1) {
        if (part) skip(part.begin);
        return this.#innermost(f, sum[level], part?.rounds, at, steps);
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
      if (clip) f.get(panel).i32(size * terms * this.#termStep * 4).op("i32_add").set(panelEnd);
      this.#bounds(c, sum[level], part, counter, end);
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
    if (sum.length === 0) steps.write(pointer, 1, 0);
    else loop(0, pointer);
  }

  /** Sets the first round of a loop and the end of its rounds: those of this part of the sum, without those left out. */
  #bounds(
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

  /** The innermost loop of the sum, written out several times. */
  #innermost(
    f: FunctionBuilder,
    { size, step: move }: SumLoop,
    rounds: number | undefined,
    at: number,
    steps: TileSteps,
  ): void {
    const together = steps.together(move);
    const run = (count: number) => steps.write(at, count, move);
    if (rounds === undefined && size <= FLAT) return run(size);
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
}
