/** NaN, infinities, ties, and the ends of the range of functions. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { alongAxes, elementByElement } from "../oracle/doubles.ts";
import { erf, logSumExp } from "../oracle/special_functions.ts";
import { exactly } from "./inputs.ts";

/** None is below the normal numbers: GPUs may take those for zero. */
const specials = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 3e38, -3e38, 2e-38];
/** All of them with all of them, in lanes and in a rest. */
const left = exactly(specials);
const right = exactly(specials, "float32", [specials.length, 1]);

const largest = (a: number, b: number) => Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b);
const smallest = (a: number, b: number) => Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.min(a, b);

const plain = { differentiable: false } as const;
const elementwise: OpCase[] = [
  {
    name: "maximum() keeps NaN from either side",
    inputs: [left, right],
    build: g.maximum,
    oracle: (x, y) => elementByElement(largest, x, y),
    ...plain,
  },
  {
    name: "minimum() keeps NaN from either side",
    inputs: [left, right],
    build: g.minimum,
    oracle: (x, y) => elementByElement(smallest, x, y),
    ...plain,
  },
  {
    name: "relu() keeps NaN and infinity",
    inputs: [left],
    build: g.relu,
    oracle: (x) => elementByElement((a) => largest(a, 0), x),
    ...plain,
  },
  {
    name: "clamp() keeps NaN and cuts infinities",
    inputs: [left],
    build: (x) => g.clamp(x, -2, 2),
    oracle: (x) => elementByElement((a) => smallest(largest(a, -2), 2), x),
    ...plain,
  },
  {
    name: "clamp() between tensors keeps NaN from any side",
    inputs: [left, right],
    build: (x, y) => g.clamp(x, y, 2),
    oracle: (x, y) => elementByElement((a, b) => smallest(largest(a, b), 2), x, y),
    ...plain,
  },
  {
    name: "sign() keeps NaN",
    inputs: [left],
    build: g.sign,
    oracle: (x) => elementByElement(Math.sign, x),
    ...plain,
  },
  {
    name: "where() does not mix in NaN from the side that is not taken",
    inputs: [left, right],
    build: (x, y) => g.where(g.greater(x, y), x, y),
    oracle: (x, y) => elementByElement((a, b) => a > b ? a : b, x, y),
    ...plain,
  },
  {
    name: "div() by zero and infinity",
    inputs: [left, right],
    build: g.div,
    oracle: (x, y) => elementByElement((a, b) => a / b, x, y),
    ...plain,
  },
  ...[0, -0].flatMap((zero): OpCase[] => [
    {
      name: `mul() by ${Object.is(zero, -0) ? "-0" : "0"}, which a compiler sees, keeps NaN and infinity`,
      inputs: [left],
      build: (x) => g.div(1, g.mul(x, zero)),
      oracle: (x) => elementByElement((a) => 1 / (a * zero), x),
      ...plain,
    },
    {
      name: `div() by ${Object.is(zero, -0) ? "-0" : "0"}, which a compiler sees`,
      inputs: [left],
      build: (x) => g.div(x, zero),
      oracle: (x) => elementByElement((a) => a / zero, x),
      ...plain,
    },
    {
      name: `div() of ${Object.is(zero, -0) ? "-0" : "0"}, which a compiler sees`,
      inputs: [left],
      build: (x) => g.div(zero, x),
      oracle: (x) => elementByElement((a) => zero / a, x),
      ...plain,
    },
  ]),
  {
    name: "sub() of a number from itself keeps NaN and infinity",
    inputs: [left],
    build: (x) => g.sub(x, x),
    oracle: (x) => elementByElement((a) => a - a, x),
    ...plain,
  },
  {
    name: "mean() of nothing is NaN",
    inputs: [exactly([], "float32", [0, 3])],
    build: (x) => g.mean(x, 0),
    oracle: () => [NaN, NaN, NaN],
    ...plain,
  },
];

const inf = Infinity;
type NearEnds = [string, (x: Tensor) => Tensor, (x: number) => number, number[]];
const nearEnds: NearEnds[] = [
  ["exp", g.exp, Math.exp, [-104, -87, -80, -1e-8, 0, 1e-8, 80, 88, 88.7, 89, 1e4, -1e4, inf, -inf, NaN]],
  ["log", g.log, Math.log, [1.2e-38, 1e-20, 0.5, 1, 1.0000001, 3.4e38, 0, -0, -1, inf, -inf, NaN]],
  ["log1p", g.log1p, Math.log1p, [-1, -0.99999994, -1e-10, -0, 0, 1e-20, 1e-7, 0.01, 3.4e38, -2, inf, NaN]],
  ["expm1", g.expm1, Math.expm1, [-200, -1e-10, 0, 1e-20, 0.49, 0.5, -0.5, 1, 88.7, 89, inf, -inf, NaN]],
  ["tanh", g.tanh, Math.tanh, [-inf, -100, -9, -0.625, -1e-10, 0, 1e-20, 0.624, 0.626, 9, 100, inf, NaN]],
  ["erf", g.erf, erf, [-inf, -10, -4, -1, -0.999, -1e-10, 0, 1e-20, 0.999, 1, 1.001, 4, 10, inf, NaN]],
  ["sqrt", g.sqrt, Math.sqrt, [0, -0, 1.2e-38, 2, 3.4e38, -1, inf, -inf, NaN]],
  ["rsqrt", g.rsqrt, (x) => 1 / Math.sqrt(x), [0, 1.2e-38, 3.4e38, -1, inf, NaN]],
  ["sigmoid", g.sigmoid, (x) => 1 / (1 + Math.exp(-x)), [-inf, -100, -87, -80, 0, 17, 100, inf, NaN]],
  ["softplus", g.softplus, (x) => x > 50 ? x : Math.log1p(Math.exp(x)), [-inf, -100, 0, 100, 3e38, inf, NaN]],
  ["elu", g.elu, (x) => x > 0 ? x : Math.expm1(x), [-inf, -100, -1e-10, 0, 3e38, inf, NaN]],
];
const endCases = nearEnds.map(([name, op, exact, values]): OpCase => ({
  name: `${name}() near the ends of its range`,
  inputs: [exactly(values)],
  build: op,
  oracle: (x) => elementByElement(exact, x),
  oracleTolerance: 3e-7,
  // WGSL promises an exponential of x to 3 + 2 |x| units in the last place.
  tolerance: 2e-5,
  perElement: true,
  ...plain,
}));

const angles = [
  0,
  -0,
  1e-20,
  0.7853982,
  1.5707964,
  3.1415927,
  -3.1415927,
  100,
  -1000,
  8000,
  ...[12345.678, 1e6, 16777215, 1e10, 1e22, 6.3e29, 3.4e38, -1e10, 2 ** 60].map(Math.fround),
  inf,
  -inf,
  NaN,
];
const angleCases = (["sin", "cos"] as const).map((name): OpCase => ({
  name: `${name}() of large angles and infinity`,
  inputs: [exactly(angles)],
  build: (x) => g[name](x),
  oracle: (x) => elementByElement(Math[name], x),
  ...plain,
}));

/** Where IEEE 754 and JavaScript go different ways, there is nothing to test. */
const isAgreed = (a: number, b: number) => !(Math.abs(a) === 1 && !Number.isFinite(b));
const bases = [0, -0, 1, -1, 0.5, 2, -2, 10, 2e-38, 3e38, inf, -inf, NaN];
const exponents = [0, 1, -1, 2, 3, -3, 0.5, -0.5, 38, 1e10, inf, -inf, NaN];
const powers = bases.flatMap((a) => exponents.map((b) => [a, b])).filter(([a, b]) => isAgreed(a, b));
const powerCase: OpCase = {
  name: "pow() of special bases and exponents",
  inputs: [exactly(powers.map(([a]) => a)), exactly(powers.map(([, b]) => b))],
  build: (x, y) => g.pow(x, y),
  oracle: (x, y) => elementByElement((a, b) => a ** b, x, y),
  tolerance: 2e-7,
  perElement: true,
  ...plain,
};

const rows = [
  [NaN, 1, 2, 3, 4, 5, 6, 7, 8],
  [1, 2, 3, 4, 5, 6, 7, 8, NaN],
  [-inf, -inf, -inf, -inf, -inf, -inf, -inf, -inf, -inf],
  [1, inf, 2, inf, 3, 4, 5, 6, 7],
  [inf, -inf, 0, 0, 0, 0, 0, 0, 0],
  [-inf, 3, -inf, 3, -inf, 1, 2, 3, -inf],
  [1000, -1000, 1000, 0, 0, 0, 0, 0, 0],
  [-3e38, 3e38, 0, 0, 0, 0, 0, 0, 0],
];
/** As they are, and repeated, which is long enough that several are taken in at once. */
const widths = [9, 77];
const wide = (width: number) => rows.map((r) => Array.from({ length: width }, (_, i) => r[i % r.length]));
const table = (width: number) => exactly(wide(width).flat(), "float32", [rows.length, width]);
const turned = (width: number) => {
  const columns = wide(width);
  return exactly(columns[0].flatMap((_, i) => columns.map((r) => r[i])), "float32", [width, rows.length]);
};

const firstOf = (values: number[], best: number) => values.findIndex((v) => Object.is(v, best) || v === best);
const folds: [string, (x: Tensor, axis: number) => Tensor, (values: number[]) => number][] = [
  ["max", g.max, (v) => Math.max(...v)],
  ["min", g.min, (v) => Math.min(...v)],
  ["logSumExp", g.logSumExp, (v) => v.some(Number.isNaN) ? NaN : logSumExp(v)],
  ["argMax", g.argMax, (v) => firstOf(v, Math.max(...v))],
  ["argMin", g.argMin, (v) => firstOf(v, Math.min(...v))],
];
const foldCases = widths.flatMap((width) =>
  folds.flatMap(([name, op, exact]): OpCase[] => [
    {
      name: `${name}() of ${width} with NaN and infinities along the last axis`,
      inputs: [table(width)],
      build: (x) => op(x, 1),
      oracle: (x) => alongAxes(x, [1], exact),
      ...plain,
    },
    {
      name: `${name}() of ${width} with NaN and infinities along the first axis`,
      inputs: [turned(width)],
      build: (x) => op(x, 0),
      oracle: (x) => alongAxes(x, [0], exact),
      ...plain,
    },
  ])
);

const softmaxCases = ([["softmax", g.softmax], ["logSoftmax", g.logSoftmax]] as const).map(
  ([name, op]): OpCase => ({
    name: `${name}() of masked and of large logits`,
    inputs: [exactly([...rows[5], ...rows[6]], "float32", [2, 9])],
    build: (x) => op(x),
    oracle: (x) => {
      const total = alongAxes(x, [1], logSumExp, true);
      return elementByElement((a, t) => name === "softmax" ? Math.exp(a - t) : a - t, x, total);
    },
    // Logits of a thousand leave seven bits behind the point.
    tolerance: 1e-4,
    ...plain,
  }),
);

/** Special values. */
export const specialValueCases: OpCase[] = [
  ...elementwise,
  ...endCases,
  ...angleCases,
  powerCase,
  ...foldCases,
  ...softmaxCases,
];
