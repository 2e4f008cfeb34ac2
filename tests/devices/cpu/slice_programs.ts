/** Contractions that an engine which joins lanes computes in slices, and the bits of what comes out. */
import { compileProgram } from "../../../engine/compile_program.ts";
import type { Device } from "../../../engine/device.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import * as g from "../../../ops/mod.ts";
import { randomArrays } from "../../random_arrays.ts";

interface SliceProgram {
  readonly shapes: readonly (readonly number[])[];
  build(...x: Tensor[]): Tensor[];
}

/** Programs by name. */
export const slicePrograms: Readonly<Record<string, SliceProgram>> = {
  "a product whose columns are no multiple": {
    shapes: [[27, 129], [129, 45]],
    build: (a, b) => [g.relu(g.matmul(a, b))],
  },
  "a product with few rows and the right side as it lies": {
    shapes: [[16, 200], [200, 64]],
    build: (a, b) => [g.matmul(a, b)],
  },
  "a product whose long sum is taken in parts": {
    shapes: [[18, 1530], [1530, 48]],
    build: (a, b) => [g.matmul(a, b)],
  },
  "a product of rows that lie side by side": {
    shapes: [[1300, 24], [1300, 258]],
    build: (a, b) => [g.matmul(a, b, { transposeA: true })],
  },
  "several products with the right side on its side": {
    shapes: [[3, 31, 40], [3, 45, 40]],
    build: (a, b) => [g.matmul(a, b, { transposeB: true })],
  },
  "a layer with fewer products, and its gradients": {
    shapes: [[5, 14, 15, 32], [3, 3, 32, 48]],
    build: (x, w) => {
      const y = g.conv2d(x, w, { padding: "same" });
      return [y, ...g.grad(g.sum(g.square(y)), [x, w])];
    },
  },
  "a layer with padding, and its gradients": {
    shapes: [[9, 7, 11, 32], [3, 5, 32, 48], [48]],
    build: (x, w, b) => {
      const y = g.relu(g.add(g.conv2d(x, w, { padding: "same" }), b));
      return [y, ...g.grad(g.sum(g.square(y)), [x, w, b])];
    },
  },
  "a layer that leaves out its padding, and its gradients": {
    shapes: [[13, 3, 4, 32], [4, 4, 32, 32]],
    build: (x, w) => {
      const y = g.conv2d(x, w, { padding: 2 });
      return [y, ...g.grad(g.sum(g.square(y)), [x, w])];
    },
  },
  "a layer with pooling behind it, and its gradients": {
    shapes: [[4, 14, 12, 16], [3, 3, 16, 32]],
    build: (x, w) => {
      const y = g.maxPool2d(g.relu(g.conv2d(x, w)));
      return [y, ...g.grad(g.sum(g.square(y)), [x, w])];
    },
  },
  "a recurrent loop": {
    shapes: [[5, 24, 48], [48, 48]],
    build: (x, w) => {
      const { carry } = g.scan(({ h }, { x }) => ({ carry: { h: g.tanh(g.add(x, g.matmul(h, w))) } }), {
        carry: { h: g.zeros([24, 48]) },
        xs: { x },
      });
      return [carry.h, ...g.grad(g.sum(g.square(carry.h)), [x, w])];
    },
  },
};

/** The bits of all outputs, run so many times, and what the device says on how it computes them. */
export async function bitsOf(
  device: Device,
  name: string,
  times = 1,
): Promise<{ bits: Int32Array; how: string }> {
  const { shapes, build } = slicePrograms[name];
  const inputs = randomArrays(Object.fromEntries(shapes.map((shape, i) => [`x${i}`, shape])), 7);
  const program = await compileProgram((_state, given: Record<string, Tensor>) => ({
    outputs: Object.fromEntries(build(...Object.values(given)).map((t, i) => [`y${i}`, t])),
  }), { device, inputs });
  for (let i = 1; i < times; i++) await program.call(inputs);
  const outputs = await program.call(inputs);
  const how = program.explain();
  program.close();
  const values = Float32Array.from(Object.values(outputs).flatMap(({ data }) => [...data]));
  return { bits: new Int32Array(values.buffer), how };
}
