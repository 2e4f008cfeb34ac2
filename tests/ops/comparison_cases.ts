/** Comparisons, truth values, choices between two tensors, and conversions. */
import type { DType } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { elementByElement } from "../oracle/doubles.ts";
import { exactly, floats, integersIn, shapesOf } from "./inputs.ts";

const comparisons: [
  string,
  (a: g.TensorLike, b: g.TensorLike) => Tensor,
  (a: number, b: number) => boolean,
][] = [
  ["equal", g.equal, (a, b) => a === b],
  ["notEqual", g.notEqual, (a, b) => a !== b],
  ["less", g.less, (a, b) => a < b],
  ["lessEqual", g.lessEqual, (a, b) => a <= b],
  ["greater", g.greater, (a, b) => a > b],
  ["greaterEqual", g.greaterEqual, (a, b) => a >= b],
];

const samples = {
  float32: [0, -0, 1, -1, 0.5, 1e-40, 3e38, Infinity, -Infinity, NaN],
  int32: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)],
  uint32: [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1],
};

const ofNumbers = comparisons.flatMap(([name, op, exact]): OpCase[] => [
  ...(["float32", "int32", "uint32"] as const).map((dtype): OpCase => ({
    name: `${name}() of ${dtype}`,
    inputs: [exactly(samples[dtype], dtype), exactly(samples[dtype], dtype, [samples[dtype].length, 1])],
    build: op,
    oracle: (x, y) => elementByElement((a, b) => +exact(a, b), x, y),
    differentiable: false,
  })),
  ...[[[7], []], [[1], [1]], [[0, 3], [3]], [[3, 1, 5], [2, 1]]].map((shapes): OpCase => ({
    name: `${name}() of ${shapesOf(shapes)}`,
    inputs: shapes.map((shape) => ({ shape, dtype: "int32", range: [0, 3] })),
    build: op,
    oracle: (x, y) => elementByElement((a, b) => +exact(a, b), x, y),
    differentiable: false,
  })),
]);

const bools = (...shape: number[]) => integersIn("bool", 0, 2, ...shape);
const logicalCases = [[1], [3], [5], [33], [0], [2, 17]].flatMap((shape): OpCase[] => [
  {
    name: `logicalAnd() of [${shape}] and []`,
    inputs: [bools(...shape), bools()],
    build: g.logicalAnd,
    oracle: (x, y) => elementByElement((a, b) => a & b, x, y),
    differentiable: false,
  },
  {
    name: `logicalOr() of [1] and [${shape}]`,
    inputs: [bools(1), bools(...shape)],
    build: g.logicalOr,
    oracle: (x, y) => elementByElement((a, b) => a | b, x, y),
    differentiable: false,
  },
  {
    name: `logicalNot() of [${shape}]`,
    inputs: [bools(...shape)],
    build: (x) => g.logicalNot(x),
    oracle: (x) => elementByElement((a) => 1 - a, x),
    differentiable: false,
  },
]);

const choices: OpCase[] = [
  {
    name: "where() of [3, 4], [] and [4]",
    inputs: [bools(3, 4), floats(), floats(4)],
    build: (c, a, b) => g.where(c, a, b),
    oracle: (c, a, b) => elementByElement((x, y, z) => x ? y : z, c, a, b),
  },
  {
    name: "where() of [2, 1, 1], [3, 1] and [5]",
    inputs: [bools(2, 1, 1), floats(3, 1), floats(5)],
    build: (c, a, b) => g.where(c, a, b),
    oracle: (c, a, b) => elementByElement((x, y, z) => x ? y : z, c, a, b),
  },
  {
    name: "where() with two numbers",
    inputs: [bools(33)],
    build: (c) => g.where(c, 2, -3),
    oracle: (c) => elementByElement((x) => x ? 2 : -3, c),
    differentiable: false,
  },
  {
    name: "where() of a comparison of its own values",
    inputs: [floats(3, 7), floats(7)],
    build: (a, b) => g.where(g.logicalOr(g.greater(a, b), g.less(a, -1)), g.mul(a, b), g.square(b)),
    oracle: (a, b) => elementByElement((x, y) => x > y || x < -1 ? x * y : y * y, a, b),
  },
  ...(["int32", "uint32", "uint8", "bool"] as const).map((dtype): OpCase => ({
    name: `where() of ${dtype}`,
    inputs: [bools(5, 3), integersIn(dtype, 0, 2, 3), integersIn(dtype, 0, 2, 5, 1)],
    build: (c, a, b) => g.where(c, a, b),
    oracle: (c, a, b) => elementByElement((x, y, z) => x ? y : z, c, a, b),
    differentiable: false,
  })),
];

const finiteCase: OpCase = {
  name: "isFinite() of numbers of every kind",
  inputs: [exactly(samples.float32)],
  build: (x) => g.isFinite(x),
  oracle: (x) => elementByElement((a) => +Number.isFinite(a), x),
  differentiable: false,
};

const castSamples: Record<DType, number[]> = {
  float32: [
    0,
    -0,
    0.9,
    -0.9,
    1.5,
    -1.5,
    254.5,
    255.5,
    256,
    3e9,
    -3e9,
    5e9,
    Infinity,
    -Infinity,
    NaN,
    16777217,
  ],
  int32: [0, 1, -1, 127, 255, 256, -256, 16777217, 2 ** 31 - 1, -(2 ** 31)],
  uint32: [0, 1, 255, 256, 16777217, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1],
  uint8: [0, 1, 127, 128, 255],
  bool: [0, 1, 1, 0, 1],
};

function convert(value: number, from: DType, to: DType): number {
  const whole = Number.isNaN(value) ? 0 : Math.trunc(value);
  const within = (low: number, high: number) => Math.min(Math.max(whole, low), high);
  switch (to) {
    case "float32":
      return Math.fround(value);
    case "bool":
      return +(value !== 0);
    case "uint8":
      return within(0, 255);
    case "int32":
      return from === "float32" ? within(-(2 ** 31), 2 ** 31 - 1) : whole | 0;
    case "uint32":
      return from === "float32" ? within(0, 2 ** 32 - 1) : whole >>> 0;
  }
}

const dtypes: DType[] = ["float32", "int32", "uint32", "uint8", "bool"];
const castCases = dtypes.flatMap((from) =>
  dtypes.filter((to) => to !== from).map((to): OpCase => ({
    name: `cast() of ${from} to ${to}`,
    inputs: [exactly(castSamples[from], from)],
    build: (x) => g.cast(x, to),
    oracle: (x) => elementByElement((a) => convert(a, from, to), x),
    oracleTolerance: 1e-7,
    differentiable: false,
  }))
);

const castChains: OpCase[] = [
  {
    name: "cast() of bytes to floats between 0 and 1",
    inputs: [integersIn("uint8", 0, 256, 5, 7)],
    build: (x) => g.mul(g.cast(x, "float32"), 1 / 255),
    oracle: (x) => elementByElement((a) => a / 255, x),
    oracleTolerance: 1e-7,
    differentiable: false,
  },
  {
    name: "cast() to int32 and back, which has no gradient",
    inputs: [floats(3, 5)],
    build: (x) => g.mul(x, g.cast(g.cast(x, "int32"), "float32")),
    oracle: (x) => elementByElement((a) => a * Math.trunc(a), x),
  },
  {
    name: "cast() of a comparison to count what is positive",
    inputs: [floats(4, 9)],
    build: (x) => g.mul(g.cast(g.greater(x, 0), "float32"), x),
    oracle: (x) => elementByElement((a) => a > 0 ? a : 0, x),
  },
];

/** Comparisons and conversions. */
export const comparisonCases: OpCase[] = [
  ...ofNumbers,
  ...logicalCases,
  ...choices,
  finiteCase,
  ...castCases,
  ...castChains,
];
