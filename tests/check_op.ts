/** One record per op case; from it: forward against an independent oracle, gradients, and both devices. */
import { assert, assertEquals } from "@std/assert";
import type { DType, NdArray } from "../engine/array.ts";
import { ndarray } from "../engine/array.ts";
import type { Device } from "../engine/device.ts";
import { compileProgram } from "../engine/compile_program.ts";
import { sizeOf } from "../engine/shape.ts";
import { apply, leaf, type Tensor } from "../engine/tensor.ts";
import { add, grad, mul, sum, tensor } from "../ops/mod.ts";
import type { Doubles } from "./oracle/doubles.ts";
import { interpret } from "./oracle/interpreter.ts";

/** An input of a case: its shape, and how its elements are drawn. */
export interface CaseInput {
  readonly shape: readonly number[];
  readonly dtype?: DType;
  /** Elements are drawn evenly from here; [-2, 2) when left out, or [0, 4) for other dtypes than float32. */
  readonly range?: readonly [number, number];
  /** The elements themselves. */
  readonly values?: readonly number[];
}

/** A case. */
export interface OpCase {
  /** The op and what is special, as the beginning of a sentence: `conv2d() with padding "same"`. */
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  build(...inputs: Tensor[]): Tensor;
  /** What it should give, in plain loops on double precision; the shape is checked too where it is given. */
  oracle?(...inputs: Doubles[]): ArrayLike<number> | Doubles;
  /** How far the op's body may be off its oracle when computed in doubles; 1e-9 when left out. */
  readonly oracleTolerance?: number;
  /** Whether gradients are checked; true when left out. */
  readonly differentiable?: boolean;
  /** Whether finite differences make sense; true when left out. If not, devices still compute gradients alike. */
  readonly smooth?: boolean;
  /** Whether gradients of gradients are checked too; true when left out. */
  readonly twice?: boolean;
  /** The kinds of device whose code the case is about; all when left out. */
  readonly devices?: readonly Device["kind"][];
  /** How far devices may be off, relative to the largest element; 2e-6 when left out. */
  readonly tolerance?: number;
  /** Whether tolerances are relative to each element by itself instead. */
  readonly perElement?: boolean;
}

/** A generator of numbers in [0, 1) for tests. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws the inputs of a case. */
export function drawInputs(inputs: readonly CaseInput[], seed = 1): NdArray[] {
  const next = random(seed);
  return inputs.map(({ shape, dtype = "float32", range, values }) => {
    const [low, high] = range ?? (dtype === "float32" ? [-2, 2] : dtype === "bool" ? [0, 2] : [0, 4]);
    const draw = () => low + (high - low) * next();
    const data = values ??
      Array.from({ length: sizeOf(shape) }, () => dtype === "float32" ? draw() : Math.floor(draw()));
    return ndarray(dtype, shape, data);
  });
}

/** Below this, numbers are no longer normal in single precision, and devices may take them for zero. */
const SMALLEST_NORMAL = 2 ** -126;

/**
 * Throws when an element is off by more than `tolerance` times the largest one (at least 1), or times itself if
 * `perElement`.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
  perElement = false,
) {
  assert(
    actual.length === expected.length,
    `${what}: ${actual.length} elements instead of ${expected.length}`,
  );
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]));
  }
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    const equal = Object.is(a, e) || a === e || Number.isNaN(a) && Number.isNaN(e);
    const allowed = perElement ? tolerance * Math.abs(e) + SMALLEST_NORMAL : tolerance * scale;
    assert(equal || Math.abs(a - e) <= allowed, `${what}: element ${i} is ${a}, expected ${e}`);
  }
}

const feedsOf = (leaves: readonly Tensor[], data: readonly ArrayLike<number>[]) =>
  new Map(leaves.map((l, i) => [l, data[i]]));

function leavesFor(arrays: readonly NdArray[]): Tensor[] {
  return arrays.map(({ dtype, shape }, i) => {
    return apply(leaf, [], { kind: "input", name: `x${i}`, type: { dtype, shape } });
  });
}

/** A number that depends on every element differently: the sum of elements with fixed weights. */
function weigh(y: Tensor, seed: number): Tensor {
  const next = random(seed);
  const weights = Float32Array.from({ length: y.size }, () => 0.5 + next());
  return sum(mul(y, tensor(weights, y.shape)));
}

/** The differentiable value of a case, and the inputs that it depends on. */
function differentiableParts(test: OpCase, leaves: readonly Tensor[]) {
  const floats = leaves.filter((l) => l.dtype === "float32");
  return { floats, value: weigh(test.build(...leaves), 11) };
}

/** Forward against the case's own oracle, and gradients against finite differences, all without a device. */
export function checkWithoutDevice(test: OpCase): void {
  const arrays = drawInputs(test.inputs);
  const leaves = leavesFor(arrays);
  const data = arrays.map((a) => Float64Array.from(a.data));
  const y = test.build(...leaves);
  if (test.oracle) {
    const [actual] = interpret([y], feedsOf(leaves, data));
    const expected = test.oracle(...arrays.map((a, i) => ({ data: data[i], shape: a.shape })));
    const isShaped = "shape" in expected;
    if (isShaped) assertEquals([...y.shape], [...expected.shape], `${test.name}: its shape`);
    const values = isShaped ? expected.data : expected;
    const what = `${test.name} against its oracle`;
    assertClose(actual, values, test.oracleTolerance ?? 1e-9, what, test.perElement);
  }
  if (test.differentiable === false || test.smooth === false) return;
  const { floats, value } = differentiableParts(test, leaves);
  const gradients = grad(value, floats);
  checkGradients(`${test.name} gradient`, value, floats, gradients, leaves, data);
  if (test.twice === false) return;
  const mixed = mixedOf(gradients);
  checkGradients(`${test.name} second gradient`, mixed, floats, grad(mixed, floats), leaves, data);
}

/** One number of all gradients, to be differentiated once more. */
const mixedOf = (gradients: readonly Tensor[]) => gradients.map((g, i) => weigh(g, 20 + i)).reduce(add);

/** Gradients of gradients that a device computes, against finite differences of gradients in double precision. */
export async function checkSecondOrder(test: OpCase, device: Device): Promise<void> {
  const arrays = drawInputs(test.inputs);
  const secondOf = (given: readonly Tensor[]) => {
    const { floats, value } = differentiableParts(test, given);
    const mixed = mixedOf(grad(value, floats));
    return { floats, mixed, gradients: grad(mixed, floats) };
  };
  const inputs = Object.fromEntries(arrays.map((a, i) => [`x${i}`, a]));
  const program = await compileProgram((_state, given: Record<string, Tensor>) => {
    const { gradients } = secondOf(arrays.map((_, i) => given[`x${i}`]));
    return { outputs: Object.fromEntries(gradients.map((g, i) => [`second${i}`, g])) };
  }, { device, inputs });
  const result = await program.call(inputs);
  program.close();
  const leaves = leavesFor(arrays);
  const { floats, mixed } = secondOf(leaves);
  const exact = floats.map((_, i) => result[`second${i}`].data);
  const data = arrays.map((a) => Float64Array.from(a.data));
  compareDifferences(
    `${test.name} second gradient on ${device.kind}`,
    mixed,
    floats,
    exact,
    leaves,
    data,
    1e-4,
  );
}

function checkGradients(
  what: string,
  value: Tensor,
  wrt: readonly Tensor[],
  gradients: readonly Tensor[],
  leaves: readonly Tensor[],
  data: readonly Float64Array[],
): void {
  compareDifferences(what, value, wrt, interpret(gradients, feedsOf(leaves, data)), leaves, data, 1e-5);
}

/** Some elements of gradients against finite differences of a value. */
function compareDifferences(
  what: string,
  value: Tensor,
  wrt: readonly Tensor[],
  analytic: readonly ArrayLike<number>[],
  leaves: readonly Tensor[],
  data: readonly Float64Array[],
  tolerance: number,
): void {
  wrt.forEach((tensor, w) => {
    const at = leaves.indexOf(tensor);
    const count = Math.min(tensor.size, 12);
    const step = 1e-4;
    for (let c = 0; c < count; c++) {
      const element = Math.floor(c * tensor.size / count);
      const moved = (by: number) => {
        const copy = data.map((d, i) => i === at ? d.slice() : d);
        copy[at][element] += by;
        return interpret([value], feedsOf(leaves, copy))[0][0];
      };
      const numeric = (moved(step) - moved(-step)) / (2 * step);
      const exact = analytic[w][element];
      const allowed = tolerance * Math.max(1, Math.abs(numeric));
      assert(
        Math.abs(exact - numeric) <= allowed,
        `${what}: input ${at} element ${element} is ${exact}, finite differences give ${numeric}`,
      );
    }
  });
}

/** Forward and gradients on a device against the oracle. */
export async function checkOnDevice(test: OpCase, device: Device): Promise<void> {
  const arrays = drawInputs(test.inputs);
  const inputs = Object.fromEntries(arrays.map((a, i) => [`x${i}`, { dtype: a.dtype, shape: a.shape }]));
  const leaves = leavesFor(arrays);
  const feeds = feedsOf(leaves, arrays.map((a) => Float64Array.from(a.data)));
  const outputsOf = (given: Tensor[]) => {
    const outputs: Record<string, Tensor> = { y: test.build(...given) };
    if (test.differentiable !== false) {
      const { floats, value } = differentiableParts(test, given);
      grad(value, floats).forEach((g, i) => outputs[`gradient${i}`] = g);
    }
    return outputs;
  };
  const expected = outputsOf(leaves);
  const names = Object.keys(expected);
  const values = interpret(names.map((n) => expected[n]), feeds);
  const program = await compileProgram(
    (_state, given) => ({ outputs: outputsOf(arrays.map((_, i) => given[`x${i}`])) }),
    { device, inputs },
  );
  const result = await program.call(Object.fromEntries(arrays.map((a, i) => [`x${i}`, a])));
  names.forEach((n, i) => {
    const { dtype, shape, data } = result[n];
    const what = `${test.name} ${n} on ${device.kind}`;
    assertEquals([dtype, [...shape]], [expected[n].dtype, [...expected[n].shape]], `${what}: its type`);
    // What is beyond single precision is infinite; integers have no excuse.
    if (dtype !== "float32") assertClose(data, values[i], 0, what);
    else assertClose(data, values[i].map(Math.fround), test.tolerance ?? 2e-6, what, test.perElement);
  });
  program.close();
}
