/** What kernels are written for. */

/** How contractions are computed: in rows, for adapters that are programs, or in tiles, for GPUs. */
export type Family = "rows" | "tiles";

/** What a device can do. */
export interface Target {
  readonly family: Family;
  /** Pieces of memory that a dispatch may touch. */
  readonly maxBindings: number;
  /** Bytes of memory that the threads of a workgroup may share. */
  readonly maxSharedBytes: number;
  /** The sizes of subgroups, whose threads read each other's values; left out where the device grants none. */
  readonly subgroups?: Subgroups;
}

/** How many threads a subgroup has. */
export interface Subgroups {
  readonly least: number;
  readonly most: number;
}
