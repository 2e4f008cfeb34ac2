/** Dispatches, as the device makes them of a text. */
import { assertEquals } from "@std/assert";
import { findAdapter, openDevice } from "../../devices/webgpu/runtime/adapter.ts";
import { dispatchOf } from "../../devices/webgpu/runtime/dispatches.ts";
import type { ProgramText } from "../../devices/webgpu/codegen/kernel_texts.ts";
import { Positions } from "../../devices/webgpu/codegen/positions.ts";
import { webgpu } from "../devices.ts";

Deno.test({
  name: "a kernel may declare memory that turns out not to be needed",
  ignore: webgpu === undefined,
  fn: async () => {
    const device = await openDevice((await findAdapter())!);
    const code = `
      @group(0) @binding(0) var<storage, read> m0: array<f32>;
      @group(0) @binding(1) var<storage, read_write> m1: array<f32>;
      @compute @workgroup_size(1) fn main() { m1[0] = 1.0f; }`;
    const bindings = [false, true].map((isWritten) => ({
      isWritten,
    })) as unknown as ProgramText["bindings"];
    const buffers = bindings.map(() => ({ buffer: device.createBuffer({ size: 16, usage: 0x80 }) }));
    const positions = new Positions(device, 0);
    device.pushErrorScope("validation");
    dispatchOf(
      device,
      { code, label: "test", workgroups: [1, 1, 1], bindings, depth: 0 },
      buffers,
      positions,
    );
    const error = await device.popErrorScope();
    device.destroy();
    assertEquals(error?.message, undefined);
  },
});
