/** From kernels to the text of a dispatch: bindings, grid, and several kernels side by side. */
import type { DType } from "../../engine/array.ts";
import { type Axis, type Expr, visit } from "../../engine/expr.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Scratch } from "../contraction_plan.ts";
import type { LoopStore } from "../loop_kernel.ts";
import { type Binding, isAligned, PRELUDE, type WgslEmitter } from "./wgsl_expr.ts";

/** What a binding shows: a tensor's memory, or memory that two kernels hand on. */
export type Memory = Tensor | Scratch;

/** An access to memory, and whether it is to four neighbours that start at a multiple of four. */
export interface Touch {
  readonly memory: Memory;
  readonly isAligned: boolean;
}

/** One kernel, ready to be written into a dispatch. */
export interface KernelWriter {
  readonly label: string;
  /** How it is computed, for `explain()`. */
  readonly how: string;
  /** Threads of a workgroup. */
  readonly workgroup: number;
  /** The number of workgroups. */
  readonly groups: number;
  readonly touches: readonly Touch[];
  /**
   * The body, in which `unit` (i32) is the number of the workgroup and `local.x` that of the thread; and declarations
   * outside of it, whose names begin with `prefix`.
   */
  write(bindings: Bindings, prefix: string): { body: readonly string[]; declarations: string };
}

/** One dispatch. */
export interface DispatchText {
  readonly label: string;
  readonly code: string;
  /** The memory that is bound, in order of the binding numbers. */
  readonly bindings: readonly Memory[];
  readonly workgroups: readonly [number, number, number];
}

/** Workgroups along one dimension that every adapter allows. */
const MOST_WORKGROUPS = 65535;

/** The memory that a dispatch touches; `keyOf` is the same for tensors that share a place. */
export class Bindings {
  readonly memories: Memory[] = [];
  readonly #byKey = new Map<string, Binding>();
  readonly #keyOf: (memory: Memory) => string;

  /** Arrays are of `vec4` where every access is aligned. */
  constructor(touches: readonly Touch[], keyOf: (memory: Memory) => string) {
    this.#keyOf = keyOf;
    const scalars = new Set(touches.filter((t) => !t.isAligned).map((t) => keyOf(t.memory)));
    for (const { memory } of touches) {
      const key = keyOf(memory);
      if (this.#byKey.has(key)) continue;
      const isVector = !scalars.has(key) && !isByte(memory.dtype);
      this.#byKey.set(key, { name: `m${this.memories.length}`, dtype: memory.dtype, isVector });
      this.memories.push(memory);
    }
  }

  /** How the dispatch sees a piece of memory. */
  of(memory: Memory): Binding {
    return this.#byKey.get(this.#keyOf(memory))!;
  }

  /** Declarations. All memory is one buffer, which can only be bound as writable. */
  declarations(): string {
    return this.memories.map((memory, i) => {
      const { name, dtype, isVector } = this.of(memory);
      const element = elementType(dtype);
      const type = isVector ? `vec4<${element}>` : element;
      return `@group(0) @binding(${i}) var<storage, read_write> ${name}: array<${type}>;\n`;
    }).join("");
  }
}

const isByte = (dtype: DType) => dtype === "uint8" || dtype === "bool";
const elementType = (dtype: DType) => dtype === "float32" ? "f32" : dtype === "int32" ? "i32" : "u32";

/** The number of pieces of memory that kernels touch. */
export function countMemories(writers: readonly KernelWriter[], keyOf: (memory: Memory) => string): number {
  return new Set(writers.flatMap((w) => w.touches.map((t) => keyOf(t.memory)))).size;
}

/** Kernels with workgroups of one size in one dispatch: the first workgroups are the first kernel's, and so on. */
export function dispatchText(
  writers: readonly KernelWriter[],
  keyOf: (memory: Memory) => string,
): DispatchText {
  const bindings = new Bindings(writers.flatMap((w) => w.touches), keyOf);
  const total = writers.reduce((sum, w) => sum + w.groups, 0);
  const rows = Math.ceil(total / MOST_WORKGROUPS);
  const columns = Math.ceil(total / rows);
  const written = writers.map((w, i) => w.write(bindings, `k${i}_`));
  let first = 0;
  const parts = writers.map((w, i) => {
    const start = first;
    first += w.groups;
    const isLast = i === writers.length - 1;
    const condition = isLast
      ? columns * rows > total ? `if (number < ${total}) ` : ""
      : `if (number < ${first}) `;
    const body = [`let unit = number${start > 0 ? ` - ${start}` : ""};`, ...written[i].body].join("\n");
    return `${condition}{\n${body}\n}`;
  });
  const number = rows === 1 ? "i32(group.x)" : `i32(group.y * ${columns}u + group.x)`;
  const code = [
    PRELUDE,
    bindings.declarations(),
    ...written.map((w) => w.declarations),
    `@compute @workgroup_size(${writers[0].workgroup})\n`,
    "fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {\n",
    `let number = ${number};\n`,
    parts.join(" else "),
    "\n}\n",
  ].join("");
  const label = writers.map((w) => w.label).join(" | ");
  return { label, code, bindings: bindings.memories, workgroups: [columns, rows, 1] };
}

/** Stores for one point, or for four lanes; values are all computed before the first is written. */
export function writeStores(
  emitter: WgslEmitter,
  bindings: Bindings,
  stores: readonly LoopStore[],
  lane: Axis | undefined,
  guard: ((laneNumber: number) => string) | undefined,
): void {
  const values = stores.map((s) => lane ? emitter.vector(s.value) : emitter.scalar(s.value));
  stores.forEach((store, i) => {
    const { name, dtype, isVector } = bindings.of(store.target as Memory);
    const value = values[i];
    if (isByte(dtype)) {
      const words = dtype === "bool" ? `select(vec4<u32>(0u), vec4<u32>(1u), ${value})` : value;
      const at = emitter.firstLane(store.index);
      const bytes = emitter.fresh("b");
      emitter.line(`let ${bytes} = ${words} & vec4<u32>(255u);`);
      const word = `${bytes}.x | (${bytes}.y << 8u) | (${bytes}.z << 16u) | (${bytes}.w << 24u)`;
      emitter.line(`${name}[${at} >> 2u] = ${word};`);
    } else if (lane && isVector) {
      emitter.line(`${name}[${emitter.firstLane(store.index)} >> 2u] = ${value};`);
    } else if (lane) {
      const at = emitter.vector(store.index);
      for (let l = 0; l < 4; l++) {
        const write = `${name}[${at}[${l}]] = ${value}[${l}];`;
        emitter.line(guard ? `if (${guard(l)}) { ${write} }` : write);
      }
    } else {
      emitter.line(`${name}[${emitter.scalar(store.index)}] = ${value};`);
    }
  });
}

/** Every load in expressions and every store, seen from four lanes along `lane`. */
export function touchesOf(
  exprs: readonly Expr[],
  stores: readonly LoopStore[],
  lane: Axis | undefined,
): Touch[] {
  const touches: Touch[] = [];
  const note = (memory: unknown, index: Expr) =>
    touches.push({ memory: memory as Memory, isAligned: lane !== undefined && isAligned(index, lane) });
  visit(exprs, (e) => {
    if (e.op === "load") note(e.source, e.args[0]);
  });
  stores.forEach((s) => note(s.target, s.index));
  return touches;
}
