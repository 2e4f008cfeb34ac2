/** Temporaries in several buffers, where one is too short for all of them. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { webgpu } from "../devices.ts";
import { withPolicy } from "../with_policy.ts";

const shape = [24, 24] as const;

async function resultsOn(device: Device): Promise<{ values: number[]; bytes: number }> {
  const x = ndarray("float32", shape, Float32Array.from({ length: 576 }, (_, i) => Math.sin(i)));
  const program = await compileProgram((_state, { x }: { x: Tensor }) => {
    const y = g.matmul(g.matmul(x, g.transpose(x)), g.softmax(x));
    const z = g.matmul(y, g.softmax(g.matmul(x, x)));
    return { outputs: { y: g.softmax(z), loss: g.grad(g.sum(g.square(z)), [x])[0] } };
  }, { device, inputs: { x: { dtype: "float32", shape } } });
  const outputs = await program.call({ x });
  const { plannedBytes: bytes } = program.summary;
  program.close();
  return { values: Object.values(outputs).flatMap(({ data }) => [...data]), bytes };
}

Deno.test({
  name: "temporaries in several buffers give the same bits as in one",
  ignore: webgpu === undefined,
  fn: async () => {
    const { device } = webgpu!;
    const arenaPart = 2560;
    const [whole, parts] = [await resultsOn(device), await resultsOn(withPolicy(device, { arenaPart }))];
    assert(whole.bytes > 2 * arenaPart, `${whole.bytes}`);
    assertEquals(parts.values, whole.values);
  },
});

Deno.test({
  name: "a tensor that is too large for a binding is named, with its shape",
  ignore: webgpu === undefined,
  fn: async () => {
    const { device } = webgpu!;
    const columns = Math.ceil(device.maxTensorBytes / 4 / 1000) + 1;
    await assertRejects(
      () =>
        compileProgram(() => {
          const table = g.matmul(g.ones([1000, 8]), g.ones([8, columns]));
          return { outputs: { y: g.sum(g.matmul(table, g.ones([columns, 8]))) } };
        }, { device }),
      RangeError,
      `the result of matmul, float32 [1000, ${columns}], on ${device.description}: it takes`,
    );
  },
});
