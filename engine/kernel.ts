/**
 * A kernel is what one dispatch computes: loops over a space, perhaps a contraction, perhaps a reduction, and
 * expressions that are stored. It names no op; devices lower it without knowing what it came from.
 *
 * For each point of `space`: the contraction's sum is `dotValue()`; with accumulators, for each point of
 * `over`, each accumulator takes in its `value` (which may use the dot); then every store is written.
 */
import type { Axis, Expr } from "./expr.ts";
import type { Shape } from "./shape.ts";
import type { Combine, Tensor } from "./tensor.ts";

/** One running value of a reduction. */
export interface Accumulator {
  readonly combine: Combine;
  readonly value: Expr;
}

/** One side of a contraction: places in a tensor that is stored, or computed where it is read. */
export interface ContractionOperand {
  /** What is read. */
  readonly tensor: Tensor;
  readonly shape: Shape;
  /** The place per axis, affine in the loops; zero is read outside `shape`. */
  readonly index: readonly Expr[];
  /** The element at any index that is in range. */
  at(index: readonly Expr[]): Expr;
}

/** A sum of products over loops of its own. */
export interface Contraction {
  readonly over: readonly Axis[];
  readonly left: ContractionOperand;
  readonly right: ContractionOperand;
}

/** One result of a kernel. */
export interface Store {
  /** The tensor that is stored. */
  readonly tensor: Tensor;
  /** The tensor whose memory takes it: itself, or the pack that it is a piece of. */
  readonly target: Tensor;
  /** Where in the target each point of the space goes. */
  readonly index: Expr;
  readonly value: Expr;
}

/** What one dispatch computes. */
export interface Kernel {
  /** Names of the nodes in it, for labels and `explain()`. */
  readonly label: string;
  readonly space: readonly Axis[];
  readonly over: readonly Axis[];
  readonly accumulators: readonly Accumulator[];
  readonly contraction: Contraction | undefined;
  readonly stores: readonly Store[];
  /** Floating-point operations of the nodes in it. */
  readonly flops: number;
}
