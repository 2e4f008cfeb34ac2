/** Contractions on the CPU: the loops around tiles, and the items that threads take. */
import { type Axis, axisValue, i32 } from "../../../engine/expression/expr.ts";
import { indexMul } from "../../../engine/expression/index_math.ts";
import type { ContractionPlan, SumLoop } from "../../contraction/contraction_plan.ts";
import { axesIn, roundsOf } from "../../loop_nest/loop_steps.ts";
import { Scratch } from "../../scratch.ts";
import type { FunctionBuilder } from "../codegen/assembler.ts";
import { ExprEmitter } from "../codegen/emit_expr.ts";
import type { MemoryMap } from "../codegen/expr_scope.ts";
import type { Reach } from "../codegen/memory_access.ts";
import type { ModuleContext, Phase } from "../codegen/phase.ts";
import { SUM_ROW_BYTES } from "../slices/slice_kernel.ts";
import { type Columns, type Cut, cutRounds, type TileContext } from "./cut.ts";
import { BLOCK_ROWS, itemBlocks } from "./item_blocks.ts";
import { type EachTile, SliceSum } from "./slice_sum.ts";
import { rowsOfTile, tilesAlong } from "./tile_counts.ts";
import { Tile } from "./tile.ts";
import { type TileShape, tileShapes } from "./tile_shapes.ts";
import { PART_UNIT } from "./tile_steps.ts";

/** Long sums are taken in parts whose operands are about this many bytes. */
const PART_BYTES = 32 * 1024;

/**
 * About how many terms of the sum are taken in one go: their operands stay in the first cache, and rounding does not grow
 * with all terms. It does not depend on the shape of the tiles nor on where the right side lies, so that all variants give the
 * same bits.
 */
function partTerms({ sum }: ContractionPlan): number {
  const last = sum.at(-1);
  if (!last) return 1;
  const { rows, panel } = tileShapes["5x8"];
  // Rows whose terms lie side by side take no more than these; others share the lines in which they lie.
  const leftBytes = 4 * Math.max(rows, Math.min(BLOCK_ROWS, Math.abs(last.step)));
  const terms = Math.floor(PART_BYTES / (leftBytes + 4 * panel));
  return Math.max(1, Math.floor(terms / PART_UNIT)) * PART_UNIT;
}

/** Sums of tiles that are multiplied with the same slice, at most. */
const SUMS_BYTES = 16 * 1024;

/** A tile of fewer rows takes as long: it waits for the right side. */
const FEWEST_ROWS = 4;
/** A part of fewer terms is not worth its end. */
const FEWEST_TERMS = 64;

/** How many of the outermost loops are cut: the first alone, but for those whose rounds are many terms each. */
function loopsToCut(sum: readonly SumLoop[], most: number): number {
  let count = 1;
  // Rounds that are left out are those of one loop.
  while (
    count < sum.length - 1 && !sum[count].clip && !sum[0].clip && roundsOf(sum.slice(count)) > 2 * most
  ) {
    if (roundsOf(sum.slice(count + 1)) < FEWEST_TERMS) break;
    count++;
  }
  return count;
}

/**
 * The phase that computes the tiles, after the plan's copies; and the memory that it needs for itself, for each `share`
 * of a loop that threads go through on their own, or for each of the threads.
 */
export function contractionPhase(
  label: string,
  plan: ContractionPlan,
  shape: TileShape,
  { share, threads }: { share?: Axis; threads: number },
): { phase: Phase; scratches: Scratch[] } {
  const { sum, terms, rows, lane } = plan;
  const { panel } = shape;
  const panels = Math.ceil(lane.size / panel);
  const most = partTerms(plan);
  const cutLoops = loopsToCut(sum, most);
  const inner = roundsOf(sum.slice(cutLoops));
  const depth = cutLoops > 1 ? 1 : Math.max(1, Math.min(sum[0]?.size ?? 1, Math.floor(most / inner)));
  const isCut = sum.length > 0 && terms > 1.5 * most && depth < terms / inner;
  const partialSize = rows * panels * panel;
  const partial = isCut
    ? {
      scratch: new Scratch(partialSize * (share?.size ?? 1)),
      start: share ? indexMul(axisValue(share), partialSize) : i32(0),
    }
    : undefined;
  const tiles = new TileLoops({ ...plan, shape, panels, cutLoops, depth, partial }, threads);
  const phase: Phase = {
    label,
    items: tiles.items,
    work: Math.max(rows, FEWEST_ROWS) * panels * panel * terms,
    order: `tiles, ${isCut ? `${cutLoops} loops in parts of ${depth}` : "whole"}${
      sum.some((s) => s.clip) ? ", clipped" : ""
    }`,
    how: [
      `tiles of ${tiles.rowsPerTile} x ${panel}${shape.inSlices ? " in slices" : ""}, sums of ${terms}`,
      isCut ? ` in parts of ${depth * inner}` : "",
      sum.some((s) => s.clip) && !(plan.left.source instanceof Scratch) ? ", without padding" : "",
    ].join(""),
    slices: tiles.sliceSum?.kernels,
    emit: (f, memory, module) => tiles.emit(f, memory, module),
  };
  return { phase, scratches: [partial?.scratch, tiles.sums].filter((s) => s !== undefined) };
}

class TileLoops {
  readonly items: number;
  readonly rowsPerTile: number;
  /** Where terms come in slices: what computes sums, and the memory for those of an item's tiles, for each thread. */
  readonly sliceSum: SliceSum | undefined;
  readonly sums: Scratch | undefined;
  readonly #plan: Cut;
  /** Rounds of the tiled loop in a large and in a small tile, and how many large ones there are. */
  readonly #large: number;
  readonly #small: number;
  readonly #largeTiles: number;
  readonly #tiles: number;
  /** Outer loops that make up the items, and those inside of an item. */
  readonly #itemAxes: readonly Axis[];
  readonly #innerAxes: readonly Axis[];
  /** How many of the latter are around the slices of a sum; the others are in each slice. */
  readonly #aroundSlices: number;
  readonly #tileBlock: number;
  readonly #tileBlocks: number;
  readonly #panelBlock: number;
  readonly #panelBlocks: number;

  constructor(plan: Cut, threads: number) {
    this.#plan = plan;
    const { outer, inTile, panels } = plan;
    const inside = roundsOf(inTile.map((t) => t.axis));
    const { tiles, large, small, largeTiles } = tilesAlong(plan, plan.shape);
    [this.#tiles, this.#large, this.#small, this.#largeTiles] = [tiles, large, small, largeTiles];
    this.rowsPerTile = this.#large * inside;

    const { loops, tileBlocks, panelBlocks } = itemBlocks(plan, tiles, this.rowsPerTile);
    this.#itemAxes = outer.slice(0, loops);
    this.#innerAxes = outer.slice(loops);
    const items = roundsOf(this.#itemAxes);
    this.#tileBlock = Math.ceil(this.#tiles / tileBlocks);
    this.#tileBlocks = Math.ceil(this.#tiles / this.#tileBlock);
    this.#panelBlock = Math.ceil(panels / panelBlocks);
    this.#panelBlocks = Math.ceil(panels / this.#panelBlock);
    this.items = items * this.#tileBlocks * this.#panelBlocks;
    this.#aroundSlices = plan.shape.inSlices ? this.#loopsAroundSlices() : this.#innerAxes.length;
    if (!plan.shape.inSlices) return;
    this.sliceSum = new SliceSum(plan, new Map(this.#counts.map((n) => [n, rowsOfTile(plan, n)])));
    this.sums = new Scratch(threads * this.#sumsBytes / 4);
  }

  /** Of how many rounds of the tiled loop there are tiles. */
  get #counts(): number[] {
    return [...new Set([this.#large, this.#small])];
  }

  /** Of the sums of a tile, and of all tiles that a thread has at hand. */
  get #tileBytes(): number {
    return this.rowsPerTile * SUM_ROW_BYTES;
  }
  get #sumsBytes(): number {
    return roundsOf(this.#innerAxes.slice(this.#aroundSlices)) * this.#tileBlock * this.#tileBytes;
  }

  /** As few as possible, so that a slice serves many tiles: as long as their sums stay in the first cache. */
  #loopsAroundSlices(): number {
    const { sum, right } = this.#plan;
    const fixed = axesIn([right.start, ...sum.flatMap(({ clip }) => clip ? [clip.from, clip.to] : [])]);
    let around = this.#innerAxes.length;
    let bytes = this.#tileBlock * this.#tileBytes;
    while (around > 0 && !fixed.has(this.#innerAxes[around - 1])) {
      bytes *= this.#innerAxes[around - 1].size;
      if (bytes > SUMS_BYTES) break;
      around--;
    }
    return around;
  }

  emit(f: FunctionBuilder, memory: MemoryMap, module: ModuleContext): Reach {
    const plan = this.#plan;
    const emitter = new ExprEmitter(f, memory);
    const locals = new Map<Axis, number>();
    const bind = (axis: Axis, depth: number) => {
      locals.set(axis, f.local("i32"));
      emitter.bindAxis(axis, locals.get(axis)!, depth);
    };
    this.#itemAxes.forEach((a) => bind(a, 1));
    bind(plan.lane, 2);
    let depth = 2;
    const innerDepths = this.#innerAxes.map((a) => (bind(a, ++depth), depth));
    const tiled = plan.tiled ?? { name: "tile", size: 1 };
    bind(tiled, ++depth);
    emitter.setLane(plan.lane);

    const { panel } = plan.shape;
    /** So many columns, four in a vector. */
    const vectorsOf = (columns: number): Columns =>
      Array.from({ length: Math.ceil(columns / 4) }, (_, v) => Math.min(4, columns - 4 * v));
    const full = vectorsOf(panel);
    const tail = vectorsOf(plan.lane.size % panel);
    const fullPanels = Math.floor(plan.lane.size / panel);
    const tiles = new Map<string, Tile>();
    for (const columns of [...fullPanels > 0 ? [full] : [], ...tail.length > 0 ? [tail] : []]) {
      for (const count of this.#counts) {
        const tile = new Tile(plan, tiled, rowsOfTile(plan, count), columns);
        tile.prepare(emitter);
        tiles.set(`${columns} ${count}`, tile);
      }
    }

    const item = f.local("i32");
    const rest = f.local("i32");
    const context: TileContext = {
      f,
      emitter,
      memory,
      panel: f.local("i32"),
      begin: f.local("i32"),
      rounds: f.local("i32"),
      tiled: locals.get(tiled)!,
    };
    const [tile, tileEnd, panelEnd] = [f.local("i32"), f.local("i32"), f.local("i32")];
    const [firstPanel, firstTile] = [f.local("i32"), f.local("i32")];
    /** Where the thread's sums begin, and where those of the tile at hand are. */
    const [sums, sumsAt] = [f.local("i32"), f.local("i32")];
    if (this.sums) {
      f.getGlobal(module.globals.thread).i32(this.#sumsBytes).op("i32_mul").i32(memory.address(this.sums));
      f.op("i32_add").set(sums);
    }
    emitter.hoist(0);
    f.get(0).set(item);
    f.countTo(item, () => f.get(1), 1, () => {
      f.get(item).set(rest);
      const take = (size: number, into: number, times: number) => {
        f.get(rest).i32(size).op("i32_rem_u").i32(times).op("i32_mul").set(into);
        f.get(rest).i32(size).op("i32_div_u").set(rest);
      };
      take(this.#panelBlocks, firstPanel, this.#panelBlock);
      take(this.#tileBlocks, firstTile, this.#tileBlock);
      for (const axis of [...this.#itemAxes].reverse()) take(axis.size, locals.get(axis)!, 1);
      const cut = (start: number, length: number, total: number, into: number) => {
        f.get(start).i32(length).op("i32_add").i32(total);
        f.get(start).i32(length).op("i32_add").i32(total).op("i32_lt_s", "select").set(into);
      };
      cut(firstPanel, this.#panelBlock, plan.panels, panelEnd);
      cut(firstTile, this.#tileBlock, this.#tiles, tileEnd);

      /** Goes through the innermost of the item's loops. */
      const loopsIn = (level: number, end: number, body: () => void) => {
        if (level === end) return body();
        const axis = this.#innerAxes[level];
        const local = locals.get(axis)!;
        f.i32(0).set(local);
        f.countTo(local, () => f.i32(axis.size), 1, () =>
          emitter.scope(() => {
            emitter.hoist(innerDepths[level]);
            loopsIn(level + 1, end, body);
          }));
      };
      const eachTile: EachTile = (act) => {
        f.get(firstTile).set(tile);
        f.countTo(tile, () => f.get(tileEnd), 1, () => {
          // Large tiles come first.
          const at = (count: number, extra: number) => {
            f.get(tile).i32(count).op("i32_mul");
            if (extra) f.i32(extra).op("i32_add");
            f.set(context.tiled);
          };
          if (this.#largeTiles === 0) {
            at(this.#small, 0);
            act(this.#small);
          } else {
            f.get(tile).i32(this.#largeTiles).op("i32_lt_s").if(() => {
              at(this.#large, 0);
              act(this.#large);
            }, () => {
              at(this.#small, this.#largeTiles);
              act(this.#small);
            });
          }
          if (this.sums) f.get(sumsAt).i32(this.#tileBytes).op("i32_add").set(sumsAt);
        });
      };
      const tileLoop = (columns: Columns) => {
        const tileOf = (count: number) => tiles.get(`${columns} ${count}`)!;
        if (!this.sliceSum) return eachTile((count) => tileOf(count).emit(context));
        const eachOfSlice: EachTile = (act) => {
          f.get(sums).set(sumsAt);
          loopsIn(this.#aroundSlices, this.#innerAxes.length, () => eachTile(act));
        };
        emitter.scope(() => this.sliceSum!.emit(context, module, eachOfSlice, sumsAt));
        eachOfSlice((count) => tileOf(count).emitEnd(context, sumsAt, SUM_ROW_BYTES));
      };
      const innerLoops = (columns: Columns) => loopsIn(0, this.#aroundSlices, () => tileLoop(columns));
      const panelLoop = () => {
        f.get(firstPanel).set(context.panel);
        f.countTo(context.panel, () => f.get(panelEnd), 1, () =>
          emitter.scope(() => {
            f.get(context.panel).i32(panel).op("i32_mul").set(locals.get(plan.lane)!);
            emitter.hoist(2);
            if (tail.length === 0) return innerLoops(full);
            if (fullPanels === 0) return innerLoops(tail);
            f.get(context.panel).i32(fullPanels).op("i32_lt_s").if(
              () => emitter.scope(() => innerLoops(full)),
              () => emitter.scope(() => innerLoops(tail)),
            );
          }));
      };
      emitter.scope(() => {
        emitter.hoist(1);
        if (!plan.partial) return panelLoop();
        const total = cutRounds(plan);
        f.i32(0).set(context.begin);
        f.countTo(context.begin, () => f.i32(total), plan.depth, () => {
          f.i32(total).get(context.begin).op("i32_sub").set(context.rounds);
          f.get(context.rounds).i32(plan.depth).get(context.rounds).i32(plan.depth).op("i32_lt_s", "select")
            .set(context.rounds);
          panelLoop();
        });
      });
    });
    return emitter.reach;
  }
}
