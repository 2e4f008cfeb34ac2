/** Functions that go to zero or to a constant, and their derivatives: right in relative terms as far as numbers go. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { elementByElement } from "../oracle/doubles.ts";
import { erf, erfc } from "../oracle/special_functions.ts";
import { exactly } from "./inputs.ts";

type Real = (x: number) => number;

const sigmoid: Real = (x) => x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
const slope: Real = (x) => sigmoid(x) * sigmoid(-x);
/** A product in which zero is stronger than infinity. */
const part = (x: number, factor: number) => factor === 0 ? 0 : x * factor;
const below: Real = (x) => 0.5 * (x < 0 ? erfc(-x / Math.SQRT2) : 1 + erf(x / Math.SQRT2));
const density: Real = (x) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
/** tanh x and erf x have one sign on each side, so their derivatives are what is hard. */
const functions: [string, (x: Tensor) => Tensor, Real, Real][] = [
  ["sigmoid", g.sigmoid, sigmoid, slope],
  ["tanh", g.tanh, Math.tanh, (x) => 4 * slope(2 * x)],
  ["softplus", g.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), sigmoid],
  ["silu", g.silu, (x) => part(x, sigmoid(x)), (x) => sigmoid(x) + part(x, slope(x))],
  ["gelu", g.gelu, (x) => part(x, below(x)), (x) => below(x) + part(x, density(x))],
  ["elu", g.elu, (x) => x > 0 ? x : Math.expm1(x), (x) => x > 0 ? 1 : Math.exp(x)],
  ["expm1", g.expm1, Math.expm1, Math.exp],
  ["log1p", g.log1p, Math.log1p, (x) => 1 / (1 + x)],
  ["erf", g.erf, erf, (x) => 2 / Math.sqrt(Math.PI) * Math.exp(-x * x)],
];
const sizes = [
  1e-20,
  1e-8,
  1e-4,
  0.01,
  0.3,
  0.5,
  0.9,
  1.1,
  2,
  3,
  4,
  5,
  6,
  9,
  12,
  20,
  40,
  80,
  86,
  100,
  1e4,
  3e38,
  Infinity,
];
const points = [...sizes.map((x) => -x), 0, ...sizes, NaN];

/** How far single precision may be off: devices have exponentials to a few units in the last place of the exponent. */
const near = { oracleTolerance: 6e-7, tolerance: 1e-5, perElement: true, differentiable: false } as const;

/** The derivative as the result of an op, so that it is held to its own formula. */
const derivative = (op: (x: Tensor) => Tensor) => (x: Tensor) => g.grad(g.sum(op(x)), [x])[0];

const ofOne = functions.flatMap(([name, op, exact, itsSlope]): OpCase[] => {
  // The derivative of a logarithm has no tail below.
  const values = name === "log1p" ? points.filter((x) => !(x < -0.9)) : points;
  return [
    {
      name: `${name}() at both ends`,
      inputs: [exactly(values)],
      build: op,
      oracle: (x) => elementByElement(exact, x),
      ...near,
    },
    {
      name: `${name}() has its derivative at both ends`,
      inputs: [exactly(values)],
      build: derivative(op),
      oracle: (x) => elementByElement(itsSlope, x),
      ...near,
    },
  ];
});

const logits = [-Infinity, -1e30, -100, -20, -5, -1e-3, 0, 1e-3, 5, 20, 100, 1e30, Infinity];
const pairs = logits.flatMap((x) => [0, 0.25, 1].map((t) => [x, t]));
const binaryCross = (x: number, t: number) =>
  part(Math.abs(x), x > 0 ? 1 - t : t) + Math.log1p(Math.exp(-Math.abs(x)));
const losses: OpCase[] = [
  {
    name: "binaryCrossEntropy() of logits that are nearly or wholly certain",
    inputs: [exactly(pairs.map(([x]) => x)), exactly(pairs.map(([, t]) => t))],
    build: g.binaryCrossEntropy,
    oracle: (x, t) => elementByElement(binaryCross, x, t),
    ...near,
  },
  {
    name: "binaryCrossEntropy() has its derivative there",
    inputs: [exactly(pairs.map(([x]) => x)), exactly(pairs.map(([, t]) => t))],
    build: (x, t) => g.grad(g.sum(g.binaryCrossEntropy(x, t)), [x])[0],
    oracle: (x, t) => elementByElement((a, b) => a > 0 ? 1 - b - sigmoid(-a) : sigmoid(a) - b, x, t),
    ...near,
  },
];

/** Tails of functions and of their derivatives. */
export const tailCases: OpCase[] = [...ofOne, ...losses];
