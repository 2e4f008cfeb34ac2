/**
 * A tensor is a node of a graph: the op that makes it, the tensors that go in, its shape and dtype. Nothing is
 * computed when one is made. An op carries everything about itself (`Op`), so the engine lists no op by name.
 */
import type { DType } from "./array.ts";
import { quoted } from "./element.ts";
import type { Axis, Expr } from "./expression/expr.ts";
import type { RowPolicy } from "./passes/row_policy.ts";
import { checkShape, type Shape } from "./shape.ts";

/** Shape and element type, without values. */
export interface TensorType {
  /** The element type. */
  readonly dtype: DType;
  /** The size of each axis. */
  readonly shape: Shape;
}

/** A value in a program that is being traced. */
export class Tensor<A = unknown> implements TensorType {
  static #count = 0;
  /** Rises in the order of creation, so inputs have smaller numbers. */
  readonly id: number = Tensor.#count++;
  /**
   * What makes it.
   * @internal
   */
  readonly op: Op<A>;
  /** What it is made from. */
  readonly inputs: readonly Tensor[];
  /** The options of its op. */
  readonly attrs: A;
  /** The element type. */
  readonly dtype: DType;
  /** The size of each axis. */
  readonly shape: Shape;
  /** A name for messages, labels and `explain()`. */
  name: string | undefined;

  /** @ignore Tensors are made by {@linkcode apply}. */
  constructor(op: Op<A>, inputs: readonly Tensor[], attrs: A, type: TensorType) {
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.dtype = type.dtype;
    this.shape = type.shape;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return this.shape.reduce((a, b) => a * b, 1);
  }

  /** Gives this tensor a name for messages and labels. */
  named(name: string): this {
    this.name = name;
    return this;
  }
}

/** What an op is: its shape rule, its gradient, its body and its cost. One constant an op file. */
export interface Op<A = unknown> {
  /** The name in messages and labels, in camelCase. */
  readonly name: string;
  /** Checks the inputs and gives the result's type. All validation of the op is here. */
  inferShape(inputs: readonly TensorType[], attrs: A): TensorType;
  /**
   * From the gradient of the result (the cotangent), the gradient of each input; `null` where it has none.
   * An op without a `vjp` is not differentiable and counts as a constant.
   */
  vjp?(cotangent: Tensor, node: Tensor<A>): readonly (Tensor | null)[];
  /** The same for a loop, whose results are nodes of their own: from the cotangents that some of them have. */
  vjpOfResults?(cotangents: ReadonlyMap<Tensor, Tensor>, node: Tensor<A>): readonly (Tensor | null)[];
  /** What a device computes. */
  readonly body: Body<A>;
  /** Floating-point operations for the whole result; one per element when left out. */
  flops?(node: Tensor<A>): number;
  /** Whether this is an element-wise op of one input that never falls where its input rises. */
  readonly isRising?: boolean;
  /** An equal tensor that is cheaper, if this node has one; it may depend on the rows that the device keeps at hand. */
  simplify?(node: Tensor<A>, rows: RowPolicy | undefined): Tensor | undefined;
  /**
   * For an op that keeps its one input in another form: what stands for the input wherever it is needed, made from the
   * node. Such a node always has memory.
   */
  compactForm?(node: Tensor<A>): Tensor;
  /** Whether a map never gets memory, as what it reads is kept in its stead. */
  readonly isWrittenOut?: boolean;
  /** For an op that looks rows up in its first input, by indices: which. */
  lookup?(node: Tensor<A>): Indexed;
  /** For an op that adds its first input up by row, zero where there is nothing: by which indices. */
  addsUp?(node: Tensor<A>): Indexed;
  /** A smaller tensor with the same sum over these axes, if this node has one. */
  sameSum?(node: Tensor<A>, axes: readonly number[]): Tensor | undefined;
}

/** Rows along an axis that are looked up, or added up, by indices whose axes are in the place of that axis. */
export interface Indexed {
  /** What rows are looked up in. */
  readonly table?: Tensor;
  readonly indices: Tensor;
  readonly axis: number;
  /** How many rows there are. */
  readonly rows: number;
  /** Looks the same rows of another table up, along one of its axes. */
  again(table: Tensor, axis: number): Tensor;
  /** Adds rows up by these indices, which are in the place of an axis. */
  addUp(updates: Tensor, axis: number): Tensor;
  /** The same with the axes of the indices joined in one. */
  joined(): Indexed;
  /** The same with the axes of the indices in another order, as {@linkcode transpose} takes it. */
  inOrder(order: readonly number[]): Indexed;
}

/** The kinds of work that devices and the fusion pass know. */
export type Body<A> =
  | LeafBody
  | ViewBody
  | PackBody<A>
  | MapBody<A>
  | ReduceBody<A>
  | ContractionBody<A>
  | CompositeBody
  | LoopBody
  | ResultBody;

/** A value that comes from outside: state, an input, a constant. */
export interface LeafBody {
  readonly kind: "leaf";
}

/** The same elements in the same order under another shape. */
export interface ViewBody {
  readonly kind: "view";
}

/** What is made of other ops: its `simplify` always gives them. */
export interface CompositeBody {
  readonly kind: "composite";
}

/** Steps that are repeated, each after the one before it (`loop.ts`). The node itself has no elements: its results do. */
export interface LoopBody {
  readonly kind: "loop";
}

/** One of a loop's results. */
export interface ResultBody {
  readonly kind: "result";
}

/** The inputs' elements one after another in one block, each from its offset on; gaps are zero. */
export interface PackBody<A> {
  readonly kind: "pack";
  offsets(attrs: A): readonly number[];
}

/** What a body can ask for while it describes one element. */
export interface ElementContext<A> {
  readonly attrs: A;
  readonly inputs: readonly TensorType[];
  readonly shape: Shape;
  /** Where the element is in the result. */
  readonly index: readonly Expr[];
  /** The element of an input at an index that is in range. */
  load(input: number, index: readonly Expr[]): Expr;
  /** The same where the index may leave the input: `outside` is given there. */
  loadOr(input: number, index: readonly Expr[], outside: Expr): Expr;
}

/** Each element by itself. */
export interface MapBody<A> {
  readonly kind: "map";
  /** Whether element i of the result needs only element i (or its broadcast) of each input. */
  readonly elementwise: boolean;
  value(context: ElementContext<A>): Expr;
}

/**
 * How a reduction joins values. `argMax` and `argMin` give the first position in the order of the loops; NaN is larger and
 * smaller than all numbers. `sumExp` is the sum of e to the distance from the largest value: from 1 up.
 */
export type ReduceOp = "sum" | "product" | "max" | "min" | "argMax" | "argMin" | "logSumExp" | "sumExp";

/** Each element from a loop over others. */
export interface ReduceBody<A> {
  readonly kind: "reduce";
  readonly reduceOp: ReduceOp;
  /** The sizes of the loops. */
  over(inputs: readonly TensorType[], attrs: A): readonly number[];
  value(context: ElementContext<A>, over: readonly Expr[]): Expr;
  /** Whether each input element takes part in at most one result element (windows that do not overlap). */
  disjoint?(attrs: A): boolean;
  /** For a sum whose rounds each add to one place along an axis of the result, and zero elsewhere: where, and what. */
  readonly scatter?: Scatter<A>;
}

/**
 * The same sum as a reduction's `value` describes, the other way round. Neither function looks at the context's index along
 * the axis.
 */
export interface Scatter<A> {
  axis(attrs: A): number;
  /** The place along the axis; a round whose place is outside adds nothing. */
  place(context: ElementContext<A>, over: readonly Expr[]): Expr;
  value(context: ElementContext<A>, over: readonly Expr[]): Expr;
}

/** A place in an input, per axis; outside its shape the value is zero. */
export interface Access {
  readonly input: number;
  readonly index: readonly Expr[];
}

/** A sum of products of two inputs' elements, the places affine in the loops: matmul and convolutions. */
export interface ContractionBody<A> {
  readonly kind: "contraction";
  /** The result's axes as loops; the same elements in the same order as its shape, but it may split axes. */
  space(inputs: readonly TensorType[], attrs: A): readonly number[];
  /** The sizes of the summed loops. */
  over(inputs: readonly TensorType[], attrs: A): readonly number[];
  left(index: readonly Expr[], over: readonly Expr[], inputs: readonly TensorType[], attrs: A): Access;
  right(index: readonly Expr[], over: readonly Expr[], inputs: readonly TensorType[], attrs: A): Access;
}

/** Throws for what is no tensor. */
export function checkTensors(op: string, inputs: readonly unknown[]): void {
  for (const input of inputs) {
    if (input instanceof Tensor) continue;
    throw new TypeError(`Cannot apply ${op} to ${quoted(input)}: it takes tensors (see tensor)`);
  }
}

/** Adds a node to the graph. */
export function apply<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor<A> {
  checkTensors(op.name, inputs);
  const type = op.inferShape(inputs, attrs);
  checkShape(`apply ${op.name}`, type.shape);
  const { body } = op;
  const loops = body.kind === "reduce" || body.kind === "contraction" ? body.over(inputs, attrs) : [];
  checkShape(`apply ${op.name} with its loops`, loops);
  return new Tensor(op, inputs, attrs, type);
}

/** A tensor made from other inputs in the same way; itself where they are the same. */
export function withInputs(tensor: Tensor, inputs: readonly Tensor[]): Tensor {
  if (inputs.every((input, i) => input === tensor.inputs[i])) return tensor;
  const made = new Tensor(tensor.op, inputs, tensor.attrs, tensor);
  made.name = tensor.name;
  return made;
}

/** What a leaf of a program stands for. */
export interface LeafAttrs {
  /** `loop` is what a loop gives each of its steps. */
  readonly kind: "state" | "input" | "constant" | "loop";
  readonly name: string;
  readonly type: TensorType;
  /** For the number of a step: the loop that counts it. */
  readonly counts?: Axis;
  /** The elements of a constant; one number stands for all of them. */
  readonly data?: ArrayLike<number> | number;
}

/** The op of every leaf. */
export const leaf: Op<LeafAttrs> = {
  name: "leaf",
  inferShape: (_inputs, attrs) => attrs.type,
  body: { kind: "leaf" },
  flops: () => 0,
};

/** The attributes of a leaf, or `undefined` for a tensor that is computed. */
export function leafAttrs(tensor: Tensor): LeafAttrs | undefined {
  return tensor.op.body.kind === "leaf" ? tensor.attrs as LeafAttrs : undefined;
}

/** The number that all elements of a constant share, or `undefined`. */
export function uniformValue(tensor: Tensor): number | undefined {
  const data = leafAttrs(tensor)?.data;
  return typeof data === "number" ? data : undefined;
}
