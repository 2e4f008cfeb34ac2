/**
 * The sums of tiles whose lanes an engine can join: a slice of the panel after the other is copied to constant addresses, and
 * all tiles at hand are multiplied with it. Sums that go on in the next slice are kept in memory, a tile after the other.
 */
import type { Expr } from "../../../engine/expression/expr.ts";
import type { ContractionPlan } from "../../contraction/contraction_plan.ts";
import { axesIn, roundsOf } from "../../loop_nest/loop_steps.ts";
import type { ModuleContext } from "../codegen/phase.ts";
import {
  lowestPlace,
  MOST_TERMS,
  SLICE_COLUMNS,
  type SliceKernel,
  SUM_ROW_BYTES,
  termsOf,
} from "../slices/slice_kernel.ts";
import { rowsOfTile, tilesAlong } from "./tile_counts.ts";
import type { TileShape } from "./tile_shapes.ts";
import type { Cut, Row, TileContext } from "./cut.ts";
import { placeOfPanel, sumLoops } from "./tile_sum.ts";

/** How a sum is cut into slices. */
interface SliceCut {
  /** The level of the loop some of whose rounds are a slice. */
  readonly level: number;
  /** How many rounds, and how many may be left over. */
  readonly usual: number;
  readonly rests: readonly number[];
}

/** Slices of as many of the innermost loops as fit, but for those whose rounds are not the same throughout. */
function cutIntoSlices({ sum, partial, cutLoops, depth }: Cut): SliceCut {
  const outermost = partial && cutLoops > 1 ? cutLoops : 0;
  let level = sum.length - 1;
  while (level > outermost && !sum[level - 1].clip && roundsOf(sum.slice(level)) <= MOST_TERMS) level--;
  const { size, step } = sum[level];
  const inside = roundsOf(sum.slice(level + 1));
  const most = Math.max(1, Math.floor(MOST_TERMS / inside));
  const isInParts = level === 0 && partial !== undefined;
  const whole = isInParts ? depth : size;
  const even = Math.ceil(whole / Math.ceil(whole / most));
  const unit = inside === 1 && step === 1 ? 4 : 1;
  const usual = Math.min(whole, Math.ceil(even / unit) * unit);
  const rests = isInParts ? [depth % usual, size % depth % usual] : [size % usual];
  return { level, usual, rests: [...new Set(rests)].filter((n) => n > 0) };
}

/** Goes through tiles; `act` writes the code for one of so many rounds of the tiled loop. */
export type EachTile = (act: (rounds: number) => void) => void;

/** The sums of the tiles of a panel. */
export class SliceSum {
  /** The functions that it calls. */
  readonly kernels: readonly SliceKernel[];
  readonly #plan: Cut;
  readonly #slices: SliceCut;
  readonly #tiles: ReadonlyMap<number, RowGroups>;

  /** `rows` are those of a tile, by the rounds of the tiled loop in it. */
  constructor(plan: Cut, rows: ReadonlyMap<number, readonly Row[]>) {
    this.#plan = plan;
    this.#slices = cutIntoSlices(plan);
    this.#tiles = new Map([...rows].map(([rounds, tile]) => [rounds, groupsOf(tile, plan)]));
    this.kernels = [...this.#tiles.values()].flatMap(({ groups }) =>
      [this.#slices.usual, ...this.#slices.rests].map((rounds) => this.#kernel(groups, rounds))
    );
  }

  #kernel(groups: SliceKernel["groups"], rounds: number): SliceKernel {
    const [{ step }, ...inner] = this.#plan.sum.slice(this.#slices.level);
    return { groups, loops: [{ size: rounds, step }, ...inner.map(({ size, step }) => ({ size, step }))] };
  }

  /** What its code needs the values of. */
  get exprs(): readonly Expr[] {
    const { left, right, sum } = this.#plan;
    return [left.start, right.start, ...sum.flatMap(({ clip }) => clip ? [clip.from, clip.to] : [])];
  }

  /** Computes this part of the sums of some tiles; `sums` is a local with the address for those of the tile at hand. */
  emit(c: TileContext, module: ModuleContext, eachTile: EachTile, sums: number): void {
    const { f, emitter, memory } = c;
    const { left, sum } = this.#plan;
    const [panel, moved, isFirst, at] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    const termStep = placeOfPanel(c, this.#plan, panel);
    f.i32(0).set(moved);
    f.i32(1).set(isFirst);
    const multiply = (name: "first" | "next", from: number, slice: number) =>
      eachTile((rounds) =>
        emitter.scope(() => {
          const { groups, offsets } = this.#tiles.get(rounds)!;
          emitter.scalar(left.start);
          f.i32(2).op("i32_shl").get(from).op("i32_add").i32(memory.address(left.source)).op("i32_add").set(
            at,
          );
          f.get(sums);
          const kernel = this.#kernel(groups, slice);
          const lowest = lowestPlace(kernel);
          for (const offset of offsets) {
            f.get(at);
            if (offset + lowest !== 0) f.i32((offset + lowest) * 4).op("i32_add");
          }
          f.call(module.sliceFunction(kernel, name));
        })
      );
    const [{ groups: someGroups }] = this.#tiles.values();
    const write = (from: number, slice: number, step: number) => {
      const kernel = this.#kernel(someGroups, slice);
      f.get(panel);
      if (termStep === SLICE_COLUMNS) f.call(module.sliceFunction(kernel, "fill"));
      else f.i32(termStep * 4).call(module.sliceFunction(kernel, "fillRows"));
      f.get(isFirst).if(() => multiply("first", from, slice), () => multiply("next", from, slice));
      f.i32(0).set(isFirst);
      f.get(panel).i32(termsOf(kernel) * termStep * 4).op("i32_add").set(panel);
      f.get(from).i32(slice * step * 4).op("i32_add").set(from);
    };
    const { level, usual, rests } = this.#slices;
    sumLoops(c, this.#plan, { at: moved, panel, termStep }, level, ({ size, step }, rounds, from) => {
      const [counter, left] = [f.local("i32"), f.local("i32")];
      const all = () => rounds === undefined ? f.i32(size) : f.get(rounds);
      all().i32(usual).op("i32_rem_u").set(left);
      f.i32(0).set(counter);
      f.countTo(counter, () => all().get(left).op("i32_sub"), usual, () => write(from, usual, step));
      for (const rest of rests) f.get(left).i32(rest).op("i32_eq").if(() => write(from, rest, step));
    });
    if (sum.some(({ clip }) => clip)) f.get(isFirst).if(() => eachTile(() => this.#clear(c, sums)));
  }

  /** No round was left of the sum. */
  #clear({ f }: TileContext, sums: number): void {
    const rows = Math.max(...[...this.#tiles.values()].map(({ groups }) => rowsIn(groups)));
    for (let at = 0; at < rows * SUM_ROW_BYTES; at += 16) {
      f.get(sums).v128([0, 0, 0, 0]).memory("v128_store", at);
    }
  }
}

const rowsIn = (groups: readonly number[]) => groups.reduce((a, b) => a + b, 0);

/** Rows of a tile in groups, and where each of these begins. */
interface RowGroups {
  readonly groups: SliceKernel["groups"];
  readonly offsets: readonly number[];
}

/** Fours of rows that lie side by side where terms do not, and single ones. */
function groupsOf(rows: readonly Row[], { sum }: Pick<ContractionPlan, "sum">): RowGroups {
  const groups: (1 | 4)[] = [];
  const offsets: number[] = [];
  for (let row = 0; row < rows.length;) {
    const isFour = sum.at(-1)!.step !== 1 && row + 4 <= rows.length &&
      [1, 2, 3].every((i) => rows[row + i].offset === rows[row].offset + i);
    groups.push(isFour ? 4 : 1);
    offsets.push(rows[row].offset);
    row += isFour ? 4 : 1;
  }
  return { groups, offsets };
}

/** From how many rows on slices are worth being copied, and from how many terms on sums being kept. */
const FEWEST_ROWS = 8;
const FEWEST_TERMS = 24;
/** Joined lanes are not faster by more than this. */
const MOST_COLUMNS = 1.25;

/** Whether tiles with slices are possible, and faster than others where lanes are joined. */
export function suitsSlices(plan: ContractionPlan, shape: TileShape): boolean {
  const { rows, lane, sum, left, tiled } = plan;
  const columns = (width: number) => Math.ceil(lane.size / width) * width;
  if (rows < FEWEST_ROWS || left.through || columns(SLICE_COLUMNS) > MOST_COLUMNS * columns(8)) return false;
  // All tiles at hand are multiplied with the same slices.
  const clips = axesIn(sum.flatMap(({ clip }) => clip ? [clip.from, clip.to] : []));
  if (tiled && clips.has(tiled)) return false;
  // Single elements of the left side cost a check each.
  const { large, small } = tilesAlong(plan, shape);
  const isFew = (rounds: number) => groupsOf(rowsOfTile(plan, rounds), plan).groups.every((n) => n === 4);
  if (sum.at(-1)?.step !== 1 && !(isFew(large) && isFew(small))) return false;
  const clipped = sum.findLastIndex(({ clip }) => clip);
  return Math.min(MOST_TERMS, roundsOf(sum.slice(clipped + 1))) >= FEWEST_TERMS;
}
