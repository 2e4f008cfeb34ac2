/**
 * The oracle: runs a traced graph node by node in double precision, from the ops' own bodies but with none of the
 * passes and no device. What is fused, planned and emitted has to agree with it.
 */
import { reduceRule } from "../../engine/expression/reduce_op.ts";
import { Evaluator } from "../../engine/passes/evaluate.ts";
import { axisValue, bool, f32, loadFrom, mul, placeholder, select } from "../../engine/expression/expr.ts";
import { topological } from "../../engine/graph/graph.ts";
import { allInRange, flatten } from "../../engine/expression/index_math.ts";
import { type LoopAttrs, loopAttrs, parts, type ResultAttrs, resultAttrs } from "../../engine/graph/loop.ts";
import { axesOf } from "../../engine/expression/axes.ts";
import {
  type ContractionBody,
  leafAttrs,
  type PackBody,
  type ReduceBody,
  type Tensor,
} from "../../engine/tensor.ts";
import { compileExprs, type Fill } from "./expr_to_js.ts";

/** Elements in double precision. */
export type Values = Float64Array;

/** Values of tensors, given those of the leaves that are not constants. */
export function interpret(
  roots: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, ArrayLike<number>> = new Map(),
): Values[] {
  const known = new Map<Tensor, Values>();
  const loops = new Map<Tensor, LoopValues>();
  for (const tensor of topological(roots)) {
    if (loopAttrs(tensor)) {
      loops.set(tensor, runLoop(tensor as Tensor<LoopAttrs>, known));
      continue;
    }
    if (tensor.op.body.kind === "result") {
      const { of, number } = resultAttrs(tensor);
      known.set(tensor, loops.get(tensor.inputs[0])![of][number]);
      continue;
    }
    const value = tensor.op.body.kind === "composite"
      ? interpret([tensor.op.simplify!(tensor, undefined)!], feeds)[0]
      : evaluate(tensor, known, feeds);
    known.set(tensor, value);
  }
  return roots.map((r) => r.dtype === "float16" ? known.get(r)!.map(halfOfBits) : known.get(r)!);
}

type LoopValues = Record<ResultAttrs["of"], Values[]>;

/** The results of a loop, step after step. */
function runLoop(node: Tensor<LoopAttrs>, known: ReadonlyMap<Tensor, Values>): LoopValues {
  const { length, reverse, position, carries, slices, fixed, next, kept, sums } = node.attrs;
  const inputs = node.inputs.map((input) => known.get(input)!);
  const [first, stacked, others] = parts(inputs, [carries.length, slices.length]);
  let carry = first;
  const stacks = kept.map((t) => new Float64Array(length * t.size));
  const totals = sums.map((t) => new Float64Array(t.size));
  for (let step = 0; step < length; step++) {
    const at = reverse ? length - 1 - step : step;
    const feeds = new Map<Tensor, ArrayLike<number>>([
      [position, [at]],
      ...carries.map((leaf, i) => [leaf, carry[i]] as const),
      ...slices.map((leaf, i) => [leaf, stacked[i].subarray(at * leaf.size, (at + 1) * leaf.size)] as const),
      ...fixed.map((leaf, i) => [leaf, others[i]] as const),
    ]);
    const values = interpret([...next, ...kept, ...sums], feeds);
    const [handed, own, terms] = parts(values, [next.length, kept.length]);
    carry = handed;
    own.forEach((value, i) => stacks[i].set(value, at * value.length));
    terms.forEach((value, i) => value.forEach((v, j) => totals[i][j] += v));
  }
  return { carry, kept: stacks, sum: totals };
}

/** Halves are computed with as bits. */
const bitsOfHalf = (value: number) => new Uint16Array(Float16Array.of(value).buffer)[0];
const halfOfBits = (bits: number) => new Float16Array(Uint16Array.of(bits).buffer)[0];

function evaluate(
  tensor: Tensor,
  known: Map<Tensor, Values>,
  feeds: ReadonlyMap<Tensor, ArrayLike<number>>,
): Values {
  const { body } = tensor.op;
  const leaf = leafAttrs(tensor);
  if (leaf) {
    const data = feeds.get(tensor) ?? leaf.data;
    if (data === undefined) throw new Error(`no value for ${leaf.name}`);
    const values = typeof data === "number"
      ? new Float64Array(tensor.size).fill(data)
      : Float64Array.from(data);
    return tensor.dtype === "float16" ? values.map(bitsOfHalf) : values;
  }
  if (body.kind === "view") return known.get(tensor.inputs[0])!;
  if (body.kind === "pack") {
    const result = new Float64Array(tensor.size);
    const offsets = (body as PackBody<unknown>).offsets(tensor.attrs);
    tensor.inputs.forEach((input, i) => result.set(known.get(input)!, offsets[i]));
    return result;
  }
  let fill = fills.get(tensor);
  if (!fill) fills.set(tensor, fill = compile(tensor));
  return fill(tensor.size, (source) => known.get(source as Tensor)!);
}

/** A tensor never changes, so neither does the code for it. */
const fills = new WeakMap<Tensor, Fill>();

function compile(tensor: Tensor): Fill {
  const { body } = tensor.op;
  const evaluator = new Evaluator((t) => t === tensor ? undefined : { target: t, offset: 0 });
  const space = axesOf(tensor.shape);
  const index = space.map((a) => a.value);
  if (body.kind === "map") {
    return compileExprs([body.value(evaluator.context(tensor, index))], space.map((a) => a.axis));
  }
  if (body.kind === "reduce") {
    const reduce = body as ReduceBody<unknown>;
    const over = axesOf(reduce.over(tensor.inputs, tensor.attrs), "r");
    const value = reduce.value(evaluator.context(tensor, index), over.map((a) => a.value));
    const rule = reduceRule(reduce.reduceOp, value.type);
    const running = rule.start.map((s) => placeholder(s.type));
    const at = flatten(over.map((a) => a.value), over.map((a) => a.axis.size));
    return compileExprs([value], space.map((a) => a.axis), {
      over: over.map((a) => a.axis),
      start: rule.start,
      parts: running,
      step: rule.step(running, value, at),
      finish: rule.finish(running),
    });
  }
  const contraction = body as ContractionBody<unknown>;
  const shape = contraction.space(tensor.inputs, tensor.attrs);
  const loops = axesOf(shape);
  const over = axesOf(contraction.over(tensor.inputs, tensor.attrs), "k");
  const [left, right] = [contraction.left, contraction.right].map((side) => {
    const access = side(loops.map((a) => a.value), over.map((a) => a.value), tensor.inputs, tensor.attrs);
    const input = tensor.inputs[access.input];
    const inside = allInRange(access.index, input.shape);
    if (inside === bool(false)) return f32(0);
    return select(inside, loadFrom(input, "float32", flatten(access.index, input.shape)), f32(0));
  });
  const sum = placeholder("f32");
  const rule = reduceRule("sum", "f32");
  const product = mul(left, right);
  return compileExprs([product], loops.map((a) => a.axis), {
    over: over.map((a) => a.axis),
    start: rule.start,
    parts: [sum],
    step: rule.step([sum], product, axisValue({ name: "", size: 1 })),
    finish: sum,
  });
}
