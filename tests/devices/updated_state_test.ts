/** State that is updated where it lies, while kernels before read the old value and kernels behind the new one. */
import { assert } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import { webgpuDevice } from "../../devices/webgpu/webgpu_device.ts";
import * as g from "../../ops/mod.ts";
import { webgpu } from "../devices.ts";
import { randomArrays } from "../random_arrays.ts";

const shapes = { x: [8, 34, 34, 16], w: [3, 3, 16, 32] };

/** The new images, and one number for each filter from the old and from the new ones. */
function update({ x, w }: Record<"x" | "w", Tensor>): { x: Tensor; old: Tensor; now: Tensor } {
  const perFilter = (images: Tensor) => g.sum(g.square(g.conv2d(images, w)), [0, 1, 2]);
  const next = g.add(g.mul(x, 0.5), 0.25);
  return { x: next, old: perFilter(x), now: perFilter(next) };
}

async function resultsOn(device: Device): Promise<Record<"old" | "now", Float32Array>[]> {
  const state: State = new State(device, randomArrays(shapes, 3));
  const program = await compileProgram((s: Record<string, Tensor>) => {
    const { x, old, now } = update(s as Record<"x" | "w", Tensor>);
    return { state: { x }, outputs: { old, now } };
  }, { device, state });
  const found: Record<"old" | "now", Float32Array>[] = [];
  for (let run = 0; run < 3; run++) {
    const { old, now } = await program.call();
    found.push({ old: old.data as Float32Array, now: now.data as Float32Array });
  }
  program.close();
  state.close();
  return found;
}

const devices: Record<string, () => Promise<Device>> = {
  "the cpu device": () => Promise.resolve(cpuDevice({ threads: 1 })),
  ...webgpu && {
    "the webgpu device": () => webgpuDevice(),
  },
};

/** The largest difference, beside the largest value. */
const distance = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0) /
  b.reduce((most, v) => Math.max(most, v), 0);

for (const [name, open] of Object.entries(devices)) {
  Deno.test(`what is read before and after state is updated is the old and the new value on ${name}`, async () => {
    const device = await open();
    const runs = await resultsOn(device);
    const known = await resultsOn(cpuDevice({ threads: 1 }));
    device.close();
    runs.forEach(({ old, now }, i) => {
      assert(distance(old, known[i].old) < 1e-5 && distance(now, known[i].now) < 1e-5, `run ${i}`);
      // What was new is old in the next run.
      if (i > 0) assert(distance(old, runs[i - 1].now) < 1e-5, `run ${i}`);
      assert(distance(old, now) > 0.1, `run ${i}`);
    });
  });
}
