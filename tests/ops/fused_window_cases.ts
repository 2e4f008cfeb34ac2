/** Pooling windows behind convolutions, which are taken while the convolution's results are at hand. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { doubles, elementAt, elementByElement } from "../oracle/doubles.ts";
import { convolution, pool, type WindowOptions } from "../oracle/products.ts";
import { exactly, floats } from "./inputs.ts";

interface Layout {
  readonly image: readonly [number, number, number, number];
  readonly weight: readonly [number, number, number, number];
  readonly poolSize: readonly [number, number];
  readonly conv?: WindowOptions;
  readonly pooling?: WindowOptions;
}

const maxOf = (values: number[]) => values.reduce((a, b) => a < b ? b : a);
const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

const layouts: Layout[] = [
  { image: [2, 10, 8, 3], weight: [3, 3, 3, 9], poolSize: [2, 2] },
  { image: [2, 9, 7, 3], weight: [3, 3, 3, 8], poolSize: [2, 2] },
  { image: [2, 9, 8, 3], weight: [3, 3, 3, 5], poolSize: [3, 2] },
  { image: [2, 7, 8, 2], weight: [2, 2, 2, 7], poolSize: [2, 3] },
  { image: [2, 7, 9, 2], weight: [2, 2, 2, 6], poolSize: [1, 2] },
  { image: [2, 7, 9, 2], weight: [2, 2, 2, 4], poolSize: [2, 1] },
  { image: [2, 8, 8, 2], weight: [3, 3, 2, 3], poolSize: [3, 3] },
  { image: [2, 8, 8, 2], weight: [3, 3, 2, 11], poolSize: [2, 2], conv: { padding: "same" } },
  { image: [2, 7, 7, 2], weight: [3, 3, 2, 5], poolSize: [2, 2], pooling: { padding: "same" } },
  { image: [2, 9, 9, 2], weight: [2, 2, 2, 5], poolSize: [2, 2], pooling: { strides: [3, 3] } },
  { image: [2, 8, 9, 2], weight: [2, 2, 2, 5], poolSize: [2, 2], pooling: { strides: [1, 1] } },
  { image: [2, 11, 9, 2], weight: [3, 3, 2, 5], poolSize: [2, 2], conv: { strides: [2, 1] } },
  { image: [2, 11, 9, 4], weight: [3, 3, 2, 6], poolSize: [2, 2], conv: { groups: 2 } },
  {
    image: [2, 11, 9, 2],
    weight: [3, 3, 2, 5],
    poolSize: [1, 2],
    conv: { dilations: [2, 2], padding: "same" },
  },
  { image: [2, 3, 3, 2], weight: [2, 2, 2, 5], poolSize: [2, 2] },
  { image: [1, 4, 7, 3], weight: [4, 3, 3, 5], poolSize: [1, 1], conv: { padding: "same" } },
  { image: [2, 6, 6, 3], weight: [2, 2, 3, 8], poolSize: [1, 1], pooling: { strides: [2, 2] } },
  { image: [2, 4, 4, 1], weight: [1, 1, 1, 3], poolSize: [2, 2] },
  { image: [1, 18, 20, 8], weight: [3, 3, 8, 16], poolSize: [2, 2] },
  // With fewer products: as many places as whole tiles, and rests; pools of fewer rows than columns.
  { image: [2, 15, 15, 16], weight: [3, 3, 16, 18], poolSize: [2, 2] },
  { image: [5, 6, 14, 16], weight: [3, 3, 16, 16], poolSize: [1, 4], conv: { padding: "same" } },
];

const describe = ({ image, weight, poolSize, conv, pooling }: Layout) =>
  `of [${image.join(", ")}] and [${weight.join(", ")}] by ${poolSize.join(" x ")}` +
  (conv ? `, windows ${JSON.stringify(conv)}` : "") + (pooling ? `, pooled ${JSON.stringify(pooling)}` : "");

const inputsOf = ({ image, weight }: Layout) => [floats(...image), floats(...weight), floats(weight[3])];
const once = { twice: false, tolerance: 3e-6 };
/** With fewer products, sums are rounded up to four times as much. */
const onceOf = ({ weight: [, , channels] }: Layout, tolerance: number) => ({
  ...once,
  tolerance: channels < 8 ? tolerance : 4 * tolerance,
});

const pools = layouts.flatMap((layout): OpCase[] => [
  {
    name: `maxPool2d() behind relu() of conv2d() with a bias ${describe(layout)}`,
    inputs: inputsOf(layout),
    build: (x, w, b) => {
      const y = g.relu(g.add(g.conv2d(x, w, layout.conv), b));
      return g.maxPool2d(y, { poolSize: layout.poolSize, ...layout.pooling });
    },
    oracle: (x, w, b) => {
      const y = elementByElement((v, c) => Math.max(0, v + c), convolution(x, w, layout.conv), b);
      return pool(y, layout.poolSize, maxOf, layout.pooling);
    },
    ...onceOf(layout, 3e-6),
  },
  {
    name: `averagePool2d() behind tanh() of conv2d() ${describe(layout)}`,
    inputs: inputsOf(layout),
    build: (x, w, b) => {
      const y = g.tanh(g.mul(g.conv2d(x, w, layout.conv), b));
      return g.averagePool2d(y, { poolSize: layout.poolSize, ...layout.pooling });
    },
    oracle: (x, w, b) => {
      const y = elementByElement((v, c) => Math.tanh(v * c), convolution(x, w, layout.conv), b);
      return pool(y, layout.poolSize, meanOf, layout.pooling);
    },
    oracleTolerance: 1e-7,
    // A tanh of sums near 40 turns on the last bits of the sum.
    ...onceOf(layout, 1e-5),
  },
]);

/** Whole numbers, so that windows hold equal results: the first of them takes the gradient, fused or not. */
const whole = (count: number, period: number, shape: number[]) =>
  exactly(Array.from({ length: count }, (_, i) => (i * 5) % period - 1), "float32", shape);

const others: OpCase[] = [
  {
    name: "maxPool2d() behind conv2d() of numbers that repeat",
    inputs: [whole(2 * 7 * 9 * 2, 3, [2, 7, 9, 2]), whole(2 * 2 * 2 * 9, 4, [2, 2, 2, 9])],
    build: (x, w) => g.maxPool2d(g.relu(g.conv2d(x, w))),
    oracle: (x, w) => pool(elementByElement((v) => Math.max(0, v), convolution(x, w)), [2, 2], maxOf),
    smooth: false,
    twice: false,
  },
  {
    name: "maxPool2d() behind conv2d() whose results are needed elsewhere too",
    inputs: [floats(2, 7, 9, 2), floats(2, 2, 2, 9)],
    build: (x, w) => {
      const y = g.conv2d(x, w);
      return g.add(g.sum(g.square(y), [1, 2]), g.sum(g.maxPool2d(y), [1, 2]));
    },
    oracle: (x, w) => {
      const y = convolution(x, w);
      const pooled = pool(y, [2, 2], maxOf);
      const total = new Float64Array(2 * 9);
      y.data.forEach((v, i) => total[Math.floor(i / (6 * 8 * 9)) * 9 + i % 9] += v * v);
      pooled.data.forEach((v, i) => total[Math.floor(i / (3 * 4 * 9)) * 9 + i % 9] += v);
      return { data: total, shape: [2, 9] };
    },
    ...once,
  },
  {
    name: "maxPool2d() twice, behind two convolutions in a row",
    inputs: [floats(2, 14, 14, 2), floats(3, 3, 2, 5), floats(3, 3, 5, 7), floats(5)],
    build: (x, v, w, b) => {
      const hidden = g.maxPool2d(g.relu(g.add(g.conv2d(x, v), b)));
      return g.maxPool2d(g.relu(g.conv2d(hidden, w)));
    },
    oracle: (x, v, w, b) => {
      const first = elementByElement((y, c) => Math.max(0, y + c), convolution(x, v), b);
      const hidden = pool(first, [2, 2], maxOf);
      return pool(elementByElement((y) => Math.max(0, y), convolution(hidden, w)), [2, 2], maxOf);
    },
    ...once,
    tolerance: 5e-6,
  },
];

/** Windows of convolutions with a slice behind them, whose gradients then need fewer windows. */
const sliced: WindowOptions[] = [
  {},
  { padding: "same" },
  { strides: [2, 1] },
  { dilations: [2, 2] },
  { groups: 2 },
];

const slices = sliced.map((conv): OpCase => ({
  name: `slice() of conv2d(), windows ${JSON.stringify(conv)}`,
  inputs: [floats(2, 11, 9, 4), floats(3, 3, 4 / (conv.groups ?? 1), 6)],
  build: (x, w) => g.slice(g.conv2d(x, w, conv), [0, 1, 2, 0], [2, 3, 3, 6]),
  oracle: (x, w) => {
    const y = convolution(x, w, conv);
    return doubles([2, 3, 3, 6], ([n, i, j, c]) => elementAt(y, [n, i + 1, j + 2, c]));
  },
  ...once,
}));

/** Windows that lie in the padding, or none: what is left of a gradient then meets no pixel. */
const beyond: OpCase[] = [
  {
    name:
      "slice() of the windows of conv2d() that lie in the padding, of an image that is made where it is read",
    inputs: [floats(8, 6, 6, 8), floats(2, 2, 8, 8)],
    build: (x, w) =>
      g.slice(g.conv2d(g.tanh(x), w, { padding: [[4, 0], [0, 0]] }), [0, 0, 0, 0], [8, 2, 5, 8]),
    oracle: (x, w) => {
      const y = convolution(elementByElement(Math.tanh, x), w, { padding: [[4, 0], [0, 0]] });
      return doubles([8, 2, 5, 8], (index) => elementAt(y, index));
    },
    ...once,
  },
  {
    name: "slice() of no window of conv2d()",
    inputs: [floats(8, 6, 6, 8), floats(2, 2, 8, 8)],
    build: (x, w) =>
      g.add(g.sum(g.slice(g.conv2d(x, w, { padding: "same" }), [0, 1, 1, 0], [8, 0, 2, 8])), g.sum(w)),
    oracle: (_x, w) => ({ data: Float64Array.of(w.data.reduce((a, b) => a + b, 0)), shape: [] }),
    ...once,
  },
];

/** Pools and slices behind convolutions. */
export const fusedWindowCases: OpCase[] = [...pools, ...others, ...slices, ...beyond];
