/** What a dispatch is made of, and how dispatches are handed over. */
import type { ProgramText } from "./kernel_texts.ts";
import { TEXEL_BYTES, TEXTURE_WIDTH } from "./wgsl_texel.ts";

/** A pipeline with what it is bound to, and the workgroups that it runs in. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** Makes a text's pipeline on a device, bound to resources in the order of its bindings. */
export function dispatchOf(
  device: GPUDevice,
  { code, label, workgroups }: ProgramText,
  resources: readonly GPUBindingResource[],
): Dispatch {
  const module = device.createShaderModule({ code, label });
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module, entryPoint: "main" },
    label,
  });
  const entries = resources.map((resource, binding) => ({ binding, resource }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries, label });
  return { pipeline, group, workgroups };
}

/** Elements that the device copies into a texture. */
export interface TextureCopy {
  readonly from: GPUTexelCopyBufferInfo;
  readonly to: GPUTexelCopyTextureInfo;
  readonly size: [width: number, height: number];
}

/** A dispatch, or a copy between passes. */
export type Step = Dispatch | TextureCopy;

/** So many bytes of a buffer to a place in a texture that is named in bytes: a part of a row, whole rows, a part of one. */
export function textureCopies(
  buffer: GPUBuffer,
  offset: number,
  texture: GPUTexture,
  place: number,
  bytes: number,
): TextureCopy[] {
  const copies: TextureCopy[] = [];
  for (let done = 0; done < bytes;) {
    const first = (place + done) / TEXEL_BYTES;
    const [x, y] = [first % TEXTURE_WIDTH, Math.floor(first / TEXTURE_WIDTH)];
    const texels = (bytes - done) / TEXEL_BYTES;
    const isWhole = x === 0 && texels >= TEXTURE_WIDTH;
    const size: TextureCopy["size"] = isWhole
      ? [TEXTURE_WIDTH, Math.floor(texels / TEXTURE_WIDTH)]
      : [Math.min(TEXTURE_WIDTH - x, texels), 1];
    const from = { buffer, offset: offset + done, bytesPerRow: TEXTURE_WIDTH * TEXEL_BYTES };
    copies.push({ from, to: { texture, origin: [x, y] }, size });
    done += TEXEL_BYTES * size[0] * size[1];
  }
  return copies;
}

/** A texture for copies. */
export const copiesTexture = (device: GPUDevice, rows: number): GPUTexture =>
  device.createTexture({
    size: [TEXTURE_WIDTH, rows],
    format: "rgba32float",
    usage: 0x02 | 0x04 | 0x08, // COPY_DST | TEXTURE_BINDING | STORAGE_BINDING
    label: "copies",
  });

/** Hands over all steps, `times` times: the dispatches between two copies are one pass. */
export function submit(device: GPUDevice, steps: readonly Step[], times = 1): void {
  const encoder = device.createCommandEncoder();
  let pass: GPUComputePassEncoder | undefined;
  for (let i = 0; i < times; i++) {
    for (const step of steps) {
      if ("pipeline" in step) {
        pass ??= encoder.beginComputePass();
        pass.setPipeline(step.pipeline);
        pass.setBindGroup(0, step.group);
        pass.dispatchWorkgroups(...step.workgroups);
      } else {
        pass?.end();
        pass = undefined;
        encoder.copyBufferToTexture(step.from, step.to, step.size);
      }
    }
  }
  pass?.end();
  device.queue.submit([encoder.finish()]);
}
