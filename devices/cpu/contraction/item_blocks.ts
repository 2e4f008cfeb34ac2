/** How the tiles of a contraction are cut into items, which threads take. */
import type { Axis } from "../../../engine/expression/expr.ts";
import { axesIn, roundsOf } from "../../loop_nest/loop_steps.ts";
import { Scratch } from "../../scratch.ts";
import type { Cut } from "./cut.ts";

/** An item should take about this many cycles, so that handing items out costs nothing. */
const ITEM_CYCLES = 8_000;
const MAX_ITEMS = 96;
/** As many items are enough where each goes through a long sum. */
const LONG_ITEMS = 48;
/** Rows of the left side that an item goes over again for each panel: they stay in the second cache. */
export const BLOCK_ROWS = 96;
/** How the work is cut into items. */
export interface Blocks {
  /** Outer loops that make up the items; the others are inside of an item. */
  readonly loops: number;
  /** Blocks of tiles along the tiled loop, and of panels. */
  readonly tileBlocks: number;
  readonly panelBlocks: number;
}

/** The blocks of a contraction that has so many tiles along the loop that is cut into them. */
export function itemBlocks(plan: Cut, tiles: number, rowsPerTile: number): Blocks {
  const { outer, tiled, inTile, panels, terms, right, partial } = plan;
  const rows = roundsOf([...outer, ...inTile.map((t) => t.axis), ...tiled ? [tiled] : []]);
  const wanted = Math.max(1, Math.min(MAX_ITEMS, rows * panels * terms / ITEM_CYCLES));
  const rightAxes = axesIn([right.start]);
  return partial && !outer.some((a) => rightAxes.has(a))
    ? leastTraffic(plan, Math.min(LONG_ITEMS, wanted), tiles, rowsPerTile)
    : nearestBlocks(plan, wanted, tiles, rowsPerTile);
}

/** Items over the outermost loops; a block of tiles goes over its rows again for each panel. */
function nearestBlocks({ outer, panels }: Cut, wanted: number, tiles: number, rowsPerTile: number): Blocks {
  let loops = 0;
  let items = 1;
  while (loops < outer.length && items < wanted) items *= outer[loops++].size;
  const mostTiles = Math.max(1, Math.floor(BLOCK_ROWS / rowsPerTile));
  const tileBlocks = Math.min(
    tiles,
    Math.max(Math.ceil(wanted / items), Math.ceil(tiles / mostTiles)),
  );
  const panelBlocks = Math.min(panels, Math.max(1, Math.ceil(wanted / (items * tileBlocks))));
  return { loops, tileBlocks, panelBlocks };
}

/** Where sums of one product are long, each item reads all terms of its rows and columns: as few of both as possible, taken together. */
function leastTraffic(
  { outer, panels, shape, left, terms }: Cut,
  wanted: number,
  tiles: number,
  rowsPerTile: number,
): Blocks {
  const all = tiles * rowsPerTile;
  /** Rows of a copy may overlap, as those of windows do: then outer loops go over the same elements. */
  const rowsOf = (inside: readonly Axis[]) =>
    left.source instanceof Scratch
      ? Math.min(left.source.bytes / 4 / terms, all * roundsOf(inside))
      : all * roundsOf(inside);
  let best: Blocks | undefined;
  let least = Infinity;
  for (let loops = 0; loops <= outer.length; loops++) {
    const items = roundsOf(outer.slice(0, loops));
    for (let tileBlocks = 1; tileBlocks <= tiles; tileBlocks++) {
      const panelBlocks = Math.ceil(wanted / (items * tileBlocks));
      if (panelBlocks > panels && loops + 1 < outer.length) continue;
      const traffic = items * tileBlocks * Math.min(panels, panelBlocks) *
        (rowsOf(outer.slice(loops)) / tileBlocks + panels * shape.panel / panelBlocks);
      if (traffic < least) [best, least] = [{ loops, tileBlocks, panelBlocks }, traffic];
    }
  }
  return best!;
}
