/** Comparisons, truth values, choices between two tensors, and conversions. */
import type { DType } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { elementByElement } from "../oracle/doubles.ts";
import { transposed } from "../oracle/movement.ts";
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
  float32: [0, -0, 1, -1, 0.5, 2e-38, 3e38, Infinity, -Infinity, NaN],
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
    name: `logicalXor() of [${shape}] and [${shape}]`,
    inputs: [bools(...shape), bools(...shape)],
    build: g.logicalXor,
    oracle: (x, y) => elementByElement((a, b) => a ^ b, x, y),
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

const kindCases: OpCase[] = [{
  name: "isFinite() of numbers of every kind",
  inputs: [exactly(samples.float32)],
  build: (x) => g.isFinite(x),
  oracle: (x) => elementByElement((a) => +Number.isFinite(a), x),
  differentiable: false,
}, {
  name: "isNaN() of numbers of every kind",
  inputs: [exactly(samples.float32)],
  build: (x) => g.isNaN(x),
  oracle: (x) => elementByElement((a) => +Number.isNaN(a), x),
  differentiable: false,
}];

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
  float16: [0, -0, 1.5, -0.1, 65504, -65504, 6e-8, -5.9e-5, 6.2e-5, 255.5, Infinity, -Infinity, NaN],
  uint8: [0, 1, 127, 128, 255],
  bool: [0, 1, 1, 0, 1],
};

function convert(value: number, from: DType, to: DType): number {
  const whole = Number.isNaN(value) ? 0 : Math.trunc(value);
  const isFloat = from === "float32" || from === "float16";
  const within = (low: number, high: number) => Math.min(Math.max(whole, low), high);
  switch (to) {
    case "float32":
      return Math.fround(value);
    case "float16":
      return Math.f16round(value);
    case "bool":
      return +(value !== 0);
    case "uint8":
      return within(0, 255);
    case "int32":
      return isFloat ? within(-(2 ** 31), 2 ** 31 - 1) : whole | 0;
    case "uint32":
      return isFloat ? within(0, 2 ** 32 - 1) : whole >>> 0;
  }
}

const dtypes: DType[] = ["float32", "int32", "uint32", "float16", "uint8", "bool"];
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

/** Where halves are rounded: in the middle between two, at both ends of the normal ones, on the way to infinity. */
const halfEdges = [
  1 + 2 ** -11,
  1 + 3 * 2 ** -11,
  1 + 2 ** -11 + 2 ** -20,
  2049,
  2051,
  65519,
  65520,
  65535,
  65536,
  1e30,
  2 ** -14,
  2 ** -14 - 2 ** -26,
  2 ** -24,
  2 ** -25,
  1.5 * 2 ** -25,
  3 * 2 ** -25,
  1e-30,
];

const halfCases: OpCase[] = [
  {
    name: "cast() to halves that are not kept, at the edges",
    inputs: [exactly([...halfEdges, ...halfEdges.map((x) => -x)])],
    build: (x) => g.cast(g.cast(x, "float16"), "float32"),
    oracle: (x) => elementByElement(Math.f16round, x),
    oracleTolerance: 0,
    differentiable: false,
  },
  ...[[3, 5], [4, 8], [2, 3, 7]].map((shape): OpCase => ({
    name: `halves of shape ${shape} as the result of a product`,
    inputs: [floats(...shape)],
    build: (x) => g.cast(g.transpose(g.mul(x, 1.7)), "float16"),
    oracle: (x) =>
      elementByElement(
        (a) => Math.f16round(Math.fround(a * Math.fround(1.7))),
        transposed(x, shape.map((_, d) => shape.length - 1 - d)),
      ),
    oracleTolerance: 0,
    differentiable: false,
  })),
  {
    name: "cast() to halves and back, a little apart from the number",
    inputs: [floats(4, 9)],
    build: (x) => g.square(g.cast(g.cast(x, "float16"), "float32")),
    oracle: (x) => elementByElement((a) => Math.f16round(a) ** 2, x),
    differentiable: false,
  },
];

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
  ...kindCases,
  ...castCases,
  ...castChains,
  ...halfCases,
];
