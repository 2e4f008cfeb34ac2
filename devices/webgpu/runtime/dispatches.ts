/** What a dispatch is made of, and how dispatches are handed over. */
import type { DispatchLoop, ProgramText } from "../codegen/kernel_texts.ts";
import type { Positions } from "../codegen/positions.ts";

/** A pipeline with what it is bound to, and the workgroups that it runs in. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
  /** How many loops are around it. */
  readonly depth: number;
}

const COMPUTE = 0x4; // GPUShaderStage.COMPUTE

/** Makes a text's pipeline on a device, bound to buffers in the order of its bindings. */
export function dispatchOf(
  device: GPUDevice,
  { code, label, workgroups, bindings, depth }: ProgramText,
  buffers: readonly GPUBufferBinding[],
  positions: Positions,
): Dispatch {
  const module = device.createShaderModule({ code, label });
  // What is bound is what is declared, even where the text has no use for it.
  const layout = device.createBindGroupLayout({
    entries: bindings.map(({ isWritten }, binding) => ({
      binding,
      visibility: COMPUTE,
      buffer: { type: isWritten ? "storage" : "read-only-storage" },
    })),
    label,
  });
  const layouts = depth > 0 ? [layout, positions.layout(depth)] : [layout];
  const pipeline = device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: layouts, label }),
    compute: { module, entryPoint: "main" },
    label,
  });
  const entries = buffers.map((resource, binding) => ({ binding, resource }));
  return { pipeline, group: device.createBindGroup({ layout, entries, label }), workgroups, depth };
}

/** Hands over all dispatches, `times` times, in one pass. */
export function submit(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  loops: readonly DispatchLoop[],
  positions: Positions,
  times = 1,
): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  /** Where the loops around are, the outermost first, as offsets. */
  const at: number[] = [];
  const run = (from: number, end: number, within: readonly DispatchLoop[]) => {
    for (let i = from; i < end;) {
      const loop = within.findLast((l) => l.first === i && l.end > i);
      if (!loop) {
        const { pipeline, group, workgroups, depth } = dispatches[i++];
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        if (depth > 0) pass.setBindGroup(1, positions.group(depth), at);
        pass.dispatchWorkgroups(...workgroups);
        continue;
      }
      const inside = within.slice(0, within.indexOf(loop));
      for (let step = 0; step < loop.times; step++) {
        at.push(positions.offset(loop.reverse ? loop.times - 1 - step : step));
        run(loop.first, loop.end, inside);
        at.pop();
      }
      i = loop.end;
    }
  };
  for (let i = 0; i < times; i++) run(0, dispatches.length, loops);
  pass.end();
  device.queue.submit([encoder.finish()]);
}
