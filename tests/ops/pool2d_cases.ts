/** Pools over images: windows that touch, overlap, leave gaps or stand over the edge, and ties. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { alongAxes } from "../oracle/doubles.ts";
import { pool, type WindowOptions } from "../oracle/products.ts";
import { exactly, floats } from "./inputs.ts";

interface Layout extends WindowOptions {
  readonly image: readonly [number, number, number, number];
  readonly poolSize: readonly [number, number];
}

const layouts: Layout[] = [
  { image: [2, 6, 4, 3], poolSize: [2, 2] },
  { image: [2, 5, 7, 3], poolSize: [2, 2] },
  { image: [2, 5, 7, 3], poolSize: [2, 2], padding: "same" },
  { image: [2, 7, 6, 3], poolSize: [3, 3], strides: [2, 2], padding: "same" },
  { image: [2, 7, 6, 5], poolSize: [3, 2], strides: [1, 1] },
  { image: [2, 7, 6, 4], poolSize: [2, 2], strides: [3, 3] },
  { image: [2, 9, 8, 1], poolSize: [1, 2], strides: [4, 3] },
  { image: [2, 5, 5, 3], poolSize: [3, 3], strides: [1, 1], padding: "same" },
  { image: [2, 5, 4, 2], poolSize: [3, 3], strides: [2, 1], padding: [[2, 0], [1, 2]] },
  { image: [2, 4, 5, 2], poolSize: [3, 2], strides: [3, 2], padding: [[0, 2], [1, 0]] },
  { image: [2, 3, 3, 2], poolSize: [1, 1] },
  { image: [2, 3, 3, 2], poolSize: [1, 1], strides: [2, 2] },
  { image: [3, 1, 1, 2], poolSize: [1, 1] },
  { image: [2, 1, 9, 1], poolSize: [1, 3], strides: [1, 2] },
  { image: [2, 5, 5, 33], poolSize: [5, 5] },
  { image: [1, 9, 9, 2], poolSize: [7, 7], strides: [1, 1], padding: "same" },
  { image: [0, 4, 4, 2], poolSize: [2, 2] },
];

const describe = ({ image, poolSize, strides, padding }: Layout) =>
  `of [${image.join(", ")}] by ${poolSize.join(" x ")}` +
  (strides ? `, strides ${strides.join(" and ")}` : "") +
  (padding ? `, padding ${JSON.stringify(padding)}` : "");

const maxOf = (values: number[]) => values.reduce((a, b) => a < b ? b : a);
const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

const windows = layouts.flatMap((layout): OpCase[] => [
  {
    name: `maxPool2d() ${describe(layout)}`,
    inputs: [floats(...layout.image)],
    build: (x) => g.maxPool2d(x, layout),
    oracle: (x) => pool(x, layout.poolSize, maxOf, layout),
  },
  {
    name: `averagePool2d() ${describe(layout)}`,
    inputs: [floats(...layout.image)],
    build: (x) => g.averagePool2d(x, layout),
    oracle: (x) => pool(x, layout.poolSize, meanOf, layout),
    oracleTolerance: 1e-7,
  },
]);

/** A function that never falls may be applied behind the maximum; one that does may not. */
const behind: OpCase[] = (["relu", "tanh", "sigmoid", "softplus", "neg", "square"] as const).map((name) => {
  const exact: Record<typeof name, (x: number) => number> = {
    relu: (x) => Math.max(x, 0),
    tanh: Math.tanh,
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    softplus: (x) => Math.log1p(Math.exp(x)),
    neg: (x) => -x,
    square: (x) => x * x,
  };
  return {
    name: `maxPool2d() of ${name}()`,
    inputs: [floats(2, 5, 7, 3)],
    build: (x) => g.maxPool2d(g[name](x), { poolSize: [3, 2], strides: 2, padding: "same" }),
    oracle: (x) => {
      const y = { data: x.data.map(exact[name]), shape: x.shape };
      return pool(y, [3, 2], maxOf, { strides: [2, 2], padding: "same" });
    },
    oracleTolerance: 1e-7,
  };
});

const globals: OpCase[] = [[2, 5, 6, 3], [3, 1, 1, 2], [2, 7, 1, 33]].flatMap((shape): OpCase[] => [
  {
    name: `globalMaxPool2d() of [${shape.join(", ")}]`,
    inputs: [floats(...shape)],
    build: (x) => g.globalMaxPool2d(x),
    oracle: (x) => alongAxes(x, [1, 2], maxOf),
  },
  {
    name: `globalAveragePool2d() of [${shape.join(", ")}]`,
    inputs: [floats(...shape)],
    build: (x) => g.globalAveragePool2d(x, { keepDims: true }),
    oracle: (x) => alongAxes(x, [1, 2], meanOf, true),
    oracleTolerance: 1e-7,
  },
]);

/** Small integers, so that most windows hold their largest number several times. */
const tied = (shape: readonly number[], period: number) => {
  const count = shape.reduce((a, b) => a * b, 1);
  return exactly(Array.from({ length: count }, (_, i) => (i * 7) % period), "float32", shape);
};
const ties: OpCase[] = layouts.filter(({ image }) => image[0] > 0).map((layout) => ({
  name: `maxPool2d() of numbers that repeat, ${describe(layout)}`,
  inputs: [tied(layout.image, 3)],
  build: (x) => g.maxPool2d(x, layout),
  oracle: (x) => pool(x, layout.poolSize, maxOf, layout),
  smooth: false,
}));

const special: OpCase[] = [
  {
    name: "maxPool2d() of NaN and infinities",
    inputs: [
      exactly([NaN, 1, Infinity, 2, -Infinity, -Infinity, -Infinity, -Infinity], "float32", [1, 2, 4, 1]),
    ],
    build: (x) => g.maxPool2d(x, { poolSize: [2, 1] }),
    oracle: (x) => pool(x, [2, 1], (values) => Math.max(...values)),
    differentiable: false,
  },
  {
    name: "averagePool2d() of NaN and infinities",
    inputs: [exactly([NaN, 1, Infinity, 2, -Infinity, 3, Infinity, -Infinity], "float32", [1, 2, 4, 1])],
    build: (x) => g.averagePool2d(x, { poolSize: [2, 1] }),
    oracle: (x) => pool(x, [2, 1], meanOf),
    differentiable: false,
  },
];

/** Pools. */
export const pool2dCases: OpCase[] = [...windows, ...behind, ...globals, ...ties, ...special];
