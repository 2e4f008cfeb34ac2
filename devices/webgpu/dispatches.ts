/** What a dispatch is made of, and how dispatches are handed over. */
import type { ProgramText } from "./kernel_texts.ts";

/** A pipeline with what it is bound to, and the workgroups that it runs in. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** Makes a text's pipeline on a device, bound to buffers in the order of its bindings. */
export function dispatchOf(
  device: GPUDevice,
  { code, label, workgroups }: ProgramText,
  buffers: readonly GPUBufferBinding[],
): Dispatch {
  const module = device.createShaderModule({ code, label });
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module, entryPoint: "main" },
    label,
  });
  const entries = buffers.map((resource, binding) => ({ binding, resource }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries, label });
  return { pipeline, group, workgroups };
}

/** Hands over all dispatches, `times` times, in one pass. */
export function submit(device: GPUDevice, dispatches: readonly Dispatch[], times = 1): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (let i = 0; i < times; i++) {
    for (const { pipeline, group, workgroups } of dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...workgroups);
    }
  }
  pass.end();
  device.queue.submit([encoder.finish()]);
}
