/** Loops of a contraction that are cut in two, so that its sides move evenly with each. */
import type { Axis, Expr } from "../../engine/expression/expr.ts";
import { affineOf } from "../../engine/expression/index_math.ts";
import type { ContractionOperand, Kernel } from "../../engine/kernel.ts";
import { splitLoop, withSplit } from "../loop_nest/split_loop.ts";

/** A kernel with one of its loops, over results or of its sum, as two. */
export function withLoopSplit(kernel: Kernel, axis: Axis, rounds: number): Kernel {
  const split = splitLoop(axis, rounds);
  const { over } = split;
  const side = (s: ContractionOperand) => ({ ...s, index: s.index.map(over) });
  const contraction = kernel.contraction && {
    ...kernel.contraction,
    over: withSplit(kernel.contraction.over, axis, split),
    left: side(kernel.contraction.left),
    right: side(kernel.contraction.right),
  };
  return {
    ...kernel,
    space: withSplit(kernel.space, axis, split),
    contraction,
    accumulators: kernel.accumulators.map((a) => ({ ...a, value: over(a.value) })),
    stores: kernel.stores.map((s) => ({ ...s, index: over(s.index), value: over(s.value) })),
  };
}

/**
 * A loop that a place follows by quotients and remainders, as heads and their parts make one of two axes, and the rounds
 * after which they go on; `undefined` where there is none that could be cut there.
 */
export function unevenLoop(place: Expr, loops: readonly Axis[]): { axis: Axis; rounds: number } | undefined {
  for (const atom of affineOf(place).terms.keys()) {
    if (atom.op !== "div" && atom.op !== "rem") continue;
    const [whole, by] = atom.args;
    const axis = loops.find((a) => whole.op === "axis" && whole.source === a);
    if (axis && by.op === "const" && by.value > 1 && axis.size > by.value && axis.size % by.value === 0) {
      return { axis, rounds: by.value };
    }
  }
  return undefined;
}
