/** A phase is work that threads may share: numbered items, in any order. A kernel is one phase or a few in a row. */
import type { Axis } from "../../../engine/expression/expr.ts";
import type { FunctionBuilder } from "./assembler.ts";
import type { MemoryMap } from "./expr_scope.ts";
import type { Reach } from "./memory_access.ts";
import type { SliceFunction, SliceKernel } from "../slices/slice_kernel.ts";

/** Phases that a phase goes through as a whole for each of its items, and the loops that it counts for them. */
export interface InnerPhases {
  readonly phases: readonly Phase[];
  /** The number of the item, of a round within it, and of the thread. */
  readonly item: Axis;
  readonly rounds: Axis | undefined;
  readonly thread: Axis;
}

/** What code finds in its module. */
export interface ModuleContext {
  /** The globals in which a phase counts for its inner phases. */
  readonly globals: { readonly thread: number; readonly item: number; readonly round: number };
  /** The number of an inner phase's function. */
  indexOf(phase: Phase): number;
  /** The number of an imported function that was asked for. */
  sliceFunction(kernel: SliceKernel, name: SliceFunction): number;
}

/** One function of a program's module. */
export interface Phase {
  readonly label: string;
  /** The number of items. */
  readonly items: number;
  /** Rough number of elementary operations of all items: small phases are not worth sharing. */
  readonly work: number;
  /** How it is computed, for `explain()`. */
  readonly how: string;
  /** In which order it adds, in words: where these are the same, so are the bits of sums. */
  readonly order: string;
  /** Functions that its code calls: imported ones, and those of other phases. */
  readonly slices?: readonly SliceKernel[];
  readonly inner?: InnerPhases;
  /** Writes the code for the items from parameter 0 up to parameter 1; gives the addresses that it may read. */
  emit(f: FunctionBuilder, memory: MemoryMap, module: ModuleContext): Reach;
}
