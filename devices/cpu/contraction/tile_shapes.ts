/** How contractions are cut for the CPU. */

/** How a contraction is cut for the processor's registers and its first cache. */
export interface TileShape {
  /** Rows of a tile, at most: with a panel's vectors for each, sums and operands fill the registers. */
  readonly rows: number;
  /** Columns of a panel, a multiple of four. */
  readonly panel: number;
}

/**
 * The shapes that there are, the one that is good in general first. With four rows, all numbers of the left side come from
 * registers, which takes the fewest instructions; with more rows, there are more sums to wait for.
 */
export const tileShapes: Readonly<Record<string, TileShape>> = {
  "5x8": { rows: 5, panel: 8 },
  "4x8": { rows: 4, panel: 8 },
  "6x8": { rows: 6, panel: 8 },
  "12x4": { rows: 12, panel: 4 },
};
