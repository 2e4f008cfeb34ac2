/** The positions that loops count, in a uniform buffer: each dispatch in a loop is told where in it to look. */

/** From a position to the next one, as dynamic offsets have to be multiples of this. */
const STRIDE = 256;
const POSITION_BYTES = 16;

const COMPUTE = 0x4; // GPUShaderStage.COMPUTE
const USAGE = 0x40 | 0x08; // UNIFORM | COPY_DST

/** Positions from zero up, for the loops of a program. */
export class Positions {
  readonly #device: GPUDevice;
  readonly #buffer: GPUBuffer | undefined;
  /** By the number of loops around a dispatch. */
  readonly #bound = new Map<number, { layout: GPUBindGroupLayout; group: GPUBindGroup }>();

  /** Room for loops of so many steps; 0 for a program without loops. */
  constructor(device: GPUDevice, most: number) {
    this.#device = device;
    if (most === 0) return;
    const size = most * STRIDE;
    if (size > device.limits.maxBufferSize) {
      throw new RangeError(
        `Cannot run a loop of ${most} steps: on this webgpu device it may have ` +
          `${
            Math.floor(device.limits.maxBufferSize / STRIDE)
          }; several loops after another have no such limit`,
      );
    }
    this.#buffer = device.createBuffer({ size, usage: USAGE, label: "positions" });
    const words = new Int32Array(size / 4);
    for (let i = 0; i < most; i++) words[i * STRIDE / 4] = i;
    device.queue.writeBuffer(this.#buffer, 0, words);
  }

  #of(depth: number): { layout: GPUBindGroupLayout; group: GPUBindGroup } {
    let bound = this.#bound.get(depth);
    if (!bound) {
      const numbers = Array.from({ length: depth }, (_, binding) => binding);
      const layout = this.#device.createBindGroupLayout({
        entries: numbers.map((binding) => ({
          binding,
          visibility: COMPUTE,
          buffer: { type: "uniform", hasDynamicOffset: true, minBindingSize: POSITION_BYTES },
        })),
        label: "positions",
      });
      const resource = { buffer: this.#buffer!, offset: 0, size: POSITION_BYTES };
      const entries = numbers.map((binding) => ({ binding, resource }));
      bound = { layout, group: this.#device.createBindGroup({ layout, entries, label: "positions" }) };
      this.#bound.set(depth, bound);
    }
    return bound;
  }

  /** How a dispatch with so many loops around it is given their positions. */
  layout(depth: number): GPUBindGroupLayout {
    return this.#of(depth).layout;
  }

  /** What a dispatch with so many loops around it is bound to, at an offset for each. */
  group(depth: number): GPUBindGroup {
    return this.#of(depth).group;
  }

  /** Where a position is. */
  offset(position: number): number {
    return position * STRIDE;
  }

  /** Frees the memory. */
  close(): void {
    this.#buffer?.destroy();
  }
}
