/** Functions over all of single precision, on every device, against double precision. */
import { assert } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { random } from "../check_op.ts";
import { everyDevice } from "../devices.ts";
import { erf } from "../oracle/special_functions.ts";

const SMALLEST_NORMAL = 2 ** -126;

/** Numbers of each sign and each power of two that there is, and more around one and where exponentials are. */
function everywhere(): Float32Array {
  const next = random(5);
  const values = Array.from(
    { length: 2 * 254 * 12 },
    (_, i) => (i % 2 ? -1 : 1) * (1 + next()) * 2 ** (i % 254 - 126),
  );
  for (let i = -500; i <= 500; i++) values.push(1 + i * 2 ** -24, 1 + i / 800, i / 5.7);
  return Float32Array.from(values);
}
const numbers = everywhere();

const functions: Record<string, [(x: Tensor) => Tensor, (x: number) => number]> = {
  exp: [g.exp, Math.exp],
  expm1: [g.expm1, Math.expm1],
  log: [g.log, Math.log],
  log1p: [g.log1p, Math.log1p],
  sqrt: [g.sqrt, Math.sqrt],
  rsqrt: [g.rsqrt, (x) => 1 / Math.sqrt(x)],
  tanh: [g.tanh, Math.tanh],
  erf: [g.erf, erf],
  sin: [g.sin, Math.sin],
  cos: [g.cos, Math.cos],
};

/** WebGPU has its own exponential, whose error grows with the number. */
const allowed = (name: string, kind: string) => kind === "webgpu" && name.startsWith("exp") ? 1e-5 : 4e-7;

function assertNear(found: number, exact: number, tolerance: number, what: string): void {
  const expected = Math.fround(exact);
  const isSame = found === expected || Number.isNaN(found) && Number.isNaN(expected);
  const isNear = Math.abs(found - exact) <= tolerance * Math.abs(exact) + SMALLEST_NORMAL;
  assert(isSame || isNear, `${what} is ${found}, expected ${exact}`);
}

/** Pairs whose powers are neither zero nor infinite, from bases far from one and close to it; and small integers. */
function powers(): [Float32Array, Float32Array] {
  const next = random(6);
  const pairs: [number, number][] = [];
  for (let i = 0; i < 3000; i++) {
    const base = Math.fround(Math.exp((2 * next() - 1) * [88, 10, 1, 0.1, 1e-3, 1e-5][i % 6]));
    if (base !== 1) pairs.push([base, (2 * next() - 1) * 87 / Math.log(base)]);
  }
  for (let a = -12; a <= 12; a++) for (let b = -12; b <= 12; b++) pairs.push([a, b]);
  return [Float32Array.from(pairs, ([a]) => a), Float32Array.from(pairs, ([, b]) => b)];
}

for (const { name: where, device } of everyDevice) {
  Deno.test(`functions are right over all of single precision on ${where}`, async () => {
    const program = await compileProgram((_state, { x }: Record<string, Tensor>) => ({
      outputs: Object.fromEntries(Object.entries(functions).map(([name, [op]]) => [name, op(x)])),
    }), { device, inputs: { x: { dtype: "float32", shape: [numbers.length] } } });
    const found = await program.call({ x: numbers });
    program.close();
    for (const [name, [, exact]] of Object.entries(functions)) {
      numbers.forEach((x, i) =>
        assertNear(found[name].data[i], exact(x), allowed(name, device.kind), `${name}(${x})`)
      );
    }
  });

  Deno.test(`powers are right to the last digits, and those of small integers exact, on ${where}`, async () => {
    const [a, b] = powers();
    const shape = [a.length];
    const program = await compileProgram((_state, { a, b }: Record<string, Tensor>) => ({
      outputs: { y: g.pow(a, b) },
    }), { device, inputs: { a: { dtype: "float32", shape }, b: { dtype: "float32", shape } } });
    const { y } = await program.call({ a, b });
    program.close();
    a.forEach((base, i) => {
      const exact = base ** b[i];
      const isSmall = Number.isInteger(exact) && Math.abs(exact) < 2 ** 24;
      assertNear(y.data[i], exact, isSmall ? 0 : 1.5e-7, `${base}^${b[i]}`);
    });
  });
}
