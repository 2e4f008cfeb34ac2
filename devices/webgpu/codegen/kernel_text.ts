/** From kernels to the text of a dispatch: bindings, grid, and several kernels side by side. */
import { bytesPerElement, type DType } from "../../../engine/array.ts";
import { type Axis, type Expr, visit } from "../../../engine/expression/expr.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import type { LoopStore } from "../../loop_nest/loop_kernel.ts";
import type { Scratch } from "../../scratch.ts";
import { isAligned } from "./aligned.ts";
import { type Binding, WgslEmitter } from "./wgsl_expr.ts";
import { PRELUDE } from "./wgsl_literal.ts";

/** What a binding shows: a tensor's memory, or memory that two kernels hand on. */
export type Memory = Tensor | Scratch;

/** An access to memory, and whether it is to four neighbours that start at a multiple of four. */
export interface Touch {
  readonly memory: Memory;
  readonly isAligned: boolean;
  readonly isWrite?: boolean;
}

/** Where memory is. */
export interface Places {
  /** The same for memory in one place. */
  keyOf(memory: Memory): string;
  /** The same for memory in one buffer. */
  bufferOf(memory: Memory): string;
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
  /** Bytes of memory that the threads of a workgroup share. */
  readonly sharedBytes?: number;
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
  /** The memory that is bound, in order of the binding numbers, and whether it is bound as writable. */
  readonly bindings: readonly { readonly memory: Memory; readonly isWritten: boolean }[];
  readonly workgroups: readonly [number, number, number];
}

/** Workgroups along one dimension that every adapter allows. */
const MOST_WORKGROUPS = 65535;

/** The memory that a dispatch touches. */
export class Bindings {
  readonly memories: Memory[] = [];
  readonly #byKey = new Map<string, Binding>();
  readonly #places: Places;
  /** The buffers that kernels write to. */
  readonly #written: ReadonlySet<string>;

  /** The loops around the dispatch, the outermost first, whose positions it is given. */
  readonly counters: readonly Axis[];

  /** Arrays are of `vec4` where every access is aligned. */
  constructor(writers: readonly KernelWriter[], places: Places, counters: readonly Axis[]) {
    this.#places = places;
    this.counters = counters;
    const touches = writers.flatMap((w) => w.touches);
    this.#written = new Set(touches.filter((t) => t.isWrite).map((t) => places.bufferOf(t.memory)));
    const scalars = new Set(touches.filter((t) => !t.isAligned).map((t) => places.keyOf(t.memory)));
    for (const { memory } of touches) {
      const key = places.keyOf(memory);
      if (this.#byKey.has(key)) continue;
      const isVector = !scalars.has(key) && bytesPerElement(memory.dtype) === 4;
      const name = `m${this.memories.length}`;
      this.#byKey.set(key, { name, dtype: memory.dtype, isVector });
      this.memories.push(memory);
    }
  }

  /** How the dispatch sees a piece of memory. */
  of(memory: Memory): Binding {
    return this.#byKey.get(this.#places.keyOf(memory))!;
  }

  /** What a kernel's expressions are written with. */
  emitter(): WgslEmitter {
    const emitter = new WgslEmitter((source) => this.of(source as Memory));
    this.counters.forEach((axis, i) => emitter.bindAxis(axis, `${positionName(i)}.x`));
    return emitter;
  }

  /** Whether memory is bound as writable: it can't be bound otherwise where its buffer is written somewhere. */
  isWritten(memory: Memory): boolean {
    return this.#written.has(this.#places.bufferOf(memory));
  }

  /** Declarations. */
  declarations(): string {
    const positions = this.counters.map((_, i) =>
      `@group(1) @binding(${i}) var<uniform> ${positionName(i)}: vec4<i32>;\n`
    );
    const memories = this.memories.map((memory, i) => {
      const { name, dtype, isVector } = this.of(memory);
      const element = elementType(dtype);
      const type = isVector ? `vec4<${element}>` : element;
      const access = this.isWritten(memory) ? "read_write" : "read";
      return `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${type}>;\n`;
    });
    return [...positions, ...memories].join("");
  }
}

const positionName = (loop: number) => `position${loop}`;

const elementType = (dtype: DType) => dtype === "float32" ? "f32" : dtype === "int32" ? "i32" : "u32";

/** The number of pieces of memory that kernels touch. */
export function countMemories(writers: readonly KernelWriter[], { keyOf }: Places): number {
  return new Set(writers.flatMap((w) => w.touches.map((t) => keyOf(t.memory)))).size;
}

/**
 * Kernels with workgroups of one size in one dispatch: the first workgroups are the first kernel's, and so on. `counters` are
 * those of the loops around it, the outermost first.
 */
export function dispatchText(
  writers: readonly KernelWriter[],
  places: Places,
  counters: readonly Axis[],
): DispatchText {
  const bindings = new Bindings(writers, places, counters);
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
  return {
    label,
    code,
    bindings: bindings.memories.map((memory) => ({ memory, isWritten: bindings.isWritten(memory) })),
    workgroups: [columns, rows, 1],
  };
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
  // Short elements are written four at a time: behind the last one come zeros, as between the pieces of a pack.
  const inRange = guard && `vec4<bool>(${[0, 1, 2, 3].map(guard).join(", ")})`;
  const orZero = (words: string) => inRange ? `select(vec4<u32>(0u), ${words}, ${inRange})` : words;
  stores.forEach((store, i) => {
    const { name, dtype, isVector } = bindings.of(store.target as Memory);
    const value = values[i];
    const size = bytesPerElement(dtype);
    if (size === 2) {
      const at = emitter.firstLane(store.index);
      const halves = emitter.fresh("h");
      emitter.line(`let ${halves} = ${orZero(value)};`);
      const [first, second] = [["x", "y"], ["z", "w"]].map(([low, high]) =>
        `(${halves}.${low} & 65535u) | (${halves}.${high} << 16u)`
      );
      emitter.line(`${name}[${at} >> 1u] = ${first};`);
      emitter.line(`${name}[(${at} >> 1u) + 1] = ${second};`);
    } else if (size === 1) {
      const words = dtype === "bool" ? `select(vec4<u32>(0u), vec4<u32>(1u), ${value})` : value;
      const at = emitter.firstLane(store.index);
      const bytes = emitter.fresh("b");
      emitter.line(`let ${bytes} = ${orZero(words)} & vec4<u32>(255u);`);
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
  const note = (memory: unknown, index: Expr, isWrite: boolean) =>
    touches.push({
      memory: memory as Memory,
      isAligned: lane !== undefined && isAligned(index, lane),
      isWrite,
    });
  visit(exprs, (e) => {
    if (e.op === "load") note(e.source, e.args[0], false);
  });
  stores.forEach((s) => note(s.target, s.index, true));
  return touches;
}
