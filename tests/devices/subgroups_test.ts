/** Reductions give the same bits whether threads hand values over in subgroups or through shared memory. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { allocate, ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { subgroupDirective } from "../../devices/webgpu/runtime/subgroups.ts";
import { webgpuDevice } from "../../devices/webgpu/webgpu_device.ts";
import { Random } from "../../data/random.ts";
import * as g from "../../ops/mod.ts";
import { webgpu } from "../devices.ts";

/** Few results of long loops, of lengths that are multiples of nothing. */
const SHAPE = [3, 4099] as const;

const reductions: Record<string, (x: Tensor) => Tensor> = {
  sum: (x) => g.sum(x, [1]),
  "sum of all": (x) => g.sum(x),
  mean: (x) => g.mean(g.square(x), [1]),
  max: (x) => g.max(x, [1]),
  argMax: (x) => g.argMax(x, 1),
  logSumExp: (x) => g.logSumExp(x, [1]),
};

async function results(device: Device): Promise<Record<string, readonly number[]>> {
  const random = new Random(3);
  const data = allocate("float32", SHAPE[0] * SHAPE[1]);
  for (let i = 0; i < data.length; i++) data[i] = random.uniform(-2, 2);
  const program = await compileProgram((_state, { x }: { x: Tensor }) => ({
    outputs: Object.fromEntries(Object.entries(reductions).map(([name, reduce]) => [name, reduce(x)])),
  }), { device, inputs: { x: { dtype: "float32", shape: SHAPE } } });
  const outputs = await program.call({ x: ndarray("float32", SHAPE, data) });
  program.close();
  device.close();
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data].map(Number)]));
}

Deno.test({
  name: "reductions have the same bits with subgroups and without",
  ignore: webgpu === undefined,
  fn: async () => {
    const [with_, without] = await Promise.all(
      [true, false].map(async (subgroups) => await results(await webgpuDevice({ subgroups }))),
    );
    assertEquals(with_, without);
    const random = new Random(3);
    const values = Array.from({ length: SHAPE[0] * SHAPE[1] }, () => Math.fround(random.uniform(-2, 2)));
    const row = values.slice(0, SHAPE[1]);
    assertAlmostEquals(with_.sum[0], row.reduce((a, b) => a + b, 0), 1e-3);
    assertEquals(with_.max[0], Math.max(...row));
    assertEquals(with_.argMax[0], row.indexOf(Math.max(...row)));
    assertAlmostEquals(with_.logSumExp[0], Math.log(row.reduce((a, b) => a + Math.exp(b), 0)), 1e-5);
  },
});

/** A device that compiles only such texts. */
function deviceFor(accepts: (code: string) => boolean): GPUDevice {
  const scopes: (Error | null)[] = [];
  return {
    pushErrorScope: () => scopes.push(null),
    createShaderModule: ({ code }: { code: string }) => {
      if (!accepts(code)) scopes[scopes.length - 1] = new Error("no such extension");
    },
    popErrorScope: () => Promise.resolve(scopes.pop()),
  } as unknown as GPUDevice;
}

Deno.test("kernels say that they use subgroups where the compiler asks for it, as browsers do", async () => {
  const enables = (code: string) => code.startsWith("enable subgroups;");
  assertEquals(await subgroupDirective(deviceFor(enables)), "enable subgroups;\n");
  assertEquals(await subgroupDirective(deviceFor((code) => !enables(code))), "");
  assertEquals(await subgroupDirective(deviceFor(() => false)), undefined);
});
