/** The passes over a graph between simplification and fusion: those of a program, and those of a loop's body. */
import { copyOf } from "../graph/copy.ts";
import { rebuild, viewed } from "../graph/graph.ts";
import { loopAttrs } from "../graph/loop.ts";
import { multiplyTables } from "./lookups.ts";
import { simplify } from "./simplify.ts";
import { splitSums } from "./split_sums.ts";
import { readStandIns } from "./stand_ins.ts";
import type { FusePolicy } from "./storage_choice.ts";
import { type Tensor, uniformValue, withInputs } from "../tensor.ts";

/** Rewrites the graph; gives, for each root in order, the tensor that takes its place. */
export function passesBeforeFusion(roots: readonly Tensor[], { split, rows }: FusePolicy): Tensor[] {
  const read = readStandIns(multiplyTables(roots));
  const parts = splitSums(read.some((t, i) => t !== roots[i]) ? simplify(read, rows) : read, split);
  return rebuild(parts, (_, tensor) => {
    const needsCopy = needsMemory(tensor);
    return needsCopy &&
      withInputs(tensor, tensor.inputs.map((input, i) => needsCopy(input, i) ? copyOf(input) : input));
  });
}

/** Which inputs have to have memory of their own: a pack's pieces, and what a loop reads that is only a number. */
function needsMemory(tensor: Tensor): ((input: Tensor, position: number) => boolean) | undefined {
  if (tensor.op.body.kind === "pack") return (input) => viewed(input).op.body.kind === "result";
  const loop = loopAttrs(tensor);
  return loop && ((input, i) => i >= loop.carries.length && uniformValue(viewed(input)) !== undefined);
}

/** Whether a tensor's memory is not its own to hand out: it is a leaf, or a loop's result. */
export const hasOtherMemory = (tensor: Tensor): boolean =>
  ["leaf", "result"].includes(viewed(tensor).op.body.kind);
