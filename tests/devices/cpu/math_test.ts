/** Functions that WebAssembly lacks: how exact they are, and their special values. */
import { assert, assertEquals } from "@std/assert";
import { compileProgram } from "../../../engine/compile_program.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import * as g from "../../../ops/mod.ts";
import { cpu } from "../../devices.ts";
import { erf } from "../../oracle/special_functions.ts";
import { evenly, everyExponent, ulpsOff } from "./units_in_last_place.ts";

async function valuesOf(op: (...x: Tensor[]) => Tensor, ...inputs: Float32Array[]): Promise<Float32Array> {
  const types = inputs.map((x, i) => [`x${i}`, { dtype: "float32", shape: [x.length] } as const] as const);
  const program = await compileProgram(
    (_state, given: Record<string, Tensor>) => ({ outputs: { y: op(...Object.values(given)) } }),
    { device: cpu.device, inputs: Object.fromEntries(types) },
  );
  const { y } = await program.call(Object.fromEntries(inputs.map((x, i) => [`x${i}`, x])));
  program.close();
  return y.data as Float32Array;
}

interface Accuracy {
  readonly name: string;
  readonly op: (...x: Tensor[]) => Tensor;
  readonly exact: (...x: number[]) => number;
  readonly where: string;
  readonly inputs: readonly Float32Array[];
  /** Units in the last place: the largest error there is, rounded up. */
  readonly bound: number;
}

const both = [0, 1] as const;
const grid = (a: Float32Array, b: Float32Array): Float32Array[] => [
  Float32Array.from({ length: a.length * b.length }, (_, i) => a[i % a.length]),
  Float32Array.from({ length: a.length * b.length }, (_, i) => b[Math.floor(i / a.length)]),
];

type Op = Accuracy["op"];
type Exact = Accuracy["exact"];
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const accuracies: Accuracy[] = ([
  ["exp", g.exp, Math.exp, "-87 to 88", [evenly(-87, 88, 200_001)], 1],
  ["exp", g.exp, Math.exp, "near zero", [everyExponent(0, 126, 99, both)], 1],
  ["exp", g.exp, Math.exp, "denormal results", [evenly(-104, -87, 50_001)], 1],
  ["log", g.log, Math.log, "all that is positive", [everyExponent(0, 254, 401, [0])], 1],
  ["log", g.log, Math.log, "0.5 to 2", [evenly(0.5, 2, 200_001)], 1],
  ["sin", g.sin, Math.sin, "-8 to 8", [evenly(-8, 8, 200_001)], 2.4],
  ["sin", g.sin, Math.sin, "near zero", [everyExponent(0, 126, 99, both)], 1.3],
  ["cos", g.cos, Math.cos, "-8 to 8", [evenly(-8, 8, 200_001)], 2.2],
  ["tanh", g.tanh, Math.tanh, "-10 to 10", [evenly(-10, 10, 200_001)], 4.4],
  ["tanh", g.tanh, Math.tanh, "all floats", [everyExponent(0, 254, 99, both)], 4.4],
  [
    "pow",
    g.pow,
    Math.pow,
    "0.1 to 10 to the power of -3 to 3",
    grid(evenly(0.1, 10, 999), evenly(-3, 3, 99)),
    1.6,
  ],
  [
    "pow",
    g.pow,
    Math.pow,
    "all positive floats to the power of -5 to 5",
    grid(everyExponent(1, 254, 7, [0]), evenly(-5, 5, 99)),
    1.6,
  ],
  ["erf", g.erf, erf, "-5 to 5", [evenly(-5, 5, 200_001)], 2.5],
  ["expm1", g.expm1, Math.expm1, "-5 to 5", [evenly(-5, 5, 200_001)], 1.7],
  ["log1p", g.log1p, Math.log1p, "-0.9 to 9", [evenly(-0.9, 9, 200_001)], 2.6],
  ["log1p", g.log1p, Math.log1p, "near zero", [everyExponent(0, 126, 99, both)], 2.3],
  ["sigmoid", g.sigmoid, sigmoid, "-80 to 80", [evenly(-80, 80, 200_001)], 3.9],
  ["rsqrt", g.rsqrt, (x) => 1 / Math.sqrt(x), "all that is positive", [everyExponent(0, 254, 99, [0])], 1],
] as [string, Op, Exact, string, Float32Array[], number][]).map((
  [name, op, exact, where, inputs, bound],
) => ({
  name,
  op,
  exact,
  where,
  inputs,
  bound,
}));

for (const { name, op, exact, where, inputs, bound } of accuracies) {
  Deno.test(`${name}() is exact to ${bound} units in the last place: ${where}`, async () => {
    const actual = await valuesOf(op, ...inputs);
    let [worst, at] = [0, 0];
    actual.forEach((y, i) => {
      const off = ulpsOff(y, exact(...inputs.map((x) => x[i])));
      if (off > worst) [worst, at] = [off, i];
    });
    const place = inputs.map((x) => x[at]).join(", ");
    assert(worst <= bound, `${name}(${place}) is ${actual[at]}, off by ${worst} units`);
  });
}

Deno.test("sin() and cos() stay within 2e-7 up to 8,000 radians", async () => {
  const angles = evenly(-8000, 8000, 200_001);
  for (const name of ["sin", "cos"] as const) {
    const actual = await valuesOf(g[name], angles);
    actual.forEach((y, i) =>
      assert(Math.abs(y - Math[name](angles[i])) < 2e-7, `${name}(${angles[i]}) is ${y}`)
    );
  }
});

Deno.test("tanh() is never beyond one, which it is from 9.1 on", async () => {
  const x = evenly(7, 12, 100_001);
  const actual = await valuesOf(g.tanh, x);
  actual.forEach((y, i) => assert(x[i] > 9.1 ? y === 1 : y <= 1, `tanh(${x[i]}) is ${y}`));
});

Deno.test("vectors and single numbers give the same bits", async () => {
  const ops = [g.exp, g.log, g.sin, g.cos, g.tanh, g.erf, g.expm1, g.log1p, g.sigmoid, g.gelu, g.rsqrt];
  const x = everyExponent(60, 140, 1, both);
  for (const op of ops) {
    const together = await valuesOf(op, x);
    for (const i of [0, 33, 77, 120]) {
      assertEquals((await valuesOf(op, x.slice(i, i + 1)))[0], together[i], `${op.name}(${x[i]})`);
    }
  }
});
