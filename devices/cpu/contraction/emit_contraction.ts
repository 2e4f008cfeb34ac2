/** Contractions on the CPU: the loops around tiles, and the items that threads take. */
import { type Axis, axisValue, i32 } from "../../../engine/expression/expr.ts";
import { indexMul } from "../../../engine/expression/index_math.ts";
import { type ContractionPlan, rowAt, type SumLoop } from "../../contraction/contraction_plan.ts";
import { axesIn, roundsOf } from "../../loop_nest/loop_steps.ts";
import { Scratch } from "../../scratch.ts";
import type { FunctionBuilder } from "../codegen/assembler.ts";
import { ExprEmitter } from "../codegen/emit_expr.ts";
import type { MemoryMap } from "../codegen/expr_scope.ts";
import type { Reach } from "../codegen/memory_access.ts";
import type { Phase } from "../codegen/phase.ts";
import { type Columns, type Cut, cutRounds, type Row, type TileContext } from "./cut.ts";
import { Tile } from "./tile.ts";
import { type TileShape, tileShapes } from "./tile_shapes.ts";
import { PART_UNIT } from "./tile_steps.ts";

/** An item should take about this many cycles, so that handing items out costs nothing. */
const ITEM_CYCLES = 8_000;
const MAX_ITEMS = 96;
/** As many items are enough where each goes through a long sum. */
const LONG_ITEMS = 48;
/** Rows of the left side that an item goes over again for each panel: they stay in the second cache. */
const BLOCK_ROWS = 96;
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
 * of a loop that threads go through on their own.
 */
export function contractionPhase(
  label: string,
  plan: ContractionPlan,
  shape: TileShape,
  share?: Axis,
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
  const tiles = new TileLoops({ ...plan, shape, panels, cutLoops, depth, partial });
  const phase: Phase = {
    label,
    items: tiles.items,
    work: Math.max(rows, FEWEST_ROWS) * panels * panel * terms,
    order: `tiles, ${isCut ? `${cutLoops} loops in parts of ${depth}` : "whole"}${
      sum.some((s) => s.clip) ? ", clipped" : ""
    }`,
    how: [
      `tiles of ${tiles.rowsPerTile} x ${panel}, sums of ${terms}`,
      isCut ? ` in parts of ${depth * inner}` : "",
      sum.some((s) => s.clip) && !(plan.left.source instanceof Scratch) ? ", without padding" : "",
    ].join(""),
    emit: (f, memory) => tiles.emit(f, memory),
  };
  return { phase, scratches: partial ? [partial.scratch] : [] };
}

/** The number of tiles along the loop that is cut into them. */
function tilesAlong({ tiled, inTile }: ContractionPlan, shape: TileShape): number {
  const most = Math.max(1, Math.floor(shape.rows / roundsOf(inTile.map((t) => t.axis))));
  return Math.ceil((tiled?.size ?? 1) / most);
}

/** How often tiles go through a panel of the right side. */
export const tileCount = (plan: ContractionPlan, shape: TileShape): number =>
  roundsOf(plan.outer) * tilesAlong(plan, shape);

/** How the work is cut into items. */
interface Blocks {
  /** Outer loops that make up the items; the others are inside of an item. */
  readonly loops: number;
  /** Blocks of tiles along the tiled loop, and of panels. */
  readonly tileBlocks: number;
  readonly panelBlocks: number;
}

class TileLoops {
  readonly items: number;
  readonly rowsPerTile: number;
  readonly #plan: Cut;
  /** Rounds of the tiled loop in a large and in a small tile, and how many large ones there are. */
  readonly #large: number;
  readonly #small: number;
  readonly #largeTiles: number;
  readonly #tiles: number;
  /** Outer loops that make up the items, and those inside of an item. */
  readonly #itemAxes: readonly Axis[];
  readonly #innerAxes: readonly Axis[];
  readonly #tileBlock: number;
  readonly #tileBlocks: number;
  readonly #panelBlock: number;
  readonly #panelBlocks: number;

  constructor(plan: Cut) {
    this.#plan = plan;
    const { outer, tiled, inTile, panels, terms } = plan;
    const inside = roundsOf(inTile.map((t) => t.axis));
    const rounds = tiled?.size ?? 1;
    this.#tiles = tilesAlong(plan, plan.shape);
    this.#small = Math.floor(rounds / this.#tiles);
    this.#largeTiles = rounds - this.#small * this.#tiles;
    this.#large = this.#small + (this.#largeTiles > 0 ? 1 : 0);
    this.rowsPerTile = this.#large * inside;

    const cycles = roundsOf(outer) * rounds * inside * panels * terms;
    const wanted = Math.max(1, Math.min(MAX_ITEMS, cycles / ITEM_CYCLES));
    const rightAxes = axesIn([plan.right.start]);
    const { loops, tileBlocks, panelBlocks } = plan.partial && !outer.some((a) => rightAxes.has(a))
      ? this.#leastTraffic(Math.min(LONG_ITEMS, wanted))
      : this.#nearestBlocks(wanted);
    this.#itemAxes = outer.slice(0, loops);
    this.#innerAxes = outer.slice(loops);
    const items = roundsOf(this.#itemAxes);
    this.#tileBlock = Math.ceil(this.#tiles / tileBlocks);
    this.#tileBlocks = Math.ceil(this.#tiles / this.#tileBlock);
    this.#panelBlock = Math.ceil(panels / panelBlocks);
    this.#panelBlocks = Math.ceil(panels / this.#panelBlock);
    this.items = items * this.#tileBlocks * this.#panelBlocks;
  }

  /** Items over the outermost loops; a block of tiles goes over its rows again for each panel. */
  #nearestBlocks(wanted: number): Blocks {
    const { outer, panels } = this.#plan;
    let loops = 0;
    let items = 1;
    while (loops < outer.length && items < wanted) items *= outer[loops++].size;
    const mostTiles = Math.max(1, Math.floor(BLOCK_ROWS / this.rowsPerTile));
    const tileBlocks = Math.min(
      this.#tiles,
      Math.max(Math.ceil(wanted / items), Math.ceil(this.#tiles / mostTiles)),
    );
    const panelBlocks = Math.min(panels, Math.max(1, Math.ceil(wanted / (items * tileBlocks))));
    return { loops, tileBlocks, panelBlocks };
  }

  /** Where sums of one product are long, each item reads all terms of its rows and columns: as few of both as possible, taken together. */
  #leastTraffic(wanted: number): Blocks {
    const { outer, panels, shape, left, terms } = this.#plan;
    const all = this.#tiles * this.rowsPerTile;
    /** Rows of a copy may overlap, as those of windows do: then outer loops go over the same elements. */
    const rowsOf = (inside: readonly Axis[]) =>
      left.source instanceof Scratch
        ? Math.min(left.source.bytes / 4 / terms, all * roundsOf(inside))
        : all * roundsOf(inside);
    let best: Blocks | undefined;
    let least = Infinity;
    for (let loops = 0; loops <= outer.length; loops++) {
      const items = roundsOf(outer.slice(0, loops));
      for (let tileBlocks = 1; tileBlocks <= this.#tiles; tileBlocks++) {
        const panelBlocks = Math.ceil(wanted / (items * tileBlocks));
        if (panelBlocks > panels && loops + 1 < outer.length) continue;
        const traffic = items * tileBlocks * Math.min(panels, panelBlocks) *
          (rowsOf(outer.slice(loops)) / tileBlocks + panels * shape.panel / panelBlocks);
        if (traffic < least) [best, least] = [{ loops, tileBlocks, panelBlocks }, traffic];
      }
    }
    return best!;
  }

  emit(f: FunctionBuilder, memory: MemoryMap): Reach {
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
    const counts = [...new Set([this.#large, this.#small])];
    const tiles = new Map<string, Tile>();
    for (const columns of [...fullPanels > 0 ? [full] : [], ...tail.length > 0 ? [tail] : []]) {
      for (const count of counts) {
        const tile = new Tile(plan, tiled, this.#rows(count), columns);
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
    emitter.hoist(0);
    f.get(0).set(item);
    f.countTo(item, () => f.get(1), 1, () => {
      f.get(item).set(rest);
      const take = (size: number, into: number, times: number) => {
        f.get(rest).i32(size).op("i32_rem_u").i32(times).op("i32_mul").set(into);
        f.get(rest).i32(size).op("i32_div_u").set(rest);
      };
      const [firstPanel, firstTile] = [f.local("i32"), f.local("i32")];
      take(this.#panelBlocks, firstPanel, this.#panelBlock);
      take(this.#tileBlocks, firstTile, this.#tileBlock);
      for (const axis of [...this.#itemAxes].reverse()) take(axis.size, locals.get(axis)!, 1);
      const cut = (start: number, length: number, total: number, into: number) => {
        f.get(start).i32(length).op("i32_add").i32(total);
        f.get(start).i32(length).op("i32_add").i32(total).op("i32_lt_s", "select").set(into);
      };
      cut(firstPanel, this.#panelBlock, plan.panels, panelEnd);
      cut(firstTile, this.#tileBlock, this.#tiles, tileEnd);

      const tileLoop = (columns: Columns) => {
        f.get(firstTile).set(tile);
        f.countTo(tile, () => f.get(tileEnd), 1, () => {
          const run = (count: number) => tiles.get(`${columns} ${count}`)!.emit(context);
          // Large tiles come first.
          const at = (count: number, extra: number) => {
            f.get(tile).i32(count).op("i32_mul");
            if (extra) f.i32(extra).op("i32_add");
            f.set(context.tiled);
          };
          if (this.#largeTiles === 0) {
            at(this.#small, 0);
            run(this.#small);
          } else {
            f.get(tile).i32(this.#largeTiles).op("i32_lt_s").if(() => {
              at(this.#large, 0);
              run(this.#large);
            }, () => {
              at(this.#small, this.#largeTiles);
              run(this.#small);
            });
          }
        });
      };
      const innerLoops = (level: number, columns: Columns) => {
        if (level === this.#innerAxes.length) return tileLoop(columns);
        const local = locals.get(this.#innerAxes[level])!;
        f.i32(0).set(local);
        f.countTo(local, () => f.i32(this.#innerAxes[level].size), 1, () =>
          emitter.scope(() => {
            emitter.hoist(innerDepths[level]);
            innerLoops(level + 1, columns);
          }));
      };
      const panelLoop = () => {
        f.get(firstPanel).set(context.panel);
        f.countTo(context.panel, () => f.get(panelEnd), 1, () =>
          emitter.scope(() => {
            f.get(context.panel).i32(panel).op("i32_mul").set(locals.get(plan.lane)!);
            emitter.hoist(2);
            if (tail.length === 0) return innerLoops(0, full);
            if (fullPanels === 0) return innerLoops(0, tail);
            f.get(context.panel).i32(fullPanels).op("i32_lt_s").if(
              () => emitter.scope(() => innerLoops(0, full)),
              () => emitter.scope(() => innerLoops(0, tail)),
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

  #rows(count: number): Row[] {
    const inside = roundsOf(this.#plan.inTile.map((t) => t.axis));
    return Array.from({ length: count * inside }, (_, number) => ({ ...rowAt(this.#plan, number), number }));
  }
}
