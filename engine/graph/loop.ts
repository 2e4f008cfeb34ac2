/**
 * Loops in a graph: steps that are traced once and run again and again, each on what the one before it hands on. A loop is
 * one node; what it gives are nodes of their own, its results.
 *
 * The body is a graph over leaves of its own: what is carried from step to step, one slice of each stacked input, tensors
 * that are the same in every step, and the step's number. Nothing in it depends on the number of steps.
 */
import type { Axis } from "../expression/expr.ts";
import { rebuild, topological } from "./graph.ts";
import { apply, leaf, leafAttrs, type Op, type Tensor, type TensorType } from "../tensor.ts";

/** What is repeated. */
export interface LoopAttrs {
  /** The number of steps. */
  readonly length: number;
  /** Whether the last slice comes first. */
  readonly reverse: boolean;
  /** The position of the step's slices, an int32 leaf. */
  readonly position: Tensor;
  /** Leaves: what the step before handed on. The loop's first inputs are what the first step gets. */
  readonly carries: readonly Tensor[];
  /** Leaves: slices, along the first axis, of the loop's next inputs. */
  readonly slices: readonly Tensor[];
  /** Leaves: the loop's last inputs, the same in every step. */
  readonly fixed: readonly Tensor[];
  /** What is handed on, for each carry. */
  readonly next: readonly Tensor[];
  /** What is added up over all steps. */
  readonly sums: readonly Tensor[];
  /** What is kept of every step, at its slices' position. May grow: a gradient asks for what it needs of the steps. */
  readonly kept: Tensor[];
}

/** Which of a loop's results: a carry behind the last step, what was kept of all steps, a sum. */
export interface ResultAttrs {
  readonly of: "carry" | "kept" | "sum";
  readonly number: number;
}

/** The attributes of a loop, or `undefined` for another tensor. */
export const loopAttrs = (tensor: Tensor): LoopAttrs | undefined =>
  tensor.op.body.kind === "loop" ? tensor.attrs as LoopAttrs : undefined;

/** The attributes of a loop's result. */
export const resultAttrs = (tensor: Tensor): ResultAttrs => tensor.attrs as ResultAttrs;

/** The op of every result; its one input is the loop. */
export const result: Op<ResultAttrs> = {
  name: "result",
  inferShape: ([loop], { of, number }) => {
    const { length, carries, kept, sums } = (loop as Tensor).attrs as LoopAttrs;
    if (of === "carry") return typeOf(carries[number]);
    if (of === "sum") return typeOf(sums[number]);
    return { dtype: kept[number].dtype, shape: [length, ...kept[number].shape] };
  },
  body: { kind: "result" },
  flops: () => 0,
};

const typeOf = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape });

/** The result that holds what a tensor of the body was in every step, `[steps, ...shape]`. */
export function keptOf(loop: Tensor, inside: Tensor): Tensor {
  const { kept } = loop.attrs as LoopAttrs;
  let number = kept.indexOf(inside);
  if (number < 0) number = kept.push(inside) - 1;
  return apply(result, [loop], { of: "kept", number });
}

/** A leaf of a body. */
export function bodyLeaf(name: string, type: TensorType, counts?: Axis): Tensor {
  return apply(leaf, [], { kind: "loop", name, type: typeOf(type), counts }).named(name);
}

/** The first axis taken off. */
export const sliceType = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape: shape.slice(1) });

/** What a traced step gives. */
export interface Step {
  readonly next: readonly Tensor[];
  readonly kept: readonly Tensor[];
  readonly sums: readonly Tensor[];
}

/** What a loop begins with and goes along. */
export interface LoopInputs {
  readonly length: number;
  readonly reverse: boolean;
  readonly first: readonly Tensor[];
  readonly stacked: readonly Tensor[];
}

/** Makes a loop: traces its step once, on leaves. Whatever the step takes from outside is the same in every step. */
export function loop(
  op: Op<LoopAttrs>,
  { length, reverse, first, stacked }: LoopInputs,
  step: (carries: readonly Tensor[], slices: readonly Tensor[], position: Tensor) => Step,
): Tensor {
  const position = bodyLeaf("position", { dtype: "int32", shape: [] }, { name: "t", size: length });
  const carries = first.map((t, i) => bodyLeaf(t.name ?? `carry${i}`, t));
  const slices = stacked.map((t, i) => bodyLeaf(t.name ?? `slice${i}`, sliceType(t)));
  const given = step(carries, slices, position);
  const own = new Set([position, ...carries, ...slices]);
  const roots = [...given.next, ...given.kept, ...given.sums];
  const { fixed, outside, inside } = closed(roots, own);
  const [next, kept, sums] = parts(inside, [given.next.length, given.kept.length]);
  const attrs: LoopAttrs = { length, reverse, position, carries, slices, fixed, next, kept, sums };
  return apply(op, [...first, ...stacked, ...outside], attrs);
}

/** A list in pieces of these lengths, and the rest. */
export function parts<T>(list: readonly T[], lengths: readonly number[]): T[][] {
  let from = 0;
  return [...lengths, list.length].map((length) => list.slice(from, from += length));
}

/** Puts leaves in the place of all that does not depend on the body's own leaves, but for plain numbers. */
function closed(
  roots: readonly Tensor[],
  own: ReadonlySet<Tensor>,
): { fixed: Tensor[]; outside: Tensor[]; inside: Tensor[] } {
  const isInside = new Map<Tensor, boolean>();
  const isNumber = (t: Tensor) => typeof leafAttrs(t)?.data === "number";
  for (const tensor of topological(roots)) {
    isInside.set(tensor, own.has(tensor) || tensor.inputs.some((i) => isInside.get(i)!));
  }
  const leaves = new Map<Tensor, Tensor>();
  const inside = rebuild(roots, (tensor) => {
    if (isInside.get(tensor) || isNumber(tensor)) return undefined;
    if (!leaves.has(tensor)) leaves.set(tensor, bodyLeaf(tensor.name ?? tensor.op.name, tensor));
    return leaves.get(tensor);
  });
  // Only what the body reads itself, not what that is made of.
  const read = new Set(topological(inside));
  const used = [...leaves].filter(([, fixed]) => read.has(fixed));
  return { fixed: used.map(([, fixed]) => fixed), outside: used.map(([outside]) => outside), inside };
}

/** How inputs of a loop are divided. */
export function loopInputs(node: Tensor): { first: Tensor[]; stacked: Tensor[]; fixed: Tensor[] } {
  const { carries, slices } = node.attrs as LoopAttrs;
  const [first, stacked, fixed] = parts(node.inputs, [carries.length, slices.length]);
  return { first, stacked, fixed };
}
