/**
 * Long sums with few results are cut into parts, so that there is enough to do at one time: `[results]` becomes
 * `[parts, results]`, and a second sum joins the parts in a fixed order. Cutting depends on shapes alone, so the same
 * program gives the same bits however many threads there are.
 */
import { type Expr, f32, i32, lt, select } from "./expr.ts";
import { topological } from "./graph.ts";
import { indexSum } from "./index_math.ts";
import { sizeOf } from "./shape.ts";
import {
  type Access,
  apply,
  type ContractionBody,
  type Op,
  type ReduceBody,
  Tensor,
  type TensorType,
} from "./tensor.ts";

/** How much a device wants to do at one time; zero leaves sums as they are. */
export interface SplitPolicy {
  /** Results of a reduction that should be under way at least. */
  readonly reductionResults: number;
  /** The same for contractions. */
  readonly contractionResults: number;
  /** Parts with fewer terms are not worth a second kernel. */
  readonly shortestPart: number;
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
  readonly cut: Cut;
  readonly shape: readonly number[];
}

/** Cuts the long sums that the roots need; gives, for each root in order, the tensor that takes its place. */
export function splitSums(roots: readonly Tensor[], policy: SplitPolicy): Tensor[] {
  if (policy.reductionResults === 0 && policy.contractionResults === 0) return [...roots];
  const replacement = new Map<Tensor, Tensor>();
  for (const tensor of topological(roots)) {
    const inputs = tensor.inputs.map((input) => replacement.get(input)!);
    let result = tensor;
    if (inputs.some((input, i) => input !== tensor.inputs[i])) {
      result = new Tensor(tensor.op, inputs, tensor.attrs, tensor);
      result.name = tensor.name;
    }
    const cut = cutOf(result, policy);
    replacement.set(tensor, cut ? inParts(result, cut) : result);
  }
  return roots.map((root) => replacement.get(root)!);
}

function cutOf(tensor: Tensor, policy: SplitPolicy): Cut | undefined {
  const { body } = tensor.op;
  const isSum = body.kind === "reduce" && (body as ReduceBody<unknown>).combine === "sum";
  if (tensor.dtype !== "float32" || !isSum && body.kind !== "contraction") return undefined;
  const wanted = isSum ? policy.reductionResults : policy.contractionResults;
  const over = (body as ReduceBody<unknown>).over(tensor.inputs, tensor.attrs);
  const terms = sizeOf(over);
  const parts = Math.min(
    Math.floor(wanted / Math.max(1, tensor.size)),
    Math.floor(terms / policy.shortestPart),
  );
  if (parts < 2) return undefined;
  // The longest loop, the outermost of several, cut evenly if that is nearly as good.
  const loop = over.indexOf(Math.max(...over));
  let length = Math.ceil(over[loop] / parts);
  for (let even = length; even >= length / 2; even--) {
    if (over[loop] % even === 0) {
      length = even;
      break;
    }
  }
  if (body.kind === "contraction" && over[loop] % length !== 0) return undefined;
  const count = Math.ceil(over[loop] / length);
  return count < 2 ? undefined : { loop, parts: count, length };
}

/** The round of the whole loop that a round of a part is. */
const roundOf = (part: Expr, round: Expr, { length }: Cut) => indexSum([[part, length], [round, 1]]);

const inWhole = (over: readonly Expr[], part: Expr, cut: Cut) =>
  over.map((e, i) => i === cut.loop ? roundOf(part, e, cut) : e);

const cutOver = (over: readonly number[], cut: Cut) => over.map((n, i) => i === cut.loop ? cut.length : n);

/** The sum as a sum of parts. */
function inParts(tensor: Tensor, cut: Cut): Tensor {
  const op = tensor.op.body.kind === "reduce" ? reductionParts(tensor, cut) : contractionParts(tensor, cut);
  const attrs = { of: tensor.attrs, cut, shape: [cut.parts, ...tensor.shape] };
  const parts = apply(op, tensor.inputs, attrs);
  const sum = apply(joinParts, [parts], {});
  sum.name = tensor.name;
  return sum;
}

function reductionParts(tensor: Tensor, cut: Cut): Op<PartsAttrs> {
  const whole = tensor.op.body as ReduceBody<unknown>;
  const rounds = whole.over(tensor.inputs, tensor.attrs)[cut.loop];
  return {
    name: `${tensor.op.name} parts`,
    inferShape: (_inputs, { shape }) => ({ dtype: "float32", shape }),
    body: {
      kind: "reduce",
      combine: "sum",
      over: (inputs) => cutOver(whole.over(inputs, tensor.attrs), cut),
      value: (site, over) => {
        const inner = { ...site, attrs: tensor.attrs, shape: tensor.shape, index: site.index.slice(1) };
        const value = whole.value(inner, inWhole(over, site.index[0], cut));
        if (rounds % cut.length === 0) return value;
        return select(lt(roundOf(site.index[0], over[cut.loop], cut), i32(rounds)), value, f32(0));
      },
    },
    flops: () => tensor.op.flops?.(tensor) ?? tensor.size,
  };
}

function contractionParts(tensor: Tensor, cut: Cut): Op<PartsAttrs> {
  const whole = tensor.op.body as ContractionBody<unknown>;
  type Place = (index: readonly Expr[], over: readonly Expr[], inputs: readonly TensorType[]) => Access;
  const side = (of: ContractionBody<unknown>["left"]): Place => (index, over, inputs) =>
    of(index.slice(1), inWhole(over, index[0], cut), inputs, tensor.attrs);
  return {
    name: `${tensor.op.name} parts`,
    inferShape: (_inputs, { shape }) => ({ dtype: "float32", shape }),
    body: {
      kind: "contraction",
      space: (inputs) => [cut.parts, ...whole.space(inputs, tensor.attrs)],
      over: (inputs) => cutOver(whole.over(inputs, tensor.attrs), cut),
      left: side(whole.left),
      right: side(whole.right),
    },
    flops: () => tensor.op.flops?.(tensor) ?? tensor.size,
  };
}

const joinParts: Op<Record<string, never>> = {
  name: "joined",
  inferShape: ([parts]) => ({ dtype: "float32", shape: parts.shape.slice(1) }),
  body: {
    kind: "reduce",
    combine: "sum",
    over: ([parts]) => [parts.shape[0]],
    value: ({ index, load }, [part]) => load(0, [part, ...index]),
  },
  flops: ({ inputs: [parts] }) => parts.size,
};
