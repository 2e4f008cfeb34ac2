/** Arithmetic of integers: 32 bits that wrap, division by zero, bytes and truth values that are counted. */
import type { DType } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { elementByElement } from "../oracle/doubles.ts";
import { exactly, integersIn } from "./inputs.ts";

const LOW = -(2 ** 31);
const HIGH = 2 ** 31 - 1;
const TOP = 2 ** 32 - 1;

/** As many bits as there are. */
const wrap = (dtype: DType, value: number) => dtype === "int32" ? value | 0 : value >>> 0;

const signed = [0, 1, -1, 2, -2, 7, -7, 8, -8, 100, -100, HIGH, HIGH - 1, LOW, LOW + 1, 65537, -65537];
const unsigned = [0, 1, 2, 7, 8, 100, 65537, HIGH, HIGH + 1, TOP, TOP - 1];

type Exact = (a: number, b: number) => number;
type Apply = (a: g.TensorLike, b: g.TensorLike) => Tensor;

const truncate = (a: number, b: number) => b === 0 ? a : Math.trunc(a / b);
const remainder = (a: number, b: number) => b === 0 ? 0 : a % b;
const binary: [string, Apply, Exact][] = [
  ["add", g.add, (a, b) => a + b],
  ["sub", g.sub, (a, b) => a - b],
  ["mul", g.mul, Math.imul],
  ["maximum", g.maximum, Math.max],
  ["minimum", g.minimum, Math.min],
  ["floorDiv", g.floorDiv, truncate],
  ["mod", g.mod, remainder],
];

/** Every pair out of a list. */
const pairs = (values: readonly number[]) => values.flatMap((a) => values.map((b) => [a, b] as const));

const binaryCases = binary.flatMap(([name, op, exact]) =>
  ([["int32", signed], ["uint32", unsigned]] as const).map(([dtype, values]): OpCase => {
    // The one quotient that does not fit has a case of its own.
    const all = pairs(values).filter(([a, b]) => name !== "floorDiv" || a !== LOW || b !== -1);
    return {
      name: `${name}() of ${dtype} near the ends of the range`,
      inputs: [exactly(all.map((p) => p[0]), dtype), exactly(all.map((p) => p[1]), dtype)],
      build: op,
      oracle: (x, y) => elementByElement((a, b) => wrap(dtype, exact(a, b)), x, y),
      differentiable: false,
    };
  })
);

/** Divisors that are known when a kernel is made: powers of two become shifts where they may. */
const divisorCases = ([1, 2, 3, 8, 10, 256, -1, -4, 0] as const).flatMap((divisor) =>
  (["floorDiv", "mod"] as const).flatMap((name) =>
    (["int32", "uint32"] as const).filter((dtype) => dtype === "int32" || divisor >= 0).map((
      dtype,
    ): OpCase => ({
      name: `${name}() of ${dtype} by the number ${divisor}`,
      inputs: [exactly((dtype === "int32" ? signed : unsigned).filter((a) => a !== LOW), dtype)],
      build: (x) => g[name](x, divisor),
      oracle: (x) =>
        elementByElement((a) => wrap(dtype, (name === "mod" ? remainder : truncate)(a, divisor)), x),
      differentiable: false,
    }))
  )
);

const wrapping: OpCase[] = [
  {
    name: "floorDiv() of the smallest int32 by -1",
    inputs: [exactly([LOW, 6, -6], "int32")],
    build: (x) => g.floorDiv(x, -1),
    oracle: (x) => elementByElement((a) => -a | 0, x),
    differentiable: false,
  },
  {
    name: "mod() of the smallest int32 by -1",
    inputs: [exactly([LOW, 6, -6], "int32")],
    build: (x) => g.mod(x, -1),
    oracle: (x) => elementByElement(() => 0, x),
    differentiable: false,
  },
  ...(["int32", "uint32"] as const).flatMap((dtype): OpCase[] => [
    {
      name: `neg() of ${dtype}`,
      inputs: [exactly(dtype === "int32" ? signed : unsigned, dtype)],
      build: g.neg,
      oracle: (x) => elementByElement((a) => wrap(dtype, -a), x),
      differentiable: false,
    },
    {
      name: `abs() of ${dtype}`,
      inputs: [exactly(dtype === "int32" ? signed : unsigned, dtype)],
      build: g.abs,
      oracle: (x) => elementByElement((a) => wrap(dtype, Math.abs(a)), x),
      differentiable: false,
    },
    {
      name: `square() of ${dtype}`,
      inputs: [exactly(dtype === "int32" ? signed : unsigned, dtype)],
      build: g.square,
      oracle: (x) => elementByElement((a) => wrap(dtype, Math.imul(a, a)), x),
      differentiable: false,
    },
    {
      name: `clamp() of ${dtype}`,
      inputs: [integersIn(dtype, 0, 20, 33)],
      build: (x) => g.clamp(x, 3, 11),
      oracle: (x) => elementByElement((a) => Math.min(Math.max(a, 3), 11), x),
      differentiable: false,
    },
    {
      name: `clamp() of ${dtype} with an end at infinity`,
      inputs: [integersIn(dtype, 0, 20, 5)],
      build: (x) => g.clamp(x, 3, Infinity),
      oracle: (x) => elementByElement((a) => Math.max(a, 3), x),
      differentiable: false,
    },
    {
      name: `sum() of ${dtype} beyond the range`,
      inputs: [exactly(Array.from({ length: 37 }, (_, i) => HIGH - i), dtype)],
      build: (x) => g.sum(x),
      oracle: ({ data }) => [data.reduce((sum, a) => wrap(dtype, sum + a), 0)],
      differentiable: false,
    },
  ]),
  {
    name: "clamp() of uint32 with an end below zero",
    inputs: [integersIn("uint32", 0, 20, 5)],
    build: (x) => g.clamp(x, -1, 11),
    oracle: (x) => elementByElement((a) => Math.min(a, 11), x),
    differentiable: false,
  },
];

const chains: OpCase[] = [
  {
    name: "mul(), add() and mod() of uint32 as a linear congruential generator",
    inputs: [integersIn("uint32", 0, 2 ** 20, 5, 7)],
    build: (x) => g.mod(g.add(g.mul(g.add(g.mul(x, 1664525), 1013904223), 1664525), 1013904223), 1000),
    oracle: (x) => {
      const next = (a: number) => (Math.imul(a, 1664525) + 1013904223) >>> 0;
      return elementByElement((a) => next(next(a)) % 1000, x);
    },
    differentiable: false,
  },
  {
    name: "floorDiv() and mod() of an iota() as rows and columns",
    inputs: [],
    build: () => g.add(g.mul(g.floorDiv(g.iota(35), 7), 100), g.mod(g.iota(35), 7)),
    oracle: () => Array.from({ length: 35 }, (_, i) => Math.floor(i / 7) * 100 + i % 7),
    differentiable: false,
  },
];

/** Integers. */
export const integerCases: OpCase[] = [...binaryCases, ...divisorCases, ...wrapping, ...chains];
