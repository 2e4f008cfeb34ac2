/** How contractions are cut for the CPU. */

/** How a contraction is cut for the processor's registers and its first cache. */
export interface TileShape {
  /** Rows of a tile, at most: with a panel's vectors for each, sums and operands fill the registers. */
  readonly rows: number;
  /** Columns of a panel, a multiple of four. */
  readonly panel: number;
  /** Whether its terms come in slices, whose lanes an engine can join. */
  readonly inSlices?: boolean;
}

/**
 * The shapes that there are, the one that is good in general first. With four rows, all numbers of the left side come from
 * registers, which takes the fewest instructions; with more rows, there are more sums to wait for. Those in slices are only
 * good where lanes are joined.
 */
export const tileShapes: Readonly<Record<string, TileShape>> = {
  "5x8": { rows: 5, panel: 8 },
  "4x8": { rows: 4, panel: 8 },
  "6x8": { rows: 6, panel: 8 },
  "12x4": { rows: 12, panel: 4 },
  "6x16 in slices": { rows: 6, panel: 16, inSlices: true },
  "4x16 in slices": { rows: 4, panel: 16, inSlices: true },
};
