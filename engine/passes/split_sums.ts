/**
 * Long sums, products, minima and maxima with few results are cut into parts, so that there is enough to do at one time: `[results]`
 * becomes `[parts, results]`, and a second one joins the parts in a fixed order. Cutting depends on shapes alone, so the same
 * program gives the same bits however many threads there are.
 */
import type { DType } from "../array.ts";
import { reduceRule } from "../expression/reduce_op.ts";
import { type Expr, i32, lt, scalarType, select } from "../expression/expr.ts";
import { rebuild } from "../graph/graph.ts";
import { indexSum } from "../expression/index_math.ts";
import { axesOf } from "../expression/axes.ts";
import { isScattered, type ScatterPolicy } from "./scatter.ts";
import { sizeOf } from "../shape.ts";
import {
  type Access,
  apply,
  type ContractionBody,
  type Op,
  type ReduceBody,
  type ReduceOp,
  type Tensor,
  type TensorType,
} from "../tensor.ts";

/** Parts are made as long as no more results than these are under way, and none has fewer terms than this. */
export interface SplitRule {
  readonly results: number;
  readonly shortestPart: number;
}

/** How far a device wants sums to be cut: by the rule that gives the most parts; by none, not at all. */
export interface SplitPolicy {
  readonly reductions: readonly SplitRule[];
  readonly contractions: readonly SplitRule[];
  /**
   * Longer loops of contractions may have a last part that is shorter, at the cost of reading outside of both sides; others,
   * all where this is left out, are only cut into parts that are alike.
   */
  readonly unevenFrom?: number;
  /** Which sums are scattered, and left whole; none where this is left out. */
  readonly scatter?: ScatterPolicy;
}

/** Which loop of a sum is cut, and how. */
interface Cut {
  readonly loop: number;
  readonly parts: number;
  /** Rounds of the loop in a part; the last part may have fewer. */
  readonly length: number;
}

interface PartsAttrs {
  readonly of: unknown;
  readonly cuts: readonly Cut[];
  readonly shape: readonly number[];
}

/** Cuts the long sums that the roots need; gives, for each root in order, the tensor that takes its place. */
export function splitSums(roots: readonly Tensor[], policy: SplitPolicy): Tensor[] {
  if (policy.reductions.length === 0 && policy.contractions.length === 0) return [...roots];
  return rebuild(roots, (_, tensor) => {
    const cuts = cutsOf(tensor, policy);
    return cuts.length > 0 ? inParts(tensor, cuts) : undefined;
  });
}

/** The reduce ops that are cut. */
const CUT: ReadonlySet<ReduceOp> = new Set(["sum", "product", "max", "min"]);

/** Element types whose parts are kept as they are. */
const WORDS: ReadonlySet<DType> = new Set(["float32", "int32", "uint32"]);

function cutsOf(tensor: Tensor, policy: SplitPolicy): Cut[] {
  const { body } = tensor.op;
  if (isScattered(tensor, policy.scatter)) return [];
  const isReduction = body.kind === "reduce" && CUT.has((body as ReduceBody<unknown>).reduceOp);
  const isCut = isReduction
    ? WORDS.has(tensor.dtype)
    : body.kind === "contraction" && tensor.dtype === "float32";
  if (!isCut) return [];
  const over = (body as ReduceBody<unknown>).over(tensor.inputs, tensor.attrs);
  const terms = sizeOf(over);
  const results = Math.max(1, tensor.size);
  let wanted = Math.max(
    0,
    ...(isReduction ? policy.reductions : policy.contractions).map((rule) =>
      Math.min(Math.floor(rule.results / results), Math.floor(terms / rule.shortestPart))
    ),
  );
  const cuts: Cut[] = [];
  // The longest loop, the outermost of several; the next one only where that is taken apart into single rounds.
  const longestFirst = over.map((_, i) => i).sort((a, b) => over[b] - over[a] || a - b);
  for (const loop of longestFirst) {
    if (wanted < 2) break;
    const length = evenLength(over[loop], wanted);
    if (!isReduction && over[loop] % length !== 0 && !mayLeave(tensor, loop, policy)) break;
    const parts = Math.ceil(over[loop] / length);
    if (parts < 2) break;
    cuts.push({ loop, parts, length });
    if (length > 1) break;
    wanted = Math.floor(wanted / parts);
  }
  return cuts;
}

/** Whether rounds behind a loop's end add nothing, as both sides of a contraction are left along an axis of the same size. */
function mayLeave(tensor: Tensor, loop: number, { unevenFrom = Infinity }: SplitPolicy): boolean {
  const { space, over, left, right } = tensor.op.body as ContractionBody<unknown>;
  const { inputs, attrs } = tensor;
  const sizes = over(inputs, attrs);
  const rounds = axesOf(sizes).map((axis) => axis.value);
  return sizes[loop] > unevenFrom && [left, right].every((side) => {
    const { input, index } = side(space(inputs, attrs).map(() => i32(0)), rounds, inputs, attrs);
    return index.some((place, axis) => place === rounds[loop] && inputs[input].shape[axis] === sizes[loop]);
  });
}

/** The rounds of a part of a loop: all parts alike, if that is nearly as good. */
function evenLength(rounds: number, parts: number): number {
  const length = Math.ceil(rounds / parts);
  for (let even = length; even >= length / 2; even--) {
    if (rounds % even === 0) return even;
  }
  return length;
}

/** The rounds of the whole loops that rounds of a part are; `parts` are its numbers. */
const inWhole = (over: readonly Expr[], parts: readonly Expr[], cuts: readonly Cut[]) =>
  over.map((round, i) => {
    const c = cuts.findIndex((cut) => cut.loop === i);
    return c < 0 ? round : indexSum([[parts[c], cuts[c].length], [round, 1]]);
  });

const cutOver = (over: readonly number[], cuts: readonly Cut[]) =>
  over.map((n, i) => cuts.find((cut) => cut.loop === i)?.length ?? n);

/** The sum as a sum of parts. */
function inParts(tensor: Tensor, cuts: readonly Cut[]): Tensor {
  const op = tensor.op.body.kind === "reduce" ? reductionParts(tensor, cuts) : contractionParts(tensor, cuts);
  const attrs = { of: tensor.attrs, cuts, shape: [...cuts.map((c) => c.parts), ...tensor.shape] };
  const parts = apply(op, tensor.inputs, attrs);
  const reduceOp = tensor.op.body.kind === "reduce" ? tensor.op.body.reduceOp : "sum";
  const sum = apply(joinParts(reduceOp), [parts], { axes: cuts.length });
  sum.name = tensor.name;
  return sum;
}

function reductionParts(tensor: Tensor, cuts: readonly Cut[]): Op<PartsAttrs> {
  const whole = tensor.op.body as ReduceBody<unknown>;
  const rounds = whole.over(tensor.inputs, tensor.attrs);
  const { neutral } = reduceRule(whole.reduceOp, scalarType(tensor.dtype));
  return {
    name: `${tensor.op.name} parts`,
    inferShape: (_inputs, { shape }) => ({ dtype: tensor.dtype, shape }),
    body: {
      kind: "reduce",
      reduceOp: whole.reduceOp,
      over: (inputs) => cutOver(whole.over(inputs, tensor.attrs), cuts),
      value: (context, over) => {
        const index = context.index.slice(cuts.length);
        const inner = { ...context, attrs: tensor.attrs, shape: tensor.shape, index };
        const places = inWhole(over, context.index, cuts);
        return cuts.filter(({ loop, length }) => rounds[loop] % length !== 0).reduce(
          (value, { loop }) => select(lt(places[loop], i32(rounds[loop])), value, neutral),
          whole.value(inner, places),
        );
      },
    },
    flops: () => tensor.op.flops?.(tensor) ?? tensor.size,
  };
}

function contractionParts(tensor: Tensor, cuts: readonly Cut[]): Op<PartsAttrs> {
  const whole = tensor.op.body as ContractionBody<unknown>;
  type Place = (index: readonly Expr[], over: readonly Expr[], inputs: readonly TensorType[]) => Access;
  const side = (of: ContractionBody<unknown>["left"]): Place => (index, over, inputs) =>
    of(index.slice(cuts.length), inWhole(over, index, cuts), inputs, tensor.attrs);
  return {
    name: `${tensor.op.name} parts`,
    inferShape: (_inputs, { shape }) => ({ dtype: "float32", shape }),
    body: {
      kind: "contraction",
      space: (inputs) => [...cuts.map((c) => c.parts), ...whole.space(inputs, tensor.attrs)],
      over: (inputs) => cutOver(whole.over(inputs, tensor.attrs), cuts),
      left: side(whole.left),
      right: side(whole.right),
    },
    flops: () => tensor.op.flops?.(tensor) ?? tensor.size,
  };
}

/** The first axes joined. */
const joinParts = (reduceOp: ReduceOp): Op<{ axes: number }> => ({
  name: "joined",
  inferShape: ([parts], { axes }) => ({ dtype: parts.dtype, shape: parts.shape.slice(axes) }),
  body: {
    kind: "reduce",
    reduceOp,
    over: ([parts], { axes }) => parts.shape.slice(0, axes),
    value: ({ index, load }, over) => load(0, [...over, ...index]),
  },
  flops: ({ inputs: [parts] }) => parts.size,
});
