/** Gradients at NaN, infinities and ties, as results of their own, so that every device is held to them. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { exactly } from "./inputs.ts";

const [inf, nan] = [Infinity, NaN];
const plain = { differentiable: false } as const;

interface Edge {
  readonly name: string;
  /** What the gradient is taken with respect to, and other inputs. */
  readonly given: readonly (readonly number[])[];
  readonly shape?: readonly number[];
  readonly of: (...x: Tensor[]) => Tensor;
  /** Which of them the gradient is taken with respect to; the first when left out. */
  readonly by?: number;
  readonly expected: readonly number[];
}

const edges: Edge[] = [
  {
    name: "max() gives its gradient to NaN, in equal parts if there are several",
    given: [[1, nan, 3, nan, 1, 3, 3, 0]],
    shape: [2, 4],
    of: (x) => g.max(x, 1),
    expected: [0, 0.5, 0, 0.5, 0, 0.5, 0.5, 0],
  },
  {
    name: "min() gives its gradient to NaN, and to infinities as to numbers",
    given: [[1, nan, 3, inf, 1, -inf, 3, 0]],
    shape: [2, 4],
    of: (x) => g.min(x, 1),
    expected: [0, 1, 0, 0, 0, 1, 0, 0],
  },
  ...(["maximum", "minimum"] as const).flatMap((name) => {
    const [first, second] = name === "maximum" ? [0, 1] : [1, 0];
    return [0, 1].map((by): Edge => ({
      name: `${name}() gives its gradient of input ${by} to NaN, and half of it where both are`,
      given: [[nan, 1, nan, 2, 1, inf, -inf], [1, nan, nan, 2, 2, inf, 0]],
      of: g[name],
      by,
      expected: by === 0 ? [1, 0, 0.5, 0.5, first, 0.5, first] : [0, 1, 0.5, 0.5, second, 0.5, second],
    }));
  }),
  {
    name: "relu() passes its gradient to NaN and not to zero",
    given: [[nan, 0, -0, 1, -1, inf, -inf]],
    of: g.relu,
    expected: [1, 0, 0, 1, 0, 1, 0],
  },
  {
    name: "clamp() passes its gradient up to both ends",
    given: [[nan, -1, 1, 0, 2, -2, inf, -inf]],
    of: (x) => g.clamp(x, -1, 1),
    expected: [0, 1, 1, 1, 0, 0, 0, 0],
  },
  {
    name: "maxPool2d() gives its gradient to the first NaN of a window",
    given: [[1, nan, 3, 2, 5, 4, nan, nan]],
    shape: [1, 4, 2, 1],
    of: (x) => g.maxPool2d(x),
    expected: [0, 1, 0, 0, 0, 0, 1, 0],
  },
  {
    name: "maxPool2d() with padding keeps the gradient of windows of minus infinity",
    given: [[-inf, -inf, -inf, -inf]],
    shape: [1, 2, 2, 1],
    of: (x) => g.maxPool2d(x, { poolSize: 3, strides: 1, padding: 1 }),
    expected: [4, 0, 0, 0],
  },
  {
    name: "maxPool2d() with padding and strides keeps the gradient of windows of minus infinity",
    given: [new Array(25).fill(-inf)],
    shape: [1, 5, 5, 1],
    of: (x) => g.maxPool2d(x, { poolSize: 3, strides: 2, padding: [[2, 0], [1, 1]] }),
    // The first place of each window that is in the image.
    expected: [2, 2, 0, 2, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  },
  {
    name: "pow() has these gradients by its base at the edges",
    given: [
      [0, 0, 0, 0, 0, -2, -2, -2, nan, nan, inf, 2, -0, 0.5, -3],
      [0, 1, 2, 0.5, -1, 3, 0, -2, 0, 1, 0, 0, 3, -12, 1],
    ],
    of: g.pow,
    expected: [0, 1, 0, inf, -inf, 12, 0, 0.25, 0, 1, 0, 0, 0, -98304, 1],
  },
  {
    name: "pow() has these gradients by its exponent at the edges",
    given: [
      [0, 0, 0, 0, 0, -2, -2, -2, nan, inf, inf, 2, 1],
      [0, 1, 2, 0.5, -1, 3, 0, 2.5, 1, 2, -2, 0, 7],
    ],
    of: g.pow,
    by: 1,
    expected: [0, 0, 0, 0, -inf, 0, 0, 0, nan, inf, 0, Math.fround(Math.LN2), 0],
  },
];

/** Edges of gradients. */
export const edgeGradientCases: OpCase[] = edges.map((
  { name, given, shape, of, by = 0, expected },
): OpCase => ({
  name,
  inputs: given.map((values) => exactly(values, "float32", shape ?? [values.length])),
  build: (...x) => g.grad(g.sum(of(...x)), [x[by]])[0],
  oracle: () => expected,
  oracleTolerance: 1e-7,
  ...plain,
}));
