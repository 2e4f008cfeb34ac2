/** A phase is work that threads may share: numbered items, in any order. A kernel is one phase or a few in a row. */
import type { FunctionBuilder } from "./assembler.ts";
import type { MemoryMap } from "./expr_scope.ts";
import type { Reach } from "./memory_access.ts";

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
  /** Writes the code for the items from parameter 0 up to parameter 1; gives the addresses that it may read. */
  emit(f: FunctionBuilder, memory: MemoryMap): Reach;
}
