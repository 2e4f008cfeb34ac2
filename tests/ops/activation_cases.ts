/** Smooth functions of one float, and activations. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { elementByElement } from "../oracle/doubles.ts";
import { erf } from "../oracle/special_functions.ts";
import { floatsIn } from "./inputs.ts";

interface Function1 {
  readonly name: string;
  readonly op: (x: Tensor) => Tensor;
  readonly exact: (x: number) => number;
  readonly range?: readonly [number, number];
  /** Constants of the body are rounded to single precision, or it is an approximation. */
  readonly oracleTolerance?: number;
  readonly tolerance?: number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const functions: Function1[] = [
  { name: "exp", op: g.exp, exact: Math.exp },
  { name: "expm1", op: g.expm1, exact: Math.expm1, oracleTolerance: 1e-7 },
  { name: "expm1", op: g.expm1, exact: Math.expm1, range: [-0.01, 0.01], oracleTolerance: 1e-7 },
  { name: "log", op: g.log, exact: Math.log, range: [0.25, 9] },
  { name: "log1p", op: g.log1p, exact: Math.log1p, range: [-0.75, 5] },
  { name: "log1p", op: g.log1p, exact: Math.log1p, range: [-0.01, 0.01] },
  { name: "sqrt", op: g.sqrt, exact: Math.sqrt, range: [0.25, 9] },
  { name: "rsqrt", op: g.rsqrt, exact: (x) => 1 / Math.sqrt(x), range: [0.25, 9] },
  { name: "sin", op: g.sin, exact: Math.sin, range: [-9, 9] },
  { name: "cos", op: g.cos, exact: Math.cos, range: [-9, 9] },
  { name: "tanh", op: g.tanh, exact: Math.tanh },
  { name: "tanh", op: g.tanh, exact: Math.tanh, range: [-12, 12] },
  { name: "erf", op: g.erf, exact: erf, oracleTolerance: 3e-7 },
  { name: "erf", op: g.erf, exact: erf, range: [-5, 5], oracleTolerance: 3e-7 },
  { name: "relu", op: g.relu, exact: (x) => Math.max(x, 0) },
  { name: "leakyRelu", op: g.leakyRelu, exact: (x) => x > 0 ? x : 0.2 * x, oracleTolerance: 1e-7 },
  {
    name: "leakyRelu with slope 0.01",
    op: (x) => g.leakyRelu(x, 0.01),
    exact: (x) => x > 0 ? x : 0.01 * x,
    oracleTolerance: 1e-7,
  },
  { name: "elu", op: g.elu, exact: (x) => x > 0 ? x : Math.expm1(x), oracleTolerance: 1e-7 },
  {
    name: "elu with alpha 0.5",
    op: (x) => g.elu(x, 0.5),
    exact: (x) => x > 0 ? x : 0.5 * Math.expm1(x),
    oracleTolerance: 1e-7,
  },
  { name: "sigmoid", op: g.sigmoid, exact: sigmoid },
  { name: "sigmoid", op: g.sigmoid, exact: sigmoid, range: [-40, 40] },
  { name: "softplus", op: g.softplus, exact: (x) => Math.log1p(Math.exp(x)), oracleTolerance: 1e-7 },
  {
    name: "softplus",
    op: g.softplus,
    exact: (x) => x > 40 ? x : Math.log1p(Math.exp(x)),
    oracleTolerance: 1e-7,
    range: [-60, 60],
  },
  { name: "silu", op: g.silu, exact: (x) => x * sigmoid(x) },
  { name: "silu", op: g.silu, exact: (x) => x * sigmoid(x), range: [-30, 30] },
  {
    name: "gelu",
    op: g.gelu,
    exact: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
    oracleTolerance: 5e-7,
  },
  {
    name: "gelu",
    op: g.gelu,
    exact: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
    range: [-7, 7],
    oracleTolerance: 5e-7,
  },
];

const titleOf = ({ name, range }: Function1) => {
  const [op, ...rest] = name.split(" ");
  return `${[`${op}()`, ...rest].join(" ")}${range ? ` between ${range.join(" and ")}` : ""}`;
};

/** Odd sizes: a vector and a rest, a rest alone, nothing, one number. */
const shapes = [[3, 7], [33], [1], [], [2, 0, 3]];

const single = functions.flatMap((test) =>
  shapes.map((shape): OpCase => ({
    name: `${titleOf(test)} of [${shape.join(", ")}]`,
    inputs: [floatsIn(...test.range ?? [-2, 2] as const, ...shape)],
    build: test.op,
    oracle: (x) => elementByElement(test.exact, x),
    oracleTolerance: test.oracleTolerance,
    tolerance: test.tolerance,
  }))
);

const together: OpCase[] = [
  {
    name: "tanh() of a product of activations",
    inputs: [floatsIn(-2, 2, 5, 6), floatsIn(0.5, 2, 6)],
    build: (a, b) => g.tanh(g.mul(g.sigmoid(g.add(a, b)), g.sin(g.sqrt(g.add(g.square(a), b))))),
    oracle: (a, b) =>
      elementByElement((x, y) => Math.tanh(sigmoid(x + y) * Math.sin(Math.sqrt(x * x + y))), a, b),
  },
  {
    name: "exp() of 70,001 numbers",
    inputs: [floatsIn(-3, 3, 70_001)],
    build: (a) => g.exp(g.mul(a, 0.5)),
    oracle: (a) => elementByElement((x) => Math.exp(x * 0.5), a),
    twice: false,
  },
];

/** Functions of one number. */
export const activationCases: OpCase[] = [...single, ...together];
