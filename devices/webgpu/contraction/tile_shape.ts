/** What a tile of a contraction is on a GPU. */

/** The sizes of a tile: of a workgroup, of a thread; and about how many terms of the sum are a slice. */
export interface TileShape {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly threadRows: number;
  readonly threadColumns: number;
  /** Whether it is taken only where it was found to be faster. */
  readonly isTimedFirst?: boolean;
}
