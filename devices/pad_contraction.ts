/**
 * Contractions whose left side has rows of a few elements, such as the three colours of an image, for ways that read four
 * at a time: one of the loops becomes a little longer, and both sides are zero there.
 */
import { type Axis, axisValue, type Expr } from "../engine/expr.ts";
import { rewrite } from "../engine/index_math.ts";
import type { ContractionOperand, Kernel } from "../engine/kernel.ts";
import { axesIn } from "./loop_steps.ts";

/** A kernel with a longer loop. */
export interface PaddedKernel {
  readonly kernel: Kernel;
  /** The loop, if it is one of the space: nothing is stored for its rounds from `size` on. */
  readonly longer?: { readonly axis: Axis; readonly size: number };
}

/** A loop that is not longer than this would get too many zeros. */
const SHORTEST = 3;

/** Makes the loop along the left side's last axis a multiple of four; gives the kernel as it is where that can't be. */
export function padToFours(kernel: Kernel): PaddedKernel {
  const { contraction, space } = kernel;
  const lane = space.findLast((a) => a.size !== 1);
  const sides = contraction && [contraction.left, contraction.right];
  const left = sides?.find((side) => lane !== undefined && !axesIn(side.index).has(lane));
  const last = left?.index.at(-1);
  if (!contraction || !left || last?.op !== "axis") return { kernel };
  const axis = last.source as Axis;
  const isPlain = (side: ContractionOperand) =>
    side.index.every((e, d) => !axesIn([e]).has(axis) || e === last && side.shape[d] === axis.size);
  const isSummed = contraction.over.includes(axis);
  if (axis.size % 4 === 0 || axis.size < SHORTEST || !sides!.every(isPlain)) return { kernel };
  // Where there are windows, they would reach into the padding.
  if (!isSummed && (kernel.over.length > 0 || !space.includes(axis))) return { kernel };
  const longer: Axis = { name: axis.name, size: Math.ceil(axis.size / 4) * 4 };
  const memo = new Map<Expr, Expr>();
  const replace = (e: Expr) => rewrite(e, (part) => part === last ? axisValue(longer) : undefined, memo);
  const inLoops = (axes: readonly Axis[]) => axes.map((a) => a === axis ? longer : a);
  const inSide = (side: ContractionOperand) => ({ ...side, index: side.index.map(replace) });
  return {
    kernel: {
      ...kernel,
      space: inLoops(space),
      accumulators: kernel.accumulators.map((a) => ({ ...a, value: replace(a.value) })),
      contraction: {
        over: inLoops(contraction.over),
        left: inSide(contraction.left),
        right: inSide(contraction.right),
      },
      stores: kernel.stores.map((s) => ({ ...s, index: replace(s.index), value: replace(s.value) })),
    },
    ...!isSummed && { longer: { axis: longer, size: axis.size } },
  };
}
