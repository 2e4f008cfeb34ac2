/** How contractions are cut for the CPU. */

/** How a contraction is cut for the processor's registers and caches. */
export interface TileShape {
  /** Rows of a tile, at most: with a panel's vectors for each, sums and operands fill the registers. */
  readonly rows: number;
  /** Columns of a panel, a multiple of four. */
  readonly panel: number;
  /** Terms of the sum that are taken in one go, about: a panel's part then stays in the first cache. */
  readonly depth: number;
}

/** The shapes that there are, the one that is good in general first. */
export const tileShapes: Readonly<Record<string, TileShape>> = {
  "6x8": { rows: 6, panel: 8, depth: 640 },
  "4x12": { rows: 4, panel: 12, depth: 640 },
  "6x8 short": { rows: 6, panel: 8, depth: 320 },
  "12x4": { rows: 12, panel: 4, depth: 640 },
};
