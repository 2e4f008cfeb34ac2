/** What kernels are written for. */

/** What a device can do. */
export interface Target {
  /** Pieces of memory that a dispatch may touch. */
  readonly maxBindings: number;
  /** Bytes of memory that the threads of a workgroup may share. */
  readonly maxSharedBytes: number;
  /** The terms of a slice of a contraction's sum that no variant is named for, at most. */
  readonly maxSliceTerms: number;
  /**
   * The rounds that a thread goes through in all its loops together, at most. Those of the tiers of a sum, up to a fourth
   * more, are left out of account.
   */
  readonly maxRounds: number;
  /** How many variants of a kernel are timed, at most. */
  readonly maxTimedWays: number;
  /** The subgroups whose threads read each other's values; left out where the device grants none. */
  readonly subgroups?: Subgroups & {
    /** What the text of a kernel that uses them begins with; see {@linkcode subgroupDirective}. */
    readonly directive: string;
  };
}

/** How many threads a subgroup has. */
export interface Subgroups {
  readonly least: number;
  readonly most: number;
}
