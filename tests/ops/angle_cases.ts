/** Angles from their tangents, sines and cosines; tangents; hyperbolic sines and cosines. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { elementByElement } from "../oracle/doubles.ts";
import { exactly, floatsIn } from "./inputs.ts";

type Function1 = (x: Tensor) => Tensor;
type Exact = (x: number) => number;

const inner: [string, Function1, Exact, number, number][] = [
  ["atan", g.atan, Math.atan, -3, 3],
  ["asin", g.asin, Math.asin, -0.95, 0.95],
  ["acos", g.acos, Math.acos, -0.95, 0.95],
  ["tan", g.tan, Math.tan, -1.3, 1.3],
  ["sinh", g.sinh, Math.sinh, -3, 3],
  ["cosh", g.cosh, Math.cosh, -3, 3],
];

const innerCases = inner.flatMap(([name, op, exact, low, high]) =>
  [[3, 7], [], [0, 2], [33]].map((shape): OpCase => ({
    name: `${name}() of [${shape.join(", ")}]`,
    inputs: [floatsIn(low, high, ...shape)],
    build: op,
    oracle: (x) => elementByElement(exact, x),
    oracleTolerance: 1e-7,
  }))
);

const inf = Infinity;
/** Where a function changes its formula, is cut off, or leaves what can be told. */
const ends: [string, Function1, Exact, number[]][] = [
  ["atan", g.atan, Math.atan, [-inf, -1e30, -1.0001, -1, 0, 1e-20, 0.9999, 1, 1.0001, 3, 1e30, inf, NaN]],
  ["asin", g.asin, Math.asin, [-1, -0.9999999, -0.51, -0.5, 0, 1e-20, 0.5, 0.51, 1, 1.1, -2, inf, NaN]],
  ["acos", g.acos, Math.acos, [-1, -0.999999, -0.51, 0, 1e-20, 0.5, 0.9999, 0.9999999, 1, 1.1, -2, NaN]],
  ["tan", g.tan, Math.tan, [0, 1e-20, 1.55, -1.55, 1.6, 3, -3, inf, NaN]],
  ["sinh", g.sinh, Math.sinh, [-inf, -89, -1, -0.999, 0, 1e-20, 1, 1.001, 88.9, 89, 90, inf, NaN]],
  ["cosh", g.cosh, Math.cosh, [-inf, -89, -1, 0, 1e-20, 1, 88.9, 89, 90, inf, NaN]],
];

const endCases = ends.map(([name, op, exact, values]): OpCase => ({
  name: `${name}() near the ends of its range`,
  inputs: [exactly(values)],
  build: op,
  oracle: (x) => elementByElement(exact, x),
  oracleTolerance: 2e-7,
  // A sine near zero is exact to about 1e-7 of one; exponentials on GPUs lose more than others.
  tolerance: name === "tan" ? 1e-5 : 2e-5,
  perElement: true,
  differentiable: false,
}));

/** Angles and hyperbolic functions. */
export const angleCases: OpCase[] = [...innerCases, ...endCases];
