/**
 * Nodes of a loop's body lifted out of it: computed for all steps at once. A body says what an element is at an index, so
 * the lifted one has one more index in front, that of the step, which goes on to the inputs that have it, too. A product of
 * every step becomes one product.
 */
import type { Expr } from "../expression/expr.ts";
import {
  type Access,
  apply,
  type Body,
  type ContractionBody,
  type ElementContext,
  type MapBody,
  type Op,
  type ReduceBody,
  type Tensor,
  type TensorType,
} from "../tensor.ts";

/** What a node of a body is for all steps: `[steps, ...shape]`, or the same in every step. */
export interface Lifted {
  readonly tensor: Tensor;
  readonly isStacked: boolean;
}

/** Whether a node of such an op can be computed for all steps at once. */
export function canLift({ op }: Tensor): boolean {
  return ["map", "reduce", "contraction", "view"].includes(op.body.kind) && !op.compactForm;
}

/** A node for all steps. */
export function lift(node: Tensor, inputs: readonly Lifted[], steps: number): Lifted {
  if (inputs.every((i) => !i.isStacked)) {
    return { tensor: apply(typed(node.op, node), inputs.map((i) => i.tensor), node.attrs), isStacked: false };
  }
  const { dtype } = node;
  const type = { dtype, shape: [steps, ...node.shape] };
  const op: Op = {
    ...outline(node, type),
    body: liftedBody(node, inputs.map((i) => i.isStacked), steps),
    flops: () => steps * flopsOf(node),
  };
  const tensor = apply(op, inputs.map((i) => i.tensor), node.attrs);
  tensor.name = node.name;
  return { tensor, isStacked: true };
}

/** A node, added up over all steps. */
export function liftSum(node: Tensor, inputs: readonly Lifted[], steps: number): Tensor | undefined {
  const { body } = node.op;
  const isSum = body.kind === "contraction" ||
    body.kind === "reduce" && (body as ReduceBody<unknown>).reduceOp === "sum";
  if (!isSum || inputs.every((i) => !i.isStacked)) return undefined;
  const stacked = inputs.map((i) => i.isStacked);
  const op: Op = {
    ...outline(node, node),
    body: body.kind === "contraction"
      ? summedContraction(node, stacked, steps)
      : summedReduction(node, stacked, steps),
    flops: () => steps * flopsOf(node),
  };
  const tensor = apply(op, inputs.map((i) => i.tensor), node.attrs);
  tensor.name = node.name;
  return tensor;
}

/** The sum of a stacked tensor over its steps. */
export function sumOverSteps(stacked: Tensor): Tensor {
  return apply(sumOfSteps, [stacked], {});
}

const sumOfSteps: Op<Record<string, never>> = {
  name: "sum over steps",
  inferShape: ([x]) => ({ dtype: x.dtype, shape: x.shape.slice(1) }),
  body: {
    kind: "reduce",
    reduceOp: "sum",
    over: ([x]) => [x.shape[0]],
    value: ({ index, load }, over) => load(0, [...over, ...index]),
  },
  flops: ({ inputs: [x] }) => x.size,
};

const flopsOf = (node: Tensor) => node.op.flops?.(node) ?? node.size;

const outline = (node: Tensor, { dtype, shape }: TensorType) => ({
  name: node.op.name,
  inferShape: () => ({ dtype, shape }),
  isWrittenOut: node.op.isWrittenOut,
});

/** An op whose result has the type of a node that is there. */
const typed = (op: Op, { dtype, shape }: TensorType): Op => ({ ...op, inferShape: () => ({ dtype, shape }) });

/** The types of inputs as a step has them. */
const inStep = (inputs: readonly TensorType[], stacked: readonly boolean[]): TensorType[] =>
  inputs.map(({ dtype, shape }, i) => ({ dtype, shape: stacked[i] ? shape.slice(1) : shape }));

/** A context of a step, whose loads from stacked inputs go to that step. */
function siteIn(
  context: ElementContext<unknown>,
  step: Expr,
  node: Tensor,
  stacked: readonly boolean[],
): ElementContext<unknown> {
  const place = (input: number, index: readonly Expr[]) => stacked[input] ? [step, ...index] : index;
  return {
    attrs: context.attrs,
    inputs: inStep(context.inputs, stacked),
    shape: node.shape,
    index: context.index,
    load: (input, index) => context.load(input, place(input, index)),
    loadOr: (input, index, outside) => context.loadOr(input, place(input, index), outside),
  };
}

const accessIn = (step: Expr, stacked: readonly boolean[], { input, index }: Access): Access => ({
  input,
  index: stacked[input] ? [step, ...index] : index,
});

function liftedBody(node: Tensor, stacked: readonly boolean[], steps: number): Body<unknown> {
  const { body } = node.op;
  const own = (context: ElementContext<unknown>) => {
    const [step, ...index] = context.index;
    return siteIn({ ...context, index }, step, node, stacked);
  };
  if (body.kind === "map") {
    const { elementwise, value } = body as MapBody<unknown>;
    return { kind: "map", elementwise, value: (context) => value(own(context)) };
  }
  if (body.kind === "reduce") {
    const { reduceOp, over, value, disjoint, scatter } = body as ReduceBody<unknown>;
    return {
      kind: "reduce",
      reduceOp,
      over: (inputs, attrs) => over(inStep(inputs, stacked), attrs),
      value: (context, rounds) => value(own(context), rounds),
      disjoint,
      scatter: scatter && {
        axis: (attrs) => 1 + scatter.axis(attrs),
        place: (context, rounds) => scatter.place(own(context), rounds),
        value: (context, rounds) => scatter.value(own(context), rounds),
      },
    };
  }
  if (body.kind === "contraction") {
    const { space, over, left, right } = body as ContractionBody<unknown>;
    const side = (of: typeof left): typeof left => ([step, ...index], rounds, inputs, attrs) =>
      accessIn(step, stacked, of(index, rounds, inStep(inputs, stacked), attrs));
    return {
      kind: "contraction",
      space: (inputs, attrs) => [steps, ...space(inStep(inputs, stacked), attrs)],
      over: (inputs, attrs) => over(inStep(inputs, stacked), attrs),
      left: side(left),
      right: side(right),
    };
  }
  return { kind: "view" };
}

function summedContraction(
  node: Tensor,
  stacked: readonly boolean[],
  steps: number,
): ContractionBody<unknown> {
  const { space, over, left, right } = node.op.body as ContractionBody<unknown>;
  const side = (of: typeof left): typeof left => (index, [step, ...rounds], inputs, attrs) =>
    accessIn(step, stacked, of(index, rounds, inStep(inputs, stacked), attrs));
  return {
    kind: "contraction",
    space: (inputs, attrs) => space(inStep(inputs, stacked), attrs),
    over: (inputs, attrs) => [steps, ...over(inStep(inputs, stacked), attrs)],
    left: side(left),
    right: side(right),
  };
}

function summedReduction(node: Tensor, stacked: readonly boolean[], steps: number): ReduceBody<unknown> {
  const { over, value, scatter } = node.op.body as ReduceBody<unknown>;
  const inEach = (of: typeof value): typeof value => (context, [step, ...rounds]) =>
    of(siteIn(context, step, node, stacked), rounds);
  return {
    kind: "reduce",
    reduceOp: "sum",
    over: (inputs, attrs) => [steps, ...over(inStep(inputs, stacked), attrs)],
    value: inEach(value),
    scatter: scatter && { axis: scatter.axis, place: inEach(scatter.place), value: inEach(scatter.value) },
  };
}
