/**
 * Compiling on adapters that are programs. Their driver compiles a kernel when it is first dispatched, on the thread of the
 * device's queue, and keeps the result on disk. So that this takes half as long, a second device compiles one half of a
 * program, by dispatches without workgroups, while the first one compiles the other: what is missing it finds on disk.
 */
import { findAdapter, openDevice } from "./adapter.ts";
import { TEXTURE_WIDTH } from "./kernel_text.ts";
import type { ProgramText } from "./kernel_texts.ts";

/** Programs with less text are not worth a second device. */
const SHORTEST = 20_000;
/** The first device's share of the text: it starts sooner, and has fewer contractions for its length. */
const FIRST_SHARE = 0.6;
/** A dispatch that is through sooner was found on disk. */
const FOUND_MS = 50;
/** What a binding needs at most where nothing is read or written: a uniform window. */
const BINDING_BYTES = 1 << 16;
const TEXTURE_USAGE = 0x04 | 0x08; // TEXTURE_BINDING | STORAGE_BINDING
const BUFFER_USAGE = 0x80 | 0x40; // STORAGE | UNIFORM

/** A pipeline with what it is bound to. */
export interface BoundPipeline {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

/** Makes a text's pipeline on a device, bound to resources in the order of its bindings. */
export function bindText(
  device: GPUDevice,
  { code, label }: ProgramText,
  resources: readonly GPUBindingResource[],
): BoundPipeline {
  const module = device.createShaderModule({ code, label });
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module, entryPoint: "main" },
    label,
  });
  const entries = resources.map((resource, binding) => ({ binding, resource }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries, label });
  return { pipeline, group };
}

/** The number of texts that the first device compiles: all of them, if it is not worth opening a second one. */
export function firstHalf(texts: readonly ProgramText[]): number {
  const total = texts.reduce((sum, t) => sum + t.code.length, 0);
  let before = 0;
  return total < SHORTEST
    ? texts.length
    : texts.findIndex((t) => (before += t.code.length) > FIRST_SHARE * total);
}

/** Whether the driver has to compile pipelines, rather than find them on disk; found out by one of them. */
export async function isMissing(device: GPUDevice, pipelines: readonly BoundPipeline[]): Promise<boolean> {
  startCompiling(device, pipelines.slice(-1));
  const begin = performance.now();
  await device.queue.onSubmittedWorkDone();
  return performance.now() - begin > FOUND_MS;
}

/** Has a device compile pipelines, while the caller goes on; only the next submit waits for it. */
export function startCompiling(device: GPUDevice, pipelines: readonly BoundPipeline[]): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const { pipeline, group } of pipelines) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(0);
  }
  pass.end();
  device.queue.submit([encoder.finish()]);
}

/** Compiles on a second device; what fails here is left to the first run. */
export async function compileElsewhere(texts: readonly ProgramText[], textureRows: number): Promise<void> {
  try {
    const device = await openDevice((await findAdapter())!);
    device.addEventListener("uncapturederror", (event) => event.preventDefault());
    startCompiling(device, bindToNothing(device, texts, textureRows));
    await device.queue.onSubmittedWorkDone();
    device.destroy();
  } catch {
    // The first device compiles all of it, then.
  }
}

/** Pipelines with memory that is never touched. */
function bindToNothing(
  device: GPUDevice,
  texts: readonly ProgramText[],
  textureRows: number,
): BoundPipeline[] {
  // Of the right size, as drivers treat powers of two in another way.
  const size = [TEXTURE_WIDTH, Math.max(1, textureRows)];
  const texture = device.createTexture({ size, format: "rgba32float", usage: TEXTURE_USAGE }).createView();
  const buffers: GPUBuffer[] = [];
  return texts.map((text) =>
    bindText(
      device,
      text,
      text.bindings.map(({ place }, i) => {
        if (place === "texture") return texture;
        buffers[i] ??= device.createBuffer({ size: BINDING_BYTES, usage: BUFFER_USAGE });
        return { buffer: buffers[i] };
      }),
    )
  );
}
