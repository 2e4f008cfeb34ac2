/**
 * Copies in textures: kernels that want the same elements in the same order have one, and what is copied as it lies is left
 * to the device.
 */
import { type Axis, axisValue, visit } from "../../engine/expr.ts";
import { affineOf, indexSub, rewrite } from "../../engine/index_math.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { LoopKernel } from "../loop_kernel.ts";
import { roundsOf } from "../loop_steps.ts";
import { Scratch } from "../scratch.ts";
import type { Memory } from "./kernel_text.ts";
import { TEXEL_BYTES } from "./wgsl_texel.ts";

/** Elements that the device copies as they lie, in memory from a place in bytes on. */
export interface Transfer {
  readonly from: Memory;
  readonly offset: number;
  readonly to: Scratch;
}

/** Copies that stay for kernels of later waves may take so much together. */
const MOST_KEPT_BYTES = 1 << 27;
/** Larger tensors are not mirrored: what the kernels of a wave want has to fit into one texture. */
const MOST_MIRROR_BYTES = 1 << 25;

/** A copy that a device can make by itself; `undefined` where elements are computed, come in another order, or lie across texels. */
export function transferOf({ stores: [{ target, index, value }] }: LoopKernel): Transfer | undefined {
  const source = value.source as Memory;
  if (value.op !== "load" || source.dtype !== "float32") return undefined;
  const { terms, constant } = affineOf(indexSub(value.args[0], index));
  const offset = 4 * constant;
  if (terms.size > 0 || offset % TEXEL_BYTES !== 0) return undefined;
  return { from: source, offset, to: target as Scratch };
}

/** The transfer of a whole tensor, whose elements have to come in fours. */
export function mirrorOf(tensor: Tensor): Transfer | undefined {
  const isOne = tensor.dtype === "float32" && tensor.size % 4 === 0 && 4 * tensor.size <= MOST_MIRROR_BYTES;
  return isOne ? { from: tensor, offset: 0, to: new Scratch(tensor.size) } : undefined;
}

/** The copies of a program, in the order in which they are made. */
export class SharedCopies {
  /** The waves in which memory is written, state that is updated where it lies among it. */
  readonly #writes = new Map<unknown, number[]>();
  readonly #axes = new Map<string, Axis>();
  readonly #known = new Map<string, { scratch: Scratch; wave: number }>();
  readonly #standIns = new Map<Scratch, Scratch>();
  readonly #kept = new Set<Scratch>();
  #keptBytes = 0;

  constructor({ kernels, waves }: Pick<Plan, "kernels" | "waves">) {
    kernels.forEach(({ stores }, i) => {
      for (const { target } of stores) {
        this.#writes.set(target, [...this.#writes.get(target) ?? [], waves[i]]);
      }
    });
  }

  /** What tells the contents of memory in a wave from those in another. */
  #version(memory: unknown, wave: number): string {
    const before = (this.#writes.get(memory) ?? []).filter((written) => written < wave);
    return `${(memory as Tensor).id}.${before.length}`;
  }

  /** Copies that kernels of several waves read. */
  get kept(): ReadonlySet<Scratch> {
    return this.#kept;
  }

  /** The memory that is read in the place of some memory. */
  standInOf(memory: Memory): Memory {
    return this.#standIns.get(memory as Scratch) ?? memory;
  }

  /** Takes note of a kernel's copy; tells whether it is there already, from a kernel of this wave or of one before. */
  hasComputed(copy: LoopKernel, wave: number): boolean {
    return this.#has(this.#keyOf(copy, wave), copy.stores[0].target as Scratch, wave);
  }

  /** The same for a copy that the device makes. */
  hasTransferred({ from, offset, to }: Transfer, wave: number): boolean {
    return this.#has(`${this.#version(from, wave)} at ${offset}, ${to.bytes}`, to, wave);
  }

  #has(key: string, scratch: Scratch, wave: number): boolean {
    const known = this.#known.get(key);
    if (!known || known.wave !== wave && !this.#keep(known.scratch)) {
      this.#known.set(key, { scratch, wave });
      return false;
    }
    this.#standIns.set(scratch, known.scratch);
    return true;
  }

  #keep(scratch: Scratch): boolean {
    if (this.#kept.has(scratch)) return true;
    if (this.#keptBytes + scratch.bytes > MOST_KEPT_BYTES) return false;
    this.#keptBytes += scratch.bytes;
    this.#kept.add(scratch);
    return true;
  }

  /** The same for copies of the same: equal expressions over equal loops are one object. */
  #keyOf({ space, stores: [{ index, value }] }: LoopKernel, wave: number): string {
    const loops = space.filter((axis) => axis.size !== 1);
    const own = loops.map(({ size }, i) => {
      const key = `${i} ${size}`;
      return axisValue(this.#axes.get(key) ?? this.#axes.set(key, { name: `p${i}`, size }).get(key)!);
    });
    const ids = [index, value].map((e) =>
      rewrite(e, (part) => part.op === "axis" ? own[loops.indexOf(part.source as Axis)] : undefined).id
    );
    const sources = new Set<unknown>();
    visit([value], (e) => e.op === "load" && sources.add(e.source));
    const versions = [...sources].map((source) => this.#version(source, wave));
    return [roundsOf(space), ...ids, ...versions].join(" ");
  }
}
