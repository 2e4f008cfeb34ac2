/** Softmax and what is made of it, where numbers are large, far apart, infinite or not numbers. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import type { Doubles } from "../oracle/doubles.ts";
import { exactly } from "./inputs.ts";

const inf = Infinity;

/** Some numbers over and over. */
const repeated = (numbers: readonly number[], width: number) =>
  Array.from({ length: width }, (_, i) => Math.fround(numbers[i % numbers.length]));
const rowsOf = (width: number) =>
  [
    [1e4, 1e4 + 1, 1e4 - 3],
    [1e7, 1e7 + 1, 1e7 - 7],
    [-1e7, -1e7 - 1, -1e7 + 4],
    [1e30, 1e30, -1e30],
    [3e38, -3e38, 0],
    [-inf, 2, 1],
    [0, -inf, -inf],
    [90, 0, -90],
    [NaN, 1, 2],
    [inf, 1, 2],
    [-inf, -inf, -inf],
  ].map((numbers) => repeated(numbers, width));

const shareOf = (values: number[]) => {
  const top = Math.max(...values);
  const powers = values.map((v) => Math.exp(v - top));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((p) => p / total);
};
const logShareOf = (values: number[]) => {
  const top = Math.max(...values);
  const total = Math.log(values.reduce((sum, v) => sum + Math.exp(v - top), 0));
  return values.map((v) => v - top - total);
};

type Rows = (values: number[]) => number[];
const ofRows = (rows: Rows) => (x: Doubles) => {
  const [count, width] = x.shape;
  return {
    shape: x.shape,
    data: Float64Array.from(
      Array.from({ length: count }, (_, r) => rows([...x.data.subarray(r * width, (r + 1) * width)])).flat(),
    ),
  };
};

/** The gradient of some of the results, so that not all of it is zero. */
const gradientOf = (op: (x: Tensor) => Tensor) => (x: Tensor) =>
  g.grad(g.sum(g.slice(op(x), [0, 0], [x.shape[0], 1])), [x])[0];
const softmaxGradient: Rows = (values) => {
  const p = shareOf(values);
  return p.map((pi, i) => pi * ((i === 0 ? 1 : 0) - p[0]));
};
const logSoftmaxGradient: Rows = (values) => shareOf(values).map((p, i) => (i === 0 ? 1 : 0) - p);

const near = { tolerance: 1e-5, oracleTolerance: 2e-7, differentiable: false } as const;
const functions: [string, (x: Tensor) => Tensor, Rows][] = [
  ["softmax() of", (x) => g.softmax(x), shareOf],
  ["logSoftmax() of", (x) => g.logSoftmax(x), logShareOf],
  ["softmax() has its gradient at", gradientOf(g.softmax), softmaxGradient],
  ["logSoftmax() has its gradient at", gradientOf(g.logSoftmax), logSoftmaxGradient],
  ["logSumExp() has its gradient at", (x) => g.grad(g.sum(g.logSumExp(x, 1)), [x])[0], shareOf],
];
/** One lane, several, a rest, and what is taken in at once. */
const widths = [3, 10, 77];
const tables = widths.flatMap((width) =>
  functions.flatMap(([what, op, exact]): OpCase[] => [
    {
      name: `${what} rows of ${width} large and infinite numbers`,
      inputs: [exactly(rowsOf(width).flat(), "float32", [11, width])],
      build: op,
      oracle: ofRows(exact),
      perElement: what.startsWith("softmax() of"),
      ...near,
    },
    {
      name: `${what} columns of ${width} large and infinite numbers`,
      inputs: [exactly(rowsOf(width).flat(), "float32", [11, width])],
      // Turned and turned back, so that the reduction goes along the first axis.
      build: what.includes("gradient") ? op : (x) =>
        g.transpose(
          what.startsWith("log") ? g.logSoftmax(g.transpose(x), 0) : g.softmax(g.transpose(x), 0),
        ),
      oracle: ofRows(exact),
      ...near,
    },
  ])
);

const logits = [
  [1, -inf, 2],
  [1, -inf, 2],
  [1e7, 1e7 + 1, 1e7 - 3],
  [1e30, 1e30, -1e30],
  [-inf, 5, -inf],
  [100, 0, -100],
  [1, 2, 3],
  [1, 2, 3],
  [NaN, 1, 2],
  [inf, 1, 2],
];
const labels = [0, 1, 1, 0, 1, 2, 3, -1, 1, 1];
/** Of logits, labels and smoothing, by what is left of each row. */
const crossEntropy = (smoothing: number) => (x: Doubles, label: Doubles) => {
  const q = chosen(label, smoothing);
  return ofEach(
    x,
    (values, r) => [logShareOf(values).reduce((sum, l, i) => q[r][i] === 0 ? sum : sum - q[r][i] * l, 0)],
  );
};
const crossEntropyGradient = (smoothing: number) => (x: Doubles, label: Doubles) => {
  const q = chosen(label, smoothing);
  return ofEach(x, (values, r) => shareOf(values).map((p, i) => p - q[r][i]));
};
const chosen = (label: Doubles, smoothing: number) =>
  [...label.data].map((l) =>
    [0, 1, 2].map((i) => l < 0 || l > 2 ? NaN : (i === l ? 1 - smoothing : 0) + smoothing / 3)
  );
const ofEach = (x: Doubles, row: (values: number[], r: number) => number[]) =>
  logits.flatMap((_, r) => row([...x.data.subarray(3 * r, 3 * r + 3)], r));

const losses = [0, 0.1].flatMap((labelSmoothing): OpCase[] => {
  const inputs = [
    exactly(logits.flat().map(Math.fround), "float32", [logits.length, 3]),
    exactly(labels, "int32"),
  ];
  return [
    {
      name:
        `softmaxCrossEntropy() of masked and large logits and of labels outside, smoothed by ${labelSmoothing}`,
      inputs,
      build: (x, label) => g.softmaxCrossEntropy(x, label, { labelSmoothing }),
      oracle: crossEntropy(labelSmoothing),
      perElement: true,
      ...near,
    },
    {
      name: `softmaxCrossEntropy() has its gradient there, smoothed by ${labelSmoothing}`,
      inputs,
      build: (x, label) => g.grad(g.sum(g.softmaxCrossEntropy(x, label, { labelSmoothing })), [x])[0],
      oracle: crossEntropyGradient(labelSmoothing),
      ...near,
    },
  ];
});

/** Softmax at the ends. */
export const softmaxCases: OpCase[] = [...tables, ...losses];
