/** Kernels as plain loop nests: what both devices lower when nothing better is known. */
import { type Axis, bool, type Expr, f32, mul, select } from "../../engine/expression/expr.ts";
import { allInRange } from "../../engine/expression/index_math.ts";
import type { ContractionOperand, Kernel } from "../../engine/kernel.ts";
import type { ReduceOp } from "../../engine/tensor.ts";

/** A store, with the tensor whose memory takes it. */
export interface LoopStore {
  readonly target: unknown;
  readonly index: Expr;
  readonly value: Expr;
}

/** A value that is taken in. */
export interface LoopAccumulator {
  readonly reduceOp: ReduceOp;
  readonly value: Expr;
  /** The placeholder for what it ends in. */
  readonly result: Expr;
}

/** A product that is summed. */
export interface LoopDot {
  readonly over: readonly Axis[];
  readonly product: Expr;
  /** The placeholder for the sum. */
  readonly sum: Expr;
}

/** What loop nests are made from; a kernel, or a part of one that copies its operands. */
export interface LoopKernel {
  readonly label: string;
  readonly space: readonly Axis[];
  readonly over: readonly Axis[];
  readonly accumulators: readonly LoopAccumulator[];
  /** Further times through `over`. */
  readonly sweeps: readonly {
    readonly accumulators: readonly LoopAccumulator[];
    readonly stores: readonly LoopStore[];
  }[];
  /** The product that is summed over loops of its own. */
  readonly dot: LoopDot | undefined;
  readonly stores: readonly LoopStore[];
}

/** The element of a contraction's operand, zero outside. */
export function operandValue(operand: ContractionOperand): Expr {
  const inside = allInRange(operand.index, operand.shape);
  return inside === bool(false) ? f32(0) : select(inside, operand.at(operand.index), f32(0));
}

/** A kernel as loops. */
export function loopKernel(kernel: Kernel): LoopKernel {
  const { label, space, over, accumulators, sweeps, stores, contraction } = kernel;
  const dot = contraction && {
    over: contraction.over,
    product: mul(operandValue(contraction.left), operandValue(contraction.right)),
    sum: contraction.sum,
  };
  return { label, space, over, accumulators, sweeps, stores, dot };
}
