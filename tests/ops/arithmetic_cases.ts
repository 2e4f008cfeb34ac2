/** Element-wise arithmetic of floats: two inputs with stretching, and one input. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { doubles, elementAt, elementByElement } from "../oracle/doubles.ts";
import { roundHalfEven } from "../oracle/special_functions.ts";
import { exactly, floats, floatsIn, integersIn, shapesOf } from "./inputs.ts";

interface Binary {
  readonly name: string;
  readonly op: (a: g.TensorLike, b: g.TensorLike) => Tensor;
  readonly exact: (a: number, b: number) => number;
  readonly range?: readonly [number, number];
  readonly tolerance?: number;
}

const binary: Binary[] = [
  { name: "add", op: g.add, exact: (a, b) => a + b },
  { name: "sub", op: g.sub, exact: (a, b) => a - b },
  { name: "mul", op: g.mul, exact: (a, b) => a * b },
  { name: "div", op: g.div, exact: (a, b) => a / b, range: [0.25, 3] },
  { name: "pow", op: g.pow, exact: (a, b) => a ** b, range: [0.25, 3], tolerance: 1e-5 },
  { name: "maximum", op: g.maximum, exact: (a, b) => a < b ? b : a },
  { name: "minimum", op: g.minimum, exact: (a, b) => b < a ? b : a },
];

const shapePairs: (readonly [number[], number[]])[] = [
  [[2, 3], [2, 3]],
  [[2, 1, 5], [3, 1]],
  [[3], [2, 3]],
  [[], [7]],
  [[], []],
  [[1, 3], [4, 1]],
  [[1, 1], [1]],
  [[0, 3], [3]],
  [[1, 3], [0, 1]],
  [[33, 1, 7], [1, 5, 7]],
  [[31], [31]],
];

const binaryCases = binary.flatMap(({ name, op, exact, range, tolerance }) =>
  shapePairs.map(([a, b]): OpCase => ({
    name: `${name}() of ${shapesOf([a, b])}`,
    inputs: [{ shape: a, range }, { shape: b, range }],
    build: (x, y) => op(x, y),
    oracle: (x, y) => elementByElement(exact, x, y),
    tolerance,
  }))
);

const numberCases = binary.flatMap(({ name, op, exact, tolerance }) =>
  [[5, 7], [1], [0, 2]].flatMap((shape): OpCase[] => [
    {
      name: `${name}() of [${shape.join(", ")}] and a number`,
      inputs: [floatsIn(0.25, 3, ...shape)],
      build: (x) => op(x, 1.5),
      oracle: (x) => elementByElement((a) => exact(a, 1.5), x),
      tolerance,
    },
    {
      name: `${name}() of a number and [${shape.join(", ")}]`,
      inputs: [floatsIn(0.25, 3, ...shape)],
      build: (x) => op(0.75, x),
      oracle: (x) => elementByElement((a) => exact(0.75, a), x),
      tolerance,
    },
  ])
);

/** Numbers that let an op be left out, with shapes that still have to be stretched. */
const neutralCases = ([
  ["add", "zeros", (x) => g.add(x, g.zeros([1, 3])), (a) => a],
  ["add", "zeros before", (x) => g.add(g.zeros([2, 5, 3]), x), (a) => a],
  ["mul", "ones", (x) => g.mul(x, g.ones([1, 3])), (a) => a],
  ["mul", "ones before", (x) => g.mul(g.ones([1, 3]), x), (a) => a],
  ["mul", "ones of more axes", (x) => g.mul(x, g.ones([1, 5, 3])), (a) => a],
  ["sub", "zeros", (x) => g.sub(x, g.zeros([1, 3])), (a) => a],
  ["div", "ones", (x) => g.div(x, g.ones([1, 3])), (a) => a],
  ["pow", "ones", (x) => g.pow(x, g.ones([1, 3])), (a) => a],
  ["mul", "zeros", (x) => g.mul(x, g.zeros([1, 3])), () => 0],
] as [string, string, (x: Tensor) => Tensor, (a: number) => number][]).map(
  ([name, what, build, exact]): OpCase => ({
    name: `${name}() of a column with stretched ${what}`,
    inputs: [floatsIn(0.5, 2, 5, 1)],
    build,
    oracle: (x) => {
      const shape = what === "zeros before" ? [2, 5, 3] : what === "ones of more axes" ? [1, 5, 3] : [5, 3];
      return doubles(shape, (index) => exact(elementAt(x, [index.at(-2)!, 0])));
    },
  }),
);

const exponents = [-2, -1, 0, 0.5, 1, 2, 3, 4.5];
const powerCases = exponents.map((exponent): OpCase => ({
  name: `pow() with the exponent ${exponent}`,
  inputs: [floatsIn(0.3, 2, 3, 5)],
  build: (x) => g.pow(x, exponent),
  oracle: (x) => elementByElement((a) => a ** exponent, x),
  tolerance: 5e-6,
}));

const unary: [string, (x: Tensor) => Tensor, (a: number) => number, boolean?][] = [
  ["neg", g.neg, (a) => -a],
  ["abs", g.abs, Math.abs],
  ["square", g.square, (a) => a * a],
  ["sign", g.sign, Math.sign, false],
  ["floor", g.floor, Math.floor, false],
  ["ceil", g.ceil, Math.ceil, false],
  ["round", g.round, roundHalfEven, false],
];

const unaryCases = unary.flatMap(([name, op, exact, differentiable]) =>
  [[3, 7], [], [1], [0, 2], [33]].map((shape): OpCase => ({
    name: `${name}() of [${shape.join(", ")}]`,
    inputs: [floats(...shape)],
    build: op,
    oracle: (x) => elementByElement(exact, x),
    differentiable,
  }))
);

const halves = [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 8388607.5, -8388607.5, 16777217, 0, -0];
const roundingCases = (["round", "floor", "ceil"] as const).map((name): OpCase => ({
  name: `${name}() of halves and of large numbers`,
  inputs: [exactly(halves)],
  build: (x) => g[name](x),
  oracle: (x) => elementByElement(name === "round" ? roundHalfEven : Math[name], x),
  differentiable: false,
  tolerance: 0,
}));

const clampCases: OpCase[] = [
  {
    name: "clamp() on both sides",
    inputs: [floats(4, 9)],
    build: (x) => g.clamp(x, -0.5, 1.25),
    oracle: (x) => elementByElement((a) => Math.min(Math.max(a, -0.5), 1.25), x),
  },
  {
    name: "clamp() to a single value",
    inputs: [floats(5)],
    build: (x) => g.clamp(x, 1, 1),
    oracle: (x) => elementByElement(() => 1, x),
  },
  ...[
    [[4, 9], [4, 9], [4, 9]],
    [[5, 3], [3], [5, 1]],
    [[3], [2, 1], []],
    [[0, 3], [3], []],
  ].map((shapes): OpCase => ({
    // Some low ends are above their high ends.
    name: `clamp() between tensors, of ${shapesOf(shapes)}`,
    inputs: [floats(...shapes[0]), floatsIn(-1.5, 0.5, ...shapes[1]), floatsIn(0, 1.5, ...shapes[2])],
    build: g.clamp,
    oracle: (x, low, high) => elementByElement((a, l, h) => Math.min(Math.max(a, l), h), x, low, high),
  })),
  {
    name: "clamp() between a tensor and a number",
    inputs: [floats(4, 9), floats(9)],
    build: (x, low) => g.clamp(x, low, 1),
    oracle: (x, low) => elementByElement((a, l) => Math.min(Math.max(a, l), 1), x, low),
  },
  {
    name: "clamp() of whole numbers between a number that is none of theirs and a tensor",
    inputs: [integersIn("uint32", 0, 20, 33), integersIn("uint32", 3, 15, 33)],
    build: (x, high) => g.clamp(x, -5, high),
    oracle: (x, high) => elementByElement(Math.min, x, high),
    differentiable: false,
  },
];

const chains: OpCase[] = [
  {
    name: "sub(), mul() and div() in a chain",
    inputs: [floats(7, 5), floatsIn(0.5, 3, 5)],
    build: (a, b) => g.div(g.mul(g.sub(a, b), a), b),
    oracle: (a, b) => elementByElement((x, y) => (x - y) * x / y, a, b),
  },
  {
    name: "add() of a tensor that is used many times",
    inputs: [floats(3, 5)],
    build: (a) => [1, 2, 3, 4, 5].reduce((y, n) => g.add(g.mul(y, a), g.mul(a, n)), a),
    oracle: (a) => elementByElement((x) => [1, 2, 3, 4, 5].reduce((y, n) => y * x + x * n, x), a),
  },
];

/** Arithmetic. */
export const arithmeticCases: OpCase[] = [
  ...binaryCases,
  ...numberCases,
  ...neutralCases,
  ...powerCases,
  ...unaryCases,
  ...roundingCases,
  ...clampCases,
  ...chains,
];
