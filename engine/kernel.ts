/**
 * A kernel is what one dispatch computes: loops over a space, perhaps a contraction, perhaps a reduction, and
 * expressions that are stored. It names no op; devices lower it without knowing what it came from.
 *
 * For each point of `space`: the contraction's sum is its `sum`; with accumulators, for each point of
 * `over`, each accumulator takes in its `value` (which may use the dot); then come the `passes`; then every store is
 * written.
 */
import type { Axis, Expr } from "./expression/expr.ts";
import type { Shape } from "./shape.ts";
import type { ReduceOp, Tensor } from "./tensor.ts";

/** One running value of a reduction. */
export interface Accumulator {
  readonly reduceOp: ReduceOp;
  readonly value: Expr;
  /** A placeholder for what it ends in. */
  readonly result: Expr;
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
  /** A placeholder for the sum. */
  readonly sum: Expr;
}

/** Rounds that each add to one place along an axis of the space, in their order, instead of all sums going over all rounds. */
export interface KernelScatter {
  readonly axis: Axis;
  readonly place: Expr;
  readonly value: Expr;
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

/** One more time through `over`, when the accumulators so far have their values, which it may use. */
export interface Sweep {
  readonly accumulators: readonly Accumulator[];
  /** What is written for each point of `over`. It may be read there again in later sweeps. */
  readonly stores: readonly Store[];
}

/** What one dispatch computes. */
export interface Kernel {
  /** Names of the nodes in it, for labels and `explain()`. */
  readonly label: string;
  readonly space: readonly Axis[];
  readonly over: readonly Axis[];
  readonly accumulators: readonly Accumulator[];
  /** Only for devices that keep rows at hand. */
  readonly sweeps: readonly Sweep[];
  readonly contraction: Contraction | undefined;
  /** The only accumulator and store, the other way round. */
  readonly scatter?: KernelScatter;
  readonly stores: readonly Store[];
  /** Floating-point operations of the nodes in it. */
  readonly flops: number;
}

/** All that a kernel writes, with when: stores of its sweeps, counted from 1, and behind these its last ones. */
export function kernelStores({ sweeps, stores }: Kernel): { store: Store; sweep: number }[] {
  return [...sweeps.map((p) => p.stores), stores].flatMap((some, i) =>
    some.map((store) => ({ store, sweep: i + 1 }))
  );
}

/** How the kernels of a loop can be cut into parts that never meet. */
export interface LoopBatch {
  /** The number of places: what is computed at one depends on nothing at the others. */
  readonly size: number;
  /** The axis of each kernel that goes along them; so many elements of it are one place as its size is a multiple. */
  readonly axes: ReadonlyMap<Kernel, Axis>;
}

/** Levels that are run so many times in a row. */
export interface LoopRange {
  /** Counts the position of the step's slices: downwards if the loop is reversed. */
  readonly counter: Axis;
  readonly times: number;
  readonly reverse: boolean;
  readonly firstLevel: number;
  readonly lastLevel: number;
  /** How all its steps can be gone through for parts of a batch; left out where they meet. */
  readonly batch?: LoopBatch;
}
