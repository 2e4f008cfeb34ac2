/** Products, variances and standard deviations over axes. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { alongAxes } from "../oracle/doubles.ts";
import { exactly, floats, floatsIn, integersIn } from "./inputs.ts";

const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const varianceOf = (correction: number) => (values: number[]) => {
  const mean = meanOf(values);
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - correction);
};
const product = (values: number[]) => values.reduce((a, b) => a * b, 1);

const shapes: [number[], number | number[] | undefined][] = [
  [[5, 37], 0],
  [[5, 37], -1],
  [[3, 5, 9], [0, 2]],
  [[4, 6], undefined],
  [[2, 3, 5], 1],
  [[0, 3], 1],
];
const axesOf = (shape: number[], axes: number | number[] | undefined) =>
  axes === undefined ? shape.map((_, i) => i) : [axes].flat().map((a) => a < 0 ? a + shape.length : a);
const over = (axes: number | number[] | undefined) => axes === undefined ? "all axes" : `[${axes}]`;

const spreadCases = shapes.flatMap(([shape, axes], s) => {
  const [correction, keepDims] = [s % 3 === 0 ? 1 : 0, s % 2 === 0];
  return ([["variance", g.variance, (v: number) => v], ["std", g.std, Math.sqrt]] as const).map((
    [name, op, finish],
  ): OpCase => ({
    name: `${name}() of [${shape.join(", ")}] over ${over(axes)} with correction ${correction}`,
    inputs: [floats(...shape)],
    build: (x) => op(x, axes, { correction, keepDims }),
    oracle: (x) => alongAxes(x, axesOf(shape, axes), (v) => finish(varianceOf(correction)(v)), keepDims),
    oracleTolerance: 1e-7,
  }));
});

const productCases = shapes.flatMap(([shape, axes], s): OpCase => ({
  name: `prod() of [${shape.join(", ")}] over ${over(axes)}`,
  inputs: [floatsIn(0.7, 1.3, ...shape)],
  build: (x) => g.prod(x, axes, { keepDims: s % 2 === 0 }),
  oracle: (x) => alongAxes(x, axesOf(shape, axes), product, s % 2 === 0),
}));

const others: OpCase[] = [
  {
    name: "moments() of [4, 33] over [1]",
    inputs: [floats(4, 33)],
    build: (x) => {
      const { mean, variance } = g.moments(x, 1);
      return g.stack([mean, variance]);
    },
    oracle: (x) => [...alongAxes(x, [1], meanOf).data, ...alongAxes(x, [1], varianceOf(0)).data],
    oracleTolerance: 1e-7,
  },
  {
    name: "variance() of numbers that are large beside their distances",
    inputs: [exactly(Array.from({ length: 66 }, (_, i) => 16000 + i % 3), "float32", [2, 33])],
    build: (x) => g.variance(x, 1),
    oracle: (x) => alongAxes(x, [1], varianceOf(0)),
    oracleTolerance: 1e-7,
    differentiable: false,
  },
  {
    name: "std() of equal numbers, whose gradient is zero",
    inputs: [exactly([3, 3, 3, 3, 1, 2, 3, 4], "float32", [2, 4])],
    build: (x) => g.std(x, 1),
    oracle: (x) => alongAxes(x, [1], (v) => Math.sqrt(varianceOf(0)(v))),
    smooth: false,
  },
  {
    name: "prod() of many numbers",
    inputs: [floatsIn(0.99, 1.01, 4099)],
    build: (x) => g.prod(x),
    oracle: (x) => alongAxes(x, [0], product),
    twice: false,
    tolerance: 1e-4,
  },
  {
    name: "prod() of nothing is one",
    inputs: [floats(0, 3)],
    build: (x) => g.prod(x, 0),
    oracle: () => [1, 1, 1],
  },
  ...(["int32", "uint8"] as const).map((dtype): OpCase => ({
    name: `prod() of ${dtype}`,
    inputs: [integersIn(dtype, 1, 5, 3, 7)],
    build: (x) => g.prod(x, 1),
    oracle: (x) => alongAxes(x, [1], product),
    differentiable: false,
  })),
];

/** Products and spreads. */
export const productAndSpreadCases: OpCase[] = [...spreadCases, ...productCases, ...others];
