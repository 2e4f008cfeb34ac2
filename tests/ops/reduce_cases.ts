/** Reductions over axes, and softmax. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { alongAxes, elementByElement } from "../oracle/doubles.ts";
import { logSumExp } from "../oracle/special_functions.ts";
import { exactly, floats, floatsIn, integersIn } from "./inputs.ts";

const sumOf = (values: number[]) => values.reduce((a, b) => a + b, 0);
const meanOf = (values: number[]) => sumOf(values) / values.length;
const maxOf = (values: number[]) => values.reduce((a, b) => a < b ? b : a);
const minOf = (values: number[]) => values.reduce((a, b) => b < a ? b : a);

type Fold = (x: Tensor, axes?: number | readonly number[], options?: g.ReduceOptions) => Tensor;
const folds: [string, Fold, (values: number[]) => number, number?][] = [
  ["sum", g.sum, sumOf],
  ["mean", g.mean, meanOf, 1e-7],
  ["max", g.max, maxOf],
  ["min", g.min, minOf],
  ["logSumExp", g.logSumExp, logSumExp],
];

/** Lanes along the result and along the sum, several vectors at once, rests, and loops that merge. */
const shapes: [number[], number | number[] | undefined][] = [
  [[5, 37], 0],
  [[5, 37], 1],
  [[5, 37], undefined],
  [[3, 5, 6], 1],
  [[3, 5, 9], [0, 2]],
  [[3, 5, 9], [-1, 1]],
  [[2, 3, 4, 5], [1, 3]],
  [[4, 1], 1],
  [[1, 7], 0],
  [[1, 1], undefined],
  [[3], []],
  [[], undefined],
  [[7, 33], 0],
  [[33, 31], 1],
  [[2, 2, 3], 2],
  [[9, 1, 3], [0, 1]],
];

const axesOf = (rank: number, axes: number | readonly number[] | undefined): number[] => {
  const given = axes === undefined ? Array.from({ length: rank }, (_, i) => i) : [axes].flat();
  return given.map((axis) => axis < 0 ? axis + rank : axis).sort((a, b) => a - b);
};

const foldCases = folds.flatMap(([name, op, exact, oracleTolerance]) =>
  shapes.flatMap(([shape, axes]) =>
    [false, true].map((keepDims): OpCase => ({
      name: `${name}() of [${shape.join(", ")}] over ${axes === undefined ? "all axes" : `[${axes}]`}${
        keepDims ? ", which stay" : ""
      }`,
      inputs: [floats(...shape)],
      build: (x) => op(x, axes, { keepDims }),
      oracle: (x) => alongAxes(x, axesOf(shape.length, axes), exact, keepDims),
      oracleTolerance,
      twice: !keepDims,
    }))
  )
);

const longCases = folds.flatMap(([name, op, exact, oracleTolerance]) =>
  ([[[4099], 0], [[3, 1000], 1], [[1000, 3], 0], [[40, 2, 50], [0, 2]]] as const).map((
    [shape, axes],
  ): OpCase => ({
    name: `${name}() of [${shape.join(", ")}] over [${axes}]`,
    inputs: [floats(...shape)],
    build: (x) => op(x, axes),
    oracle: (x) => alongAxes(x, axesOf(shape.length, axes), exact),
    oracleTolerance,
    twice: false,
  }))
);

const emptyCases: OpCase[] = [
  ["sum", "[0, 3] over [0]", (x: Tensor) => g.sum(x, 0), [0, 3], [3], 0],
  ["sum", "[3, 0] over [1]", (x: Tensor) => g.sum(x, 1), [3, 0], [3], 0],
  ["sum", "[0, 3] over [1]", (x: Tensor) => g.sum(x, 1), [0, 3], [0], 0],
  ["sum", "[2, 0, 3] over all axes", (x: Tensor) => g.sum(x), [2, 0, 3], [], 0],
  ["mean", "[0, 3] over [0]", (x: Tensor) => g.mean(x, 0), [0, 3], [3], NaN],
  ["max", "[0, 3] over [1]", (x: Tensor) => g.max(x, 1), [0, 3], [0], 0],
  ["argMax", "[0, 3] over [1]", (x: Tensor) => g.argMax(x, 1), [0, 3], [0], 0],
].map(([name, what, build, shape, result, value]) => ({
  name: `${name}() of ${what}`,
  inputs: [floats(...shape as number[])],
  build: build as (x: Tensor) => Tensor,
  oracle: () => ({
    shape: result as number[],
    data: new Float64Array(sumOf([(result as number[]).reduce((a, b) => a * b, 1)])).fill(value as number),
  }),
  differentiable: false,
}));

/** The first of equal positions, wherever lanes and rests begin. */
const ties = [1, 2, 3, 4, 5, 7, 8, 9, 11, 16, 33].flatMap((size) =>
  [1, 2, size].map((period) => ({ size, period }))
).filter(({ size, period }, i, all) => all.findIndex((t) => t.size === size && t.period === period) === i);
const positions: [string, (x: Tensor, axis?: number) => Tensor, (values: number[]) => number][] = [
  ["argMax", g.argMax, (values) => values.indexOf(maxOf(values))],
  ["argMin", g.argMin, (values) => values.indexOf(minOf(values))],
];
const positionCases = positions.flatMap(([name, op, exact]): OpCase[] => [
  ...ties.map(({ size, period }): OpCase => ({
    name: `${name}() of ${size} numbers that repeat after ${period}, along both axes`,
    inputs: [
      exactly(
        Array.from({ length: 3 * size }, (_, i) => Math.floor(i % size + i / size) % period - 1),
        "float32",
        [3, size],
      ),
    ],
    build: (x) => g.stack([op(x, 1), op(g.transpose(x), 0)]),
    oracle: (x) => {
      const found = alongAxes(x, [1], exact).data;
      return { shape: [2, 3], data: Float64Array.from([...found, ...found]) };
    },
    differentiable: false,
  })),
  ...shapes.filter(([, axes]) => typeof axes === "number").map(([shape, axis]): OpCase => ({
    name: `${name}() of [${shape.join(", ")}] over [${axis}]`,
    inputs: [floats(...shape)],
    build: (x) => op(x, axis as number),
    oracle: (x) => alongAxes(x, axesOf(shape.length, axis), exact),
    differentiable: false,
  })),
  {
    name: `${name}() of int32 that are equal as floats`,
    inputs: [exactly([16777216, 16777217, 16777215, 16777216], "int32")],
    build: (x) => op(x),
    oracle: (x) => alongAxes(x, [0], exact),
    differentiable: false,
  },
]);

const countCases = (["int32", "uint32", "uint8", "bool"] as const).flatMap((dtype) =>
  (["sum", "max", "min"] as const).map((name): OpCase => ({
    name: `${name}() of ${dtype}`,
    inputs: [integersIn(dtype, 0, dtype === "bool" ? 2 : 250, 5, 33)],
    build: (x) => g.stack([g[name](x), g.sum(g[name](x, 0)), g.sum(g[name](x, 1))]),
    oracle: (x) => {
      const exact = name === "sum" ? sumOf : name === "max" ? maxOf : minOf;
      const over = (axes: number[]) => sumOf([...alongAxes(x, axes, exact).data]);
      return [over([0, 1]), over([0]), over([1])];
    },
    differentiable: false,
  }))
);

const softmaxCases = ([["softmax", g.softmax], ["logSoftmax", g.logSoftmax]] as const).flatMap(([name, op]) =>
  ([[[6, 10], -1], [[6, 10], 0], [[3, 1], 1], [[5], 0], [[2, 3, 7], 1], [[4, 33], 1], [[0, 3], 1]] as const)
    .map(([shape, axis]): OpCase => ({
      name: `${name}() of [${shape.join(", ")}] over [${axis}]`,
      inputs: [floatsIn(-5, 5, ...shape)],
      build: (x) => op(x, axis),
      oracle: (x) => {
        const total = alongAxes(x, axesOf(shape.length, axis), logSumExp, true);
        return elementByElement((a, t) => name === "softmax" ? Math.exp(a - t) : a - t, x, total);
      },
    }))
);

/** Reductions. */
export const reduceCases: OpCase[] = [
  ...foldCases,
  ...longCases,
  ...emptyCases,
  ...positionCases,
  ...countCases,
  ...softmaxCases,
];
