/** Makes programs and state and forgets them, with a collector at hand: says how far up memory was used. */
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { ndarray } from "../../../engine/array.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import { State } from "../../../engine/state.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import * as g from "../../../ops/mod.ts";

const collect = (globalThis as unknown as { gc: () => void }).gc;
const device = cpuDevice({ threads: 1 });

async function useAndForget(round: number): Promise<void> {
  const state = new State(device, {
    w: ndarray("float32", [250_000], new Float32Array(250_000).fill(round)),
  });
  const program = await compileProgram(
    ({ w }: Record<"w", Tensor>) => ({ outputs: { y: g.sum(g.softmax(g.add(w, g.sum(w)))) } }),
    { device, state },
  );
  program.run();
}

const addresses: number[] = [];
for (let round = 0; round < 60; round++) {
  await useAndForget(round);
  collect();
  // Finalizers run between tasks.
  await new Promise((resolve) => setTimeout(resolve, 1));
  const probe = device.allocate(1_000_000, "probe") as unknown as { address: number };
  addresses.push(probe.address);
  device.release(probe as never);
}
console.log(Math.max(...addresses.slice(0, 10)), Math.max(...addresses.slice(10)));
