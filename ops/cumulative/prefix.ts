/**
 * Running sums, products and recurrences along an axis in few kernels: after the step of distance d, each element has
 * joined the R d elements up to its own, from R parts that lie d apart. So n elements take log n / log R steps.
 */
import { add, elementConstant, type Expr, f32, mul, mulAdd } from "../../engine/expression/expr.ts";
import { indexSub } from "../../engine/expression/index_math.ts";
import { apply, type ElementContext, type Op, type Tensor } from "../../engine/tensor.ts";

/** Along which axis, and whether from its last element on. */
export interface Course {
  readonly axis: number;
  readonly reverse: boolean;
}

interface StepAttrs {
  readonly axis: number;
  /** From a part to the one before it: below zero where it goes from the last element on. */
  readonly distance: number;
}

/** Parts that a step joins: more of them make fewer kernels of more work. */
const PARTS = 8;
/** Those of recurrences, whose steps load two tensors. */
const RECURRENCE_PARTS = 4;

/** The parts that an element joins, its own first; `outside` stands for those before the beginning. */
function partsOf(context: ElementContext<StepAttrs>, input: number, count: number, outside: Expr): Expr[] {
  const { index, attrs: { axis, distance } } = context;
  return Array.from({ length: count }, (_, part) => {
    const place = index.map((e, a) => a === axis ? indexSub(e, part * distance) : e);
    return part === 0 ? context.load(input, place) : context.loadOr(input, place, outside);
  });
}

const inPairs = (parts: readonly Expr[], join: (a: Expr, b: Expr) => Expr): Expr => {
  if (parts.length === 1) return parts[0];
  const half = parts.length / 2;
  return join(inPairs(parts.slice(0, half), join), inPairs(parts.slice(half), join));
};

const joining = (
  name: string,
  neutral: number,
  count: number,
  join: (a: Expr, b: Expr) => Expr,
): Op<StepAttrs> => ({
  name,
  inferShape: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  body: {
    kind: "map",
    elementwise: false,
    value: (context) => {
      const outside = elementConstant(context.inputs[0].dtype, neutral);
      return inPairs(partsOf(context, 0, count, outside), join);
    },
  },
  flops: ({ size }) => size * (count - 1),
});

const sums = joining("sums", 0, PARTS, add);
const products = joining("products", 1, PARTS, mul);
const factors = joining("factors", 1, RECURRENCE_PARTS, mul);

/** b0 + a0 (b1 + a1 (b2 + ...)) of the parts before an element. */
const values: Op<StepAttrs> = {
  name: "recurrence",
  inferShape: ([, b]) => ({ dtype: b.dtype, shape: b.shape }),
  body: {
    kind: "map",
    elementwise: false,
    value: (context) => {
      const a = partsOf(context, 0, RECURRENCE_PARTS, f32(0));
      const b = partsOf(context, 1, RECURRENCE_PARTS, f32(0));
      return b.slice(0, -1).reduceRight((sum, value, i) => mulAdd(a[i], sum, value), b[b.length - 1]);
    },
  },
  flops: ({ size }) => size * 2 * (RECURRENCE_PARTS - 1),
};

function* distances(n: number, parts: number, reverse: boolean): Generator<number> {
  for (let distance = 1; distance < n; distance *= parts) yield reverse ? -distance : distance;
}

function inSteps(op: Op<StepAttrs>, x: Tensor, { axis, reverse }: Course): Tensor {
  let y = x;
  for (const distance of distances(x.shape[axis], PARTS, reverse)) y = apply(op, [y], { axis, distance });
  return y;
}

/** y[i] = x[0] + ... + x[i] */
export const runningSums = (x: Tensor, course: Course): Tensor => inSteps(sums, x, course);

/** y[i] = x[0] ... x[i] */
export const runningProducts = (x: Tensor, course: Course): Tensor => inSteps(products, x, course);

/** y[i] = a[i] y[i - 1] + b[i], from b[0] */
export function runningValues(a: Tensor, b: Tensor, { axis, reverse }: Course): Tensor {
  let [factor, value] = [a, b];
  for (const distance of distances(b.shape[axis], RECURRENCE_PARTS, reverse)) {
    const attrs = { axis, distance };
    [factor, value] = [apply(factors, [factor], attrs), apply(values, [factor, value], attrs)];
  }
  return value;
}
