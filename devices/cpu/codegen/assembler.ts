/**
 * A small assembler for WebAssembly: functions over numbers, vectors of four floats and shared memory, encoded as
 * a module. Source: https://webassembly.github.io/spec/core/binary/ with the SIMD, relaxed SIMD and threads
 * proposals.
 */

import { ByteWriter, floatBits } from "./byte_writer.ts";
import { type Instruction, type MemoryInstruction, memoryOpcodes, plainOpcodes } from "./opcodes.ts";

/** The value types that are used here. */
export type WasmType = "i32" | "f32" | "v128";

const typeCodes: Record<WasmType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

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
  readonly #first = new ByteWriter();
  readonly #code = new ByteWriter();

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
    for (const name of names) this.#code.all(plainOpcodes[name]);
    return this;
  }

  /** Pushes a local. */
  get(local: number): this {
    this.#code.byte(0x20).unsigned(local);
    return this;
  }

  /** Pops into a local. */
  set(local: number): this {
    this.#code.byte(0x21).unsigned(local);
    return this;
  }

  /** Copies the top of the stack into a local. */
  tee(local: number): this {
    this.#code.byte(0x22).unsigned(local);
    return this;
  }

  /** Pushes a global: a number that all functions of one thread share. */
  getGlobal(number: number): this {
    this.#code.byte(0x23).unsigned(number);
    return this;
  }

  /** Pops into a global. */
  setGlobal(number: number): this {
    this.#code.byte(0x24).unsigned(number);
    return this;
  }

  /** Pushes an integer. */
  i32(value: number): this {
    this.#code.byte(0x41).signed(value | 0);
    return this;
  }

  /** Pushes -1 as a 64-bit integer: for waits without a time limit. */
  forever(): this {
    this.#code.byte(0x42).byte(0x7f);
    return this;
  }

  /** Pushes a float. */
  f32(value: number): this {
    this.#code.byte(0x43).word(floatBits(value));
    return this;
  }

  /** Pushes a vector of four 32-bit words. */
  v128(words: readonly [number, number, number, number]): this {
    pushWords(this.#code, words);
    return this;
  }

  /**
   * Pushes a vector of four 32-bit words from a local that is set when the function begins. Engines make a constant
   * out of several instructions, again in every round of a loop.
   */
  keptV128(words: readonly [number, number, number, number]): this {
    const [a, b, c, d] = words;
    const key = `${a | 0},${b | 0},${c | 0},${d | 0}`;
    let local = this.#constants.get(key);
    if (local === undefined) {
      this.#constants.set(key, local = this.local("v128"));
      pushWords(this.#first, words).byte(0x21).unsigned(local);
    }
    return this.get(local);
  }

  /** An instruction on memory; the address is on the stack, `offset` is added to it. */
  memory(name: MemoryInstruction, offset: number, lane?: number): this {
    const [bytes, align] = memoryOpcodes[name];
    this.#code.all(bytes).byte(align).unsigned(offset);
    if (lane !== undefined) this.#code.byte(lane);
    return this;
  }

  /** An instruction on the second memory, where there are two. */
  sharedMemory(name: MemoryInstruction, offset: number): this {
    const [bytes, align] = memoryOpcodes[name];
    this.#code.all(bytes).byte(align | 0x40).byte(1).unsigned(offset);
    return this;
  }

  /** Copies bytes of the second memory to the first one: target, source and count are on the stack. */
  copyFromShared(): this {
    this.#code.all([0xfc, 0x0a, 0x00, 0x01]);
    return this;
  }

  /** Pushes one word of a vector. */
  extractLane(type: "i32" | "f32", lane: number): this {
    this.#code.byte(0xfd).byte(type === "i32" ? 0x1b : 0x1f).byte(lane);
    return this;
  }

  /** Puts the number on the stack into one word of the vector below it. */
  replaceLane(type: "i32" | "f32", lane: number): this {
    this.#code.byte(0xfd).byte(type === "i32" ? 0x1c : 0x20).byte(lane);
    return this;
  }

  /** Pushes a vector's words moved down by some lanes; those that fall out come in at the top. */
  rotateLanes(local: number, distance: number): this {
    this.get(local).get(local).#code.byte(0xfd).byte(0x0d);
    for (let i = 0; i < 16; i++) this.#code.byte((i + 4 * distance) % 16);
    return this;
  }

  /** Pushes one of a vector's words, four times. */
  spreadLane(local: number, lane: number): this {
    this.get(local).get(local).#code.byte(0xfd).byte(0x0d);
    for (let i = 0; i < 16; i++) this.#code.byte(4 * lane + i % 4);
    return this;
  }

  /** Calls a function by its position in the module. */
  call(index: number): this {
    this.#code.byte(0x10).unsigned(index);
    return this;
  }

  /** `if` on the top of the stack. */
  if(then: () => void, otherwise?: () => void): this {
    this.#code.byte(0x04).byte(0x40);
    then();
    if (otherwise) {
      this.#code.byte(0x05);
      otherwise();
    }
    this.#code.byte(0x0b);
    return this;
  }

  /** A loop whose body pushes whether to go round again. */
  doWhile(body: () => void): this {
    this.#code.byte(0x03).byte(0x40);
    body();
    this.#code.byte(0x0d).byte(0x00).byte(0x0b);
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
    const body = new ByteWriter().unsigned(this.#locals.length);
    for (const type of this.#locals) body.byte(1).byte(typeCodes[type]);
    body.all(this.#first.bytes).all(this.#code.bytes).byte(0x0b);
    return {
      name: this.name,
      type: functionType(this.#params),
      body: new ByteWriter().unsigned(body.bytes.length).all(body.bytes).bytes.slice(),
    };
  }
}

/** The type of a function without results. */
const functionType = (params: readonly WasmType[]): number[] => [
  0x60,
  params.length,
  ...params.map((t) => typeCodes[t]),
  0,
];

/** A constant vector. */
function pushWords(to: ByteWriter, words: readonly [number, number, number, number]): ByteWriter {
  to.byte(0xfd).byte(0x0c);
  for (const word of words) to.word(word);
  return to;
}

/** A function that a module imports. Its parameters are integers. */
export interface ImportedFunction {
  readonly module: string;
  readonly name: string;
  readonly params: number;
}

/**
 * Encodes a module that imports its memory as `m.m` and exports each function under its name. It has so many globals, which
 * are integers and begin at zero. Imported functions come before its own in their numbers; with `ownPages` another memory,
 * which has so many pages, is imported as `m.own` and comes first.
 */
export function encodeModule(
  functions: readonly EncodedFunction[],
  memoryPages: { initial: number; maximum: number; shared: boolean },
  options: { globals?: number; imports?: readonly ImportedFunction[]; ownPages?: number } = {},
): Uint8Array<ArrayBuffer> {
  const { globals = 0, imports = [], ownPages } = options;
  const text = (s: string) => {
    const bytes = new TextEncoder().encode(s);
    return new ByteWriter().unsigned(bytes.length).all(bytes).bytes;
  };
  const named = (module: string, name: string, what: ArrayLike<number>) => [
    ...text(module),
    ...text(name),
    ...Array.from(what),
  ];
  const { initial, maximum, shared } = memoryPages;
  const limits = new ByteWriter().byte(0x02).byte(shared ? 3 : 1).unsigned(initial).unsigned(maximum);
  const own = ownPages === undefined
    ? []
    : [new ByteWriter().byte(0x02).byte(1).unsigned(ownPages).unsigned(ownPages).bytes];
  const module = new ByteWriter().all([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  const section = (id: number, items: readonly ArrayLike<number>[]) => {
    const content = new ByteWriter().unsigned(items.length);
    for (const item of items) content.all(item);
    module.byte(id).unsigned(content.bytes.length).all(content.bytes);
  };
  const importTypes = imports.map(({ params }) => functionType(Array.from({ length: params }, () => "i32")));
  section(1, [...importTypes, ...functions.map((f) => f.type)]);
  section(2, [
    ...own.map((memory) => named("m", "own", memory)),
    named("m", "m", limits.bytes),
    ...imports.map((i, type) => named(i.module, i.name, new ByteWriter().byte(0x00).unsigned(type).bytes)),
  ]);
  const numbers = functions.map((_, i) => new ByteWriter().unsigned(imports.length + i).bytes);
  section(3, numbers);
  if (globals > 0) section(6, Array.from({ length: globals }, () => [0x7f, 0x01, 0x41, 0x00, 0x0b]));
  section(7, functions.map((f, i) => new ByteWriter().all(text(f.name)).byte(0x00).all(numbers[i]).bytes));
  section(10, functions.map((f) => f.body));
  return module.bytes.slice();
}
