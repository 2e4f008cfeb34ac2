/** How a kernel's loop nest is gone through on the CPU: what runs along the lanes, what makes an item, what is written out. */
import type { Axis, Expr } from "../../../engine/expression/expr.ts";
import type { LoopKernel, LoopStore } from "../../loop_nest/loop_kernel.ts";
import { roundsOf, unevenLoads } from "../../loop_nest/loop_steps.ts";
import { mergedNest } from "../../loop_nest/merged_nest.ts";
import type { Reduction } from "../../loop_nest/reduction.ts";
import { instructionsOf } from "./instruction_order.ts";
import {
  inRounds,
  inWindow,
  isWindow,
  type Rounds,
  roundsAlong,
  shift,
  type TakenReduction,
} from "./reduction.ts";

/** Elements of a flat loop that are one item. */
const BLOCK = 2048;
/** Vectors that are computed side by side, so that none waits for itself. */
const WIDE = 4;
/** Maps of fewer instructions wait for memory only; of those with more, the code would get too long. */
const HEAVY = 12;
const TOO_LONG = 128;
/** To join the lanes of a dear reduction at its end costs as much as this many uneven loads. */
const JOINING = 44;

/** The expressions for one of the vectors that are computed side by side. */
export interface View {
  readonly reductions: readonly TakenReduction[];
  readonly dot: TakenReduction | undefined;
  readonly stores: readonly LoopStore[];
}

/** A kernel's loops, merged, and how they are gone through. */
export class LoopNest {
  readonly space: readonly Axis[];
  readonly over: readonly Axis[];
  readonly dotOver: readonly Axis[];
  readonly items: number;
  /** In words. */
  readonly how: string;
  readonly stores: readonly LoopStore[];
  readonly reductions: readonly Reduction[];
  readonly dot: Reduction | undefined;
  readonly lane: { axis: Axis; of: "space" | "over" } | undefined;
  /** Whether a window's elements are taken all at once, without loops. */
  readonly isWrittenOut: boolean;
  /** Leading space loops that make up the items; the lane loop alone is cut into blocks. */
  readonly itemAxes: readonly Axis[];
  readonly innerAxes: readonly Axis[];

  constructor(given: LoopKernel) {
    const { space, over, dotOver, stores, reductions, dot } = mergedNest(given);
    [this.space, this.over, this.dotOver] = [space, over, dotOver];
    [this.stores, this.reductions, this.dot] = [stores, reductions, dot];
    this.lane = this.#chooseLane();
    this.isWrittenOut = !this.dot && this.lane?.of !== "over" && isWindow(this.over) &&
      roundsOf(this.over) * instructionsOf(this.reductions.map((r) => r.value)) <= TOO_LONG;

    const outer = this.lane?.of === "space" ? this.space.slice(0, -1) : this.space;
    let count = 0;
    for (let n = 1; count < outer.length && n < 64; count++) n *= outer[count].size;
    this.itemAxes = outer.slice(0, count);
    this.innerAxes = outer.slice(count);
    const lane = this.lane;
    const isFlat = lane?.of === "space" && outer.length === 0;
    this.items = isFlat ? Math.ceil(lane.axis.size / this.block) : roundsOf(this.itemAxes);
    if (this.space.some((a) => a.size === 0)) this.items = 0;
    this.how = `loops, ${
      lane ? `four lanes along ${lane.of === "space" ? "the result" : "the sum"}` : "one by one"
    }`;
  }

  /** All that the order depends on in which a sum's values are added. */
  get order(): string {
    if (this.reductions.length === 0 && !this.dot) return this.lane ? "lanes" : "one by one";
    return [this.lane?.of, this.#isWide && "wide", this.isWrittenOut && "written out"].join(" ");
  }

  /** Fewer elements make an item when each takes long. */
  get block(): number {
    const each = roundsOf(this.over) * roundsOf(this.dotOver);
    return Math.max(16, Math.ceil(BLOCK / Math.max(1, each) / 16) * 16);
  }

  /** What a round takes, beside a product that is added to a sum: four lanes share an instruction. */
  get effort(): number {
    const values = [
      ...this.stores.map((s) => s.value),
      ...this.reductions.map((r) => r.value),
      ...this.dot ? [this.dot.value] : [],
    ];
    return Math.max(1, instructionsOf(values) / 4);
  }

  /** Whether each point of a reduction first needs a sum of its own. */
  get isNested(): boolean {
    return this.reductions.length > 0 && this.dot !== undefined;
  }

  /** Vectors that are computed side by side. */
  get #vectors(): number {
    if (this.isShort) return this.lane!.axis.size / 4;
    return this.#isWide ? WIDE : 1;
  }

  /** Whether a cheap map's loop along the lanes is so short that it is written out, as in copies into blocks of columns. */
  get isShort(): boolean {
    return this.lane?.of === "space" && this.space.length > 1 && this.lane.axis.size % 4 === 0 &&
      this.lane.axis.size <= 4 * WIDE && this.reductions.length === 0 && !this.dot && !this.#isWide;
  }

  /** Whether several vectors are computed side by side; dear reductions take several rounds at once instead. */
  get #isWide(): boolean {
    if (this.lane?.of !== "space" || this.lane.axis.size < 4 * WIDE) return false;
    if (this.reductions.length > 0 || this.dot) return !this.#isDear;
    const instructions = instructionsOf(this.stores.map((s) => s.value));
    return instructions >= HEAVY && instructions <= TOO_LONG;
  }

  get #isDear(): boolean {
    return this.reductions.some((r) => r.rule.isDear);
  }

  #chooseLane(): { axis: Axis; of: "space" | "over" } | undefined {
    const roots = [
      ...this.stores.map((s) => s.value),
      ...this.reductions.map((r) => r.value),
      ...this.dot ? [this.dot.value] : [],
    ];
    const inSpace = this.space.at(-1);
    const inOver = this.isNested ? undefined : (this.dot ? this.dotOver : this.over).at(-1);
    const spaceCost = inSpace && inSpace.size >= 3 ? unevenLoads(roots, inSpace) : Infinity;
    const joining = this.#isDear ? JOINING / roundsOf(this.over) : 0;
    const overCost = inOver && inOver.size >= 8 ? unevenLoads(roots, inOver) + joining : Infinity;
    if (spaceCost <= overCost && spaceCost < Infinity) return { axis: inSpace!, of: "space" };
    return overCost < Infinity ? { axis: inOver!, of: "over" } : undefined;
  }

  /** The vectors that are computed side by side. */
  views(): View[] {
    return Array.from({ length: this.#vectors }, (_, number) => this.#view(number));
  }

  /** The expressions `number` vectors further along the lane axis. */
  #view(number: number): View {
    const move = this.lane?.of === "space" ? shift(this.lane.axis, 4 * number) : (e: Expr) => e;
    const taken = (r: Reduction, rounds: Rounds | undefined) => ({
      ...r,
      values: this.isWrittenOut ? inWindow(move(r.value), this.over) : inRounds(move(r.value), rounds),
    });
    return {
      reductions: this.reductions.map((r) => taken(r, this.rounds(this.over))),
      dot: this.dot && taken(this.dot, this.rounds(this.dotOver)),
      stores: this.stores.map((s) => ({ ...s, index: move(s.index), value: move(s.value) })),
    };
  }

  /** How the innermost of these loops is gone through; there may be none. */
  rounds(axes: readonly Axis[]): Rounds | undefined {
    const axis = axes.at(-1);
    if (!axis) return undefined;
    const isNested = this.isNested && axes === this.over;
    return roundsAlong(axis, axis === this.lane?.axis ? 4 : 1, isNested || this.#isWide);
  }
}
