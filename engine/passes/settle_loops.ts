/**
 * Loops with as little in them as possible. What nothing needs is gone; what does not depend on what is carried is computed
 * for all steps before the loop; what nothing carries on is computed for all steps behind it. So the input's product of a
 * recurrent network is one product over all steps, and so are its weights' gradients.
 */
import { bytesPerElement } from "../array.ts";
import { Evaluator } from "./evaluate.ts";
import { rebuild, topological } from "../graph/graph.ts";
import { canLift, lift, type Lifted, liftSum, sumOverSteps } from "./lift.ts";
import {
  bodyLeaf,
  type LoopAttrs,
  loopAttrs,
  loopInputs,
  parts,
  result,
  type ResultAttrs,
  resultAttrs,
  sliceType,
} from "../graph/loop.ts";
import { axesOf } from "../expression/axes.ts";
import { liveLeaves, nameOf, usedResults } from "./loop_liveness.ts";
import type { RowPolicy } from "./row_policy.ts";
import { simplify } from "./simplify.ts";
import { runningSum, totalOf } from "./step_sums.ts";
import { apply, leaf, leafAttrs, type Op, type Tensor, type TensorType, uniformValue } from "../tensor.ts";

/** Rewrites the graph; gives, for each root in order, the tensor that takes its place. */
export function settleLoops(roots: readonly Tensor[], rows: RowPolicy | undefined): Tensor[] {
  if (!topological(roots).some(loopAttrs)) return [...roots];
  const used = usedResults(roots);
  const settled = new Map<Tensor, Map<string, Tensor>>();
  const inner = rebuild(roots, (tensor, copy) => {
    if (tensor.op.body.kind !== "result") return undefined;
    const [node] = copy.inputs as Tensor<LoopAttrs>[];
    if (!settled.has(node)) settled.set(node, settle(node, used.get(tensor.inputs[0])!, rows));
    return settled.get(node)!.get(nameOf(resultAttrs(tensor)));
  });
  return simplify(inner, rows);
}

/** What holds the positions of all steps. */
const positionsOp: Op<{ steps: number }> = {
  name: "positions",
  inferShape: (_inputs, { steps }) => ({ dtype: "int32", shape: [steps] }),
  body: { kind: "map", elementwise: true, value: ({ index }) => index[0] },
  flops: () => 0,
};

const numberLeaf = ({ dtype, shape }: TensorType, data: number) =>
  apply(leaf, [], { kind: "constant", name: "number", type: { dtype, shape }, data });

/** Sums of more elements, over all steps, are added up step by step if they can't be had without them. */
const MOST_STACKED = 1 << 22;
/** Unless there is a product to gain, no more than so many times a result's elements are kept to compute it later. */
const MOST_KEPT = 4;

/** What takes the place of a loop's used results. */
function settle(
  node: Tensor<LoopAttrs>,
  used: ReadonlySet<string>,
  rows: RowPolicy | undefined,
): Map<string, Tensor> {
  const { length, reverse, position, ...all } = node.attrs;
  const inputs = loopInputs(node);
  const alive = liveLeaves(node.attrs, used);
  const carried = all.carries.map((leaf, i) => ({
    leaf,
    first: inputs.first[i],
    next: all.next[i],
    number: i,
  }))
    .filter(({ leaf }) => alive.carries.has(leaf));
  const numbers = (of: ResultAttrs["of"], tensors: readonly Tensor[]) =>
    tensors.flatMap((_, number) => used.has(nameOf({ of, number })) ? [number] : []);
  const [keptNumbers, sumNumbers] = [numbers("kept", all.kept), numbers("sum", all.sums)];
  const roots = settledBody(node, [
    ...carried.map((c) => c.next),
    ...keptNumbers.map((i) => all.kept[i]),
    ...sumNumbers.map((i) => all.sums[i]),
  ], rows);
  const [next, kept, sums] = parts(roots, [carried.length, keptNumbers.length]);

  const order = topological(roots);
  const carries = new Set(carried.map((c) => c.leaf));
  const variesByCarry = new Set<Tensor>(carries);
  const isHeavy = new Set<Tensor>();
  for (const tensor of order) {
    if (tensor.inputs.some((i) => variesByCarry.has(i))) variesByCarry.add(tensor);
    const { kind } = tensor.op.body;
    if (kind === "contraction" || kind === "reduce" || tensor.inputs.some((i) => isHeavy.has(i))) {
      isHeavy.add(tensor);
    }
  }
  const inLoop = new Set(topological(next));

  /** What is known of leaves outside of the loop. */
  const known = new Map<Tensor, Lifted | undefined>([
    [position, { tensor: apply(positionsOp, [], { steps: length }), isStacked: true }],
    ...all.slices.map((leaf, i) => [leaf, { tensor: inputs.stacked[i], isStacked: true }] as const),
    ...all.fixed.map((leaf, i) => [leaf, { tensor: inputs.fixed[i], isStacked: false }] as const),
  ]);
  const isNumber = (t: Tensor) => typeof leafAttrs(t)?.data === "number";
  /** A node for all steps, made of what is known outside of the loop. */
  const outside = (tensor: Tensor): Lifted | undefined => {
    if (known.has(tensor)) return known.get(tensor);
    let found: Lifted | undefined;
    if (isNumber(tensor)) found = { tensor, isStacked: false };
    else if (!carries.has(tensor) && canLift(tensor)) {
      const lifted = tensor.inputs.map(outside);
      if (lifted.every((l) => l !== undefined)) found = lift(tensor, lifted, length);
    }
    known.set(tensor, found);
    return found;
  };
  const before = (tensor: Tensor) => variesByCarry.has(tensor) ? undefined : outside(tensor);

  // Behind the loop: what is not carried on, made of what is kept of the steps.
  const frontiers = new Map<Tensor, Tensor[] | undefined>();
  /** What has to be kept of every step to compute a node behind the loop; `undefined` if it can't be. */
  const frontierOf = (tensor: Tensor): Tensor[] | undefined => {
    if (frontiers.has(tensor)) return frontiers.get(tensor);
    let found: Tensor[] | undefined;
    if (!variesByCarry.has(tensor)) found = before(tensor) && [];
    else if (carries.has(tensor) || inLoop.has(tensor) && !(canLift(tensor) && isMadeAgain(tensor))) {
      found = [tensor];
    } else if (canLift(tensor)) {
      const some = tensor.inputs.map(frontierOf);
      if (some.every((f) => f !== undefined)) found = [...new Set(some.flat())];
    }
    frontiers.set(tensor, found);
    return found;
  };
  const stays = new Set<Tensor>(kept.filter((t) => carries.has(t) || inLoop.has(t)));
  const cost = (frontier: readonly Tensor[]) =>
    frontier.reduce((sum, t) => stays.has(t) ? sum : sum + t.size, 0);
  const hasProduct = (tensor: Tensor): boolean =>
    variesByCarry.has(tensor) && !inLoop.has(tensor) &&
    (tensor.op.body.kind === "contraction" || tensor.inputs.some(hasProduct));
  const isBehind = (tensor: Tensor): boolean => {
    const frontier = frontierOf(tensor);
    if (!frontier || inLoop.has(tensor) || carries.has(tensor)) return false;
    return hasProduct(tensor) || cost(frontier) <= MOST_KEPT * tensor.size;
  };
  const isSumBehind = (tensor: Tensor): boolean => {
    const direct = throughViews(tensor);
    const frontier = direct.op.body.kind === "contraction" || direct.op.body.kind === "reduce"
      ? frontierOfInputs(direct)
      : length * direct.size <= MOST_STACKED
      ? frontierOf(direct)
      : undefined;
    return frontier !== undefined;
  };
  const frontierOfInputs = (tensor: Tensor): Tensor[] | undefined => {
    const some = tensor.inputs.map(frontierOf);
    return some.every((f) => f !== undefined) ? some.flat() : undefined;
  };
  const behind = new Set(kept.filter(isBehind));
  const sumsBehind = new Set(sums.filter(isSumBehind));
  const keptInside = new Set(kept.filter((t) => !behind.has(t)));
  for (const tensor of behind) frontierOf(tensor)!.forEach((t) => keptInside.add(t));
  for (const tensor of sumsBehind) {
    const direct = throughViews(tensor);
    const isDirect = direct.op.body.kind === "contraction" || direct.op.body.kind === "reduce";
    (isDirect ? frontierOfInputs(direct)! : frontierOf(direct)!).forEach((t) => keptInside.add(t));
  }
  const sumsInside = [...new Set(sums.filter((t) => !sumsBehind.has(t)))];

  // Before the loop: products and reductions that do not depend on what is carried.
  const hoisted = new Map<Tensor, Tensor>();
  const insideRoots = [...next, ...keptInside, ...sumsInside];
  const inside = rebuild(insideRoots, (tensor) => {
    if (leafAttrs(tensor) || variesByCarry.has(tensor) || !isHeavy.has(tensor)) return undefined;
    if (isMovement(tensor)) return undefined;
    const lifted = before(tensor);
    if (!lifted?.isStacked) return undefined;
    if (!hoisted.has(tensor)) hoisted.set(tensor, bodyLeaf(tensor.name ?? tensor.op.name, tensor));
    return hoisted.get(tensor);
  });
  const [ownNext, ownKept, ownSums] = parts(inside, [next.length, keptInside.size]);
  const sumsCarried = ownSums.map((sum) => runningSum(sum, position, length));
  const running = sumsCarried.flat();
  const read = new Set(topological(inside));
  const slices = [
    ...all.slices.map((leaf, i) => ({ leaf, stacked: inputs.stacked[i] })),
    ...[...hoisted].map(([tensor, leaf]) => ({ leaf, stacked: before(tensor)!.tensor })),
  ].filter(({ leaf }) => read.has(leaf));
  const fixed = all.fixed.map((leaf, i) => ({ leaf, outside: inputs.fixed[i] })).filter(({ leaf }) =>
    read.has(leaf)
  );
  const attrs: LoopAttrs = {
    length,
    reverse,
    position,
    carries: [...carried.map((c) => c.leaf), ...running.map((r) => r.leaf)],
    slices: slices.map((s) => s.leaf),
    fixed: fixed.map((f) => f.leaf),
    next: [...ownNext, ...running.map((r) => r.next)],
    sums: [],
    kept: ownKept,
  };
  const made = apply(node.op, [
    ...carried.map((c) => c.first),
    ...running.map(({ leaf }) => numberLeaf(leaf, 0)),
    ...slices.map((s) => s.stacked),
    ...fixed.map((f) => f.outside),
  ], attrs);
  const take = (of: ResultAttrs["of"], number: number) => apply(result, [made], { of, number });

  let behindCarried = carried.length;
  const totals = sumsCarried.map((parts) => totalOf(parts.map(() => take("carry", behindCarried++))));

  [...keptInside].forEach((tensor, i) => known.set(tensor, { tensor: take("kept", i), isStacked: true }));
  // What could not be made without the loop's results now can.
  for (const [tensor, lifted] of [...known]) if (!lifted) known.delete(tensor);
  const results = new Map<string, Tensor>();
  carried.forEach((c, i) => results.set(nameOf({ of: "carry", number: c.number }), take("carry", i)));
  keptNumbers.forEach((number, i) => {
    const { tensor, isStacked } = outside(kept[i])!;
    results.set(nameOf({ of: "kept", number }), isStacked ? tensor : repeated(tensor, length));
  });
  sumNumbers.forEach((number, i) => {
    const own = sumsInside.indexOf(sums[i]);
    const name = nameOf({ of: "sum", number });
    if (own >= 0) results.set(name, totals[own]);
    else results.set(name, summed(sums[i]));
  });
  return results;

  /** A node, added up over all steps, behind the loop. */
  function summed(tensor: Tensor): Tensor {
    if (tensor.op.body.kind === "view") {
      const { dtype, shape } = tensor;
      return apply(
        { ...tensor.op, inferShape: () => ({ dtype, shape }) },
        [summed(tensor.inputs[0])],
        tensor.attrs,
      );
    }
    const lifted = tensor.inputs.map(outside);
    if (lifted.every((l) => l !== undefined) && tensor.inputs.length > 0) {
      const sum = liftSum(tensor, lifted, length);
      if (sum) return sum;
    }
    const all = outside(tensor)!;
    return sumOverSteps(all.isStacked ? all.tensor : repeated(all.tensor, length));
  }
}

/**
 * Whether a tensor is made again, behind the loop, rather than kept: a map that has more elements than all that it is made
 * from, and short elements, since what is kept of a step may begin at any of them, in the midst of a word.
 */
const isMadeAgain = (tensor: Tensor): boolean =>
  bytesPerElement(tensor.dtype) < 4 ||
  tensor.op.body.kind === "map" && tensor.size > tensor.inputs.reduce((sum, input) => sum + input.size, 0);

/** Whether a map gives elements of another tensor as they are: they are as well read where they are. */
function isMovement(tensor: Tensor): boolean {
  if (tensor.op.body.kind !== "map") return tensor.op.body.kind === "view";
  const evaluator = new Evaluator((t) => t === tensor ? undefined : { target: t, offset: 0 });
  return evaluator.at(tensor, axesOf(tensor.shape).map((a) => a.value)).op === "load";
}

/** The tensor that views show: a sum of views is a view of the sum. */
function throughViews(tensor: Tensor): Tensor {
  while (tensor.op.body.kind === "view") tensor = tensor.inputs[0];
  return tensor;
}

/** The body simplified, with numbers in the place of inputs that are the same number everywhere. */
function settledBody(
  node: Tensor<LoopAttrs>,
  roots: readonly Tensor[],
  rows: RowPolicy | undefined,
): Tensor[] {
  const { slices, fixed } = node.attrs;
  const inputs = loopInputs(node);
  const given = new Map<Tensor, Tensor>();
  slices.forEach((slice, i) => {
    const value = uniformValue(inputs.stacked[i]);
    if (value !== undefined) given.set(slice, numberLeaf(sliceType(inputs.stacked[i]), value));
  });
  fixed.forEach((own, i) => {
    const value = uniformValue(inputs.fixed[i]);
    if (value !== undefined) given.set(own, numberLeaf(own, value));
  });
  const placed = given.size > 0 ? rebuild(roots, (tensor) => given.get(tensor)) : roots;
  return settleLoops(simplify(placed, rows), rows);
}

const repeatOp: Op<{ steps: number }> = {
  name: "repeat",
  inferShape: ([x], { steps }) => ({ dtype: x.dtype, shape: [steps, ...x.shape] }),
  body: { kind: "map", elementwise: false, value: ({ index, load }) => load(0, index.slice(1)) },
  flops: () => 0,
};

const repeated = (tensor: Tensor, steps: number) => apply(repeatOp, [tensor], { steps });
