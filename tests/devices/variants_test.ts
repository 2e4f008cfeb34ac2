/** Every variant of a kernel, on every device: the same bits, and those of the cpu device nearly. */
import { assert, assertEquals } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import { webgpuDevice } from "../../devices/webgpu/webgpu_device.ts";
import { halfGradient, keepHalf } from "../../ops/elementwise/keep_half.ts";
import * as g from "../../ops/mod.ts";
import { webgpu } from "../devices.ts";
import { randomArrays } from "../random_arrays.ts";
import { NumberedWay } from "./numbered_variant.ts";

type Build = (...x: Tensor[]) => Tensor[];

/** Contractions whose sizes are multiples of nothing, with what usually surrounds them. */
const programs: Record<
  string,
  { shapes: readonly (readonly number[])[]; build: Build; tolerance?: number }
> = {
  "a product": { shapes: [[127, 129], [129, 33]], build: (a, b) => [g.matmul(a, b)] },
  "a product with few columns": { shapes: [[67, 31], [31, 10]], build: (a, b) => [g.relu(g.matmul(a, b))] },
  "a product of whole vectors": { shapes: [[96, 128], [128, 64]], build: (a, b) => [g.matmul(a, b)] },
  "a product with a long sum": { shapes: [[18, 1500], [1500, 36]], build: (a, b) => [g.matmul(a, b)] },
  "a product with a long sum of rows that lie side by side": {
    shapes: [[1500, 12], [1500, 258]],
    build: (a, b) => [g.matmul(a, b, { transposeA: true })],
  },
  "products with the right side on its side": {
    shapes: [[3, 31, 20], [3, 45, 20]],
    build: (a, b) => [g.matmul(a, b, { transposeB: true })],
  },
  "a layer with its gradients": {
    shapes: [[2, 13, 11, 12], [3, 3, 12, 20], [20]],
    build: (x, w, bias) => {
      const y = g.relu(g.add(g.conv2d(x, w, { padding: "same" }), bias));
      return [y, ...g.grad(g.sum(g.square(y)), [x, w, bias])];
    },
  },
  "a layer of many small images": {
    shapes: [[13, 6, 5, 12], [3, 3, 12, 20], [4, 4, 20, 9]],
    build: (x, w, v) => {
      const y = g.relu(g.conv2d(x, w, { padding: "same" }));
      const z = g.conv2d(y, v, { padding: 2 });
      return [y, z, ...g.grad(g.sum(g.square(z)), [x, w, v])];
    },
  },
  "layers of so many small images that padding is left out on GPUs, too": {
    shapes: [[67, 5, 4, 8], [3, 3, 8, 20], [4, 4, 20, 8]],
    build: (x, w, v) => {
      const y = g.relu(g.conv2d(x, w, { padding: "same" }));
      const z = g.conv2d(y, v, { padding: 2, dilations: [1, 2] });
      return [y, z, ...g.grad(g.sum(g.square(z)), [x, w, v])];
    },
  },
  "a layer of larger images": {
    shapes: [[8, 34, 34, 16], [3, 3, 16, 32], [32]],
    build: (x, w, b) => {
      const y = g.maxPool2d(g.relu(g.add(g.conv2d(x, w), b)));
      const z = g.mul(g.tanh(y), b);
      return [z, ...g.grad(g.sum(g.square(z)), [x, w, b])];
    },
  },
  "layers on three colours": {
    shapes: [[3, 14, 12, 3], [3, 3, 3, 32], [5, 5, 3, 20]],
    build: (x, w, v) => {
      const y = g.maxPool2d(g.relu(g.conv2d(x, w)));
      const z = g.conv2d(g.mul(x, 2), v, { padding: "same" });
      return [y, z, ...g.grad(g.add(g.sum(g.square(y)), g.sum(g.square(z))), [w, v])];
    },
  },
  "a layer with pooling behind it": {
    shapes: [[3, 14, 12, 8], [3, 3, 8, 32]],
    build: (x, w) => {
      const y = g.maxPool2d(g.relu(g.conv2d(x, w)));
      return [y, ...g.grad(g.sum(g.square(y)), [x, w])];
    },
  },
  "layers that are kept as halves": {
    // A sum that is between two halves may become either.
    tolerance: 2 ** -11,
    shapes: [[2, 12, 11, 8], [3, 3, 8, 16], [3, 3, 16, 12], [12, 10]],
    build: (x, w, v, u) => {
      const y = halfGradient(g.conv2d(keepHalf(x), w, { padding: "same" }));
      const z = halfGradient(g.conv2d(keepHalf(g.relu(y)), v, { strides: 2, padding: "same" }));
      const last = halfGradient(g.matmul(keepHalf(g.tanh(z)), u));
      return [last, ...g.grad(g.sum(g.square(last)), [x, w, v, u])];
    },
  },
  "a layer with strides and dilation": {
    shapes: [[2, 17, 15, 8], [3, 2, 8, 12]],
    build: (x, w) => {
      const y = g.conv2d(x, w, { strides: 2, padding: "same" });
      const z = g.conv2d(x, w, { dilations: 2 });
      return [y, z, ...g.grad(g.add(g.sum(g.square(y)), g.sum(g.square(z))), [x, w])];
    },
  },
};

/** All outputs, as one row of numbers. */
async function results(device: Device, name: string): Promise<Float32Array> {
  const { shapes, build } = programs[name];
  const named = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, shape]));
  const values = randomArrays(named, 7);
  const program = await compileProgram((_state, given: Record<string, Tensor>) => ({
    outputs: Object.fromEntries(build(...Object.values(given)).map((t, i) => [`y${i}`, t])),
  }), { device, inputs: values });
  const outputs = await program.call(values);
  program.close();
  return Float32Array.from(Object.values(outputs).flatMap(({ data }) => [...data]));
}

const devices: Record<string, () => Promise<Device>> = {
  "the cpu device": () => Promise.resolve(cpuDevice({ threads: 1 })),
  ...webgpu && {
    "the webgpu device": () => webgpuDevice(),
  },
};
/** The most variants that a device has. */
const MOST_WAYS = 9;

for (const [where, open] of Object.entries(devices)) {
  Deno.test(`every variant to compute a contraction gives the same bits on ${where}`, async (t) => {
    const device = await open();
    const reference = cpuDevice({ threads: 1 });
    const taken = new Set<string>();
    for (const name of Object.keys(programs)) {
      await t.step(name, async () => {
        device.tuning = undefined;
        const usual = await results(device, name);
        const known = await results(reference, name);
        const scale = known.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        const error = usual.reduce((most, v, i) => Math.max(most, Math.abs(v - known[i])), 0);
        assert(error <= (programs[name].tolerance ?? 2e-5) * scale, `${error} beside ${scale}`);
        const seen = new Set<string>();
        for (let number = 0; number < MOST_WAYS; number++) {
          const tuning = new NumberedWay(number);
          device.tuning = tuning;
          const values = await results(device, name);
          assertEquals(values, usual, `in variant ${[...tuning.taken]}`);
          tuning.taken.forEach((variant) => taken.add(variant));
          if ([...tuning.taken].every((variant) => seen.has(variant))) break;
          tuning.taken.forEach((variant) => seen.add(variant));
        }
      });
    }
    device.close();
    reference.close();
    assert(taken.size >= 3, `only ${[...taken]}`);
  });
}
