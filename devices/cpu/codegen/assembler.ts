/**
 * A small assembler for WebAssembly: functions over numbers, vectors of four floats and shared memory, encoded as
 * a module. Source: https://webassembly.github.io/spec/core/binary/ with the SIMD, relaxed SIMD and threads
 * proposals.
 */

import { type Instruction, type MemoryInstruction, memoryOpcodes, plainOpcodes } from "./opcodes.ts";

/** The value types that are used here. */
export type WasmType = "i32" | "f32" | "v128";

const typeCodes: Record<WasmType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return bytes;
}

function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    const done = value === 0 && (low & 0x40) === 0 || value === -1 && (low & 0x40) !== 0;
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

function v128Const(words: readonly [number, number, number, number]): number[] {
  return [0xfd, 0x0c, ...new Uint8Array(new Int32Array(words).buffer)];
}

/** A function that is written, in much less memory than while it is. */
export interface EncodedFunction {
  readonly name: string;
  readonly type: readonly number[];
  readonly body: Uint8Array;
}

/** One function that is being written. Locals and code are appended; structure comes from callbacks. */
export class FunctionBuilder {
  readonly name: string;
  readonly #params: readonly WasmType[];
  readonly #locals: WasmType[] = [];
  /** Vectors that are made once, before all other code, by their words. */
  readonly #constants = new Map<string, number>();
  readonly #first: number[] = [];
  readonly #code: number[] = [];

  constructor(name: string, params: readonly WasmType[]) {
    this.name = name;
    this.#params = params;
  }

  /** A new local variable. */
  local(type: WasmType): number {
    this.#locals.push(type);
    return this.#params.length + this.#locals.length - 1;
  }

  /** Instructions without immediates. */
  op(...names: Instruction[]): this {
    for (const name of names) this.#code.push(...plainOpcodes[name]);
    return this;
  }

  /** Pushes a local. */
  get(local: number): this {
    this.#code.push(0x20, ...unsignedLeb(local));
    return this;
  }

  /** Pops into a local. */
  set(local: number): this {
    this.#code.push(0x21, ...unsignedLeb(local));
    return this;
  }

  /** Copies the top of the stack into a local. */
  tee(local: number): this {
    this.#code.push(0x22, ...unsignedLeb(local));
    return this;
  }

  /** Pushes a global: a number that all functions of one thread share. */
  getGlobal(number: number): this {
    this.#code.push(0x23, ...unsignedLeb(number));
    return this;
  }

  /** Pops into a global. */
  setGlobal(number: number): this {
    this.#code.push(0x24, ...unsignedLeb(number));
    return this;
  }

  /** Pushes an integer. */
  i32(value: number): this {
    this.#code.push(0x41, ...signedLeb(value | 0));
    return this;
  }

  /** Pushes -1 as a 64-bit integer: for waits without a time limit. */
  forever(): this {
    this.#code.push(0x42, 0x7f);
    return this;
  }

  /** Pushes a float. */
  f32(value: number): this {
    this.#code.push(0x43, ...new Uint8Array(new Float32Array([value]).buffer));
    return this;
  }

  /** Pushes a vector of four 32-bit words. */
  v128(words: readonly [number, number, number, number]): this {
    this.#code.push(...v128Const(words));
    return this;
  }

  /**
   * Pushes a vector of four 32-bit words from a local that is set when the function begins. Engines make a constant
   * out of several instructions, again in every round of a loop.
   */
  keptV128(words: readonly [number, number, number, number]): this {
    const key = words.map((word) => word | 0).join();
    let local = this.#constants.get(key);
    if (local === undefined) {
      this.#constants.set(key, local = this.local("v128"));
      this.#first.push(...v128Const(words), 0x21, ...unsignedLeb(local));
    }
    return this.get(local);
  }

  /** An instruction on memory; the address is on the stack, `offset` is added to it. */
  memory(name: MemoryInstruction, offset: number, lane?: number): this {
    const [bytes, align] = memoryOpcodes[name];
    this.#code.push(...bytes, align, ...unsignedLeb(offset));
    if (lane !== undefined) this.#code.push(lane);
    return this;
  }

  /** Pushes one word of a vector. */
  extractLane(type: "i32" | "f32", lane: number): this {
    this.#code.push(0xfd, type === "i32" ? 0x1b : 0x1f, lane);
    return this;
  }

  /** Puts the number on the stack into one word of the vector below it. */
  replaceLane(type: "i32" | "f32", lane: number): this {
    this.#code.push(0xfd, type === "i32" ? 0x1c : 0x20, lane);
    return this;
  }

  /** Pushes a vector's words moved down by some lanes; those that fall out come in at the top. */
  rotateLanes(local: number, distance: number): this {
    const bytes = Array.from({ length: 16 }, (_, i) => (i + 4 * distance) % 16);
    this.get(local).get(local);
    this.#code.push(0xfd, 0x0d, ...bytes);
    return this;
  }

  /** Pushes one of a vector's words, four times. */
  spreadLane(local: number, lane: number): this {
    const bytes = Array.from({ length: 16 }, (_, i) => 4 * lane + i % 4);
    this.get(local).get(local);
    this.#code.push(0xfd, 0x0d, ...bytes);
    return this;
  }

  /** Calls a function by its position in the module. */
  call(index: number): this {
    this.#code.push(0x10, ...unsignedLeb(index));
    return this;
  }

  /** `if` on the top of the stack. */
  if(then: () => void, otherwise?: () => void): this {
    this.#code.push(0x04, 0x40);
    then();
    if (otherwise) {
      this.#code.push(0x05);
      otherwise();
    }
    this.#code.push(0x0b);
    return this;
  }

  /** A loop whose body pushes whether to go round again. */
  doWhile(body: () => void): this {
    this.#code.push(0x03, 0x40);
    body();
    this.#code.push(0x0d, 0x00, 0x0b);
    return this;
  }

  /** Counts a local from its present value while it is below `end`, in steps. */
  countTo(counter: number, end: () => void, step: number, body: () => void): this {
    this.get(counter);
    end();
    return this.op("i32_lt_s").if(() => {
      this.doWhile(() => {
        body();
        this.get(counter).i32(step).op("i32_add").tee(counter);
        end();
        this.op("i32_lt_s");
      });
    });
  }

  /** Encodes it, when all is written. */
  encode(): EncodedFunction {
    const locals = this.#locals.flatMap((type) => [1, typeCodes[type]]);
    const body = joined([unsignedLeb(this.#locals.length), locals, this.#first, this.#code, [0x0b]]);
    return {
      name: this.name,
      type: [0x60, this.#params.length, ...this.#params.map((t) => typeCodes[t]), 0],
      body: joined([unsignedLeb(body.length), body]),
    };
  }
}

/** Bytes one after another. */
function joined(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Encodes a module that imports its memory as `m.m` and exports each function under its name. It has so many globals, which
 * are integers and begin at zero.
 */
export function encodeModule(
  functions: readonly EncodedFunction[],
  memoryPages: { initial: number; maximum: number; shared: boolean },
  globals = 0,
): Uint8Array<ArrayBuffer> {
  const text = (s: string) => [...unsignedLeb(s.length), ...new TextEncoder().encode(s)];
  const section = (id: number, items: readonly ArrayLike<number>[]) => {
    const content = joined([unsignedLeb(items.length), ...items]);
    return joined([[id], unsignedLeb(content.length), content]);
  };
  const { initial, maximum, shared } = memoryPages;
  const limits = [shared ? 3 : 1, ...unsignedLeb(initial), ...unsignedLeb(maximum)];
  return joined([
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, functions.map((f) => f.type)),
    section(2, [[...text("m"), ...text("m"), 0x02, ...limits]]),
    section(3, functions.map((_, i) => unsignedLeb(i))),
    ...globals > 0 ? [section(6, Array.from({ length: globals }, () => [0x7f, 0x01, 0x41, 0x00, 0x0b]))] : [],
    section(7, functions.map((f, i) => [...text(f.name), 0x00, ...unsignedLeb(i)])),
    section(10, functions.map((f) => f.body)),
  ]);
}
