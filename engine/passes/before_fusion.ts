/** The passes over a graph between simplification and fusion: those of a program, and those of a loop's body. */
import type { Tensor } from "../tensor.ts";
import { multiplyTables } from "./lookups.ts";
import { withOwnInputs } from "./own_memory.ts";
import { simplify } from "./simplify.ts";
import { splitSums } from "./split_sums.ts";
import { readCompactForms } from "./compact_forms.ts";
import type { FusePolicy } from "./storage_choice.ts";

/** Rewrites the graph; gives, for each root in order, the tensor that takes its place. */
export function passesBeforeFusion(roots: readonly Tensor[], { split, rows }: FusePolicy): Tensor[] {
  const read = readCompactForms(multiplyTables(roots));
  return withOwnInputs(splitSums(read.some((t, i) => t !== roots[i]) ? simplify(read, rows) : read, split));
}
