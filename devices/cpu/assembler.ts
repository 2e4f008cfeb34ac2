/**
 * A small assembler for WebAssembly: functions over numbers, vectors of four floats and shared memory, encoded as
 * a module. Source: https://webassembly.github.io/spec/core/binary/ with the SIMD, relaxed SIMD and threads
 * proposals.
 */

/** The value types that are used here. */
export type WasmType = "i32" | "f32" | "v128";

const typeCodes: Record<WasmType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** Opcodes without immediates. */
const plain = {
  drop: [0x1a],
  select: [0x1b],
  return: [0x0f],
  i32_eqz: [0x45],
  i32_eq: [0x46],
  i32_ne: [0x47],
  i32_lt_s: [0x48],
  i32_lt_u: [0x49],
  i32_le_s: [0x4c],
  i32_le_u: [0x4d],
  i32_ge_s: [0x4e],
  f32_eq: [0x5b],
  f32_ne: [0x5c],
  f32_lt: [0x5d],
  f32_le: [0x5f],
  i32_add: [0x6a],
  i32_sub: [0x6b],
  i32_mul: [0x6c],
  i32_div_s: [0x6d],
  i32_div_u: [0x6e],
  i32_rem_s: [0x6f],
  i32_rem_u: [0x70],
  i32_and: [0x71],
  i32_or: [0x72],
  i32_xor: [0x73],
  i32_shl: [0x74],
  i32_shr_s: [0x75],
  i32_shr_u: [0x76],
  f32_abs: [0x8b],
  f32_neg: [0x8c],
  f32_ceil: [0x8d],
  f32_floor: [0x8e],
  f32_nearest: [0x90],
  f32_sqrt: [0x91],
  f32_add: [0x92],
  f32_sub: [0x93],
  f32_mul: [0x94],
  f32_div: [0x95],
  f32_min: [0x96],
  f32_max: [0x97],
  f32_convert_i32_s: [0xb2],
  f32_convert_i32_u: [0xb3],
  i32_reinterpret_f32: [0xbc],
  f32_reinterpret_i32: [0xbe],
  i32_trunc_sat_f32_s: [0xfc, 0x00],
  i32_trunc_sat_f32_u: [0xfc, 0x01],
  i32x4_splat: [0xfd, 0x11],
  f32x4_splat: [0xfd, 0x13],
  f32x4_eq: [0xfd, 0x41],
  f32x4_ne: [0xfd, 0x42],
  f32x4_lt: [0xfd, 0x43],
  f32x4_le: [0xfd, 0x45],
  i32x4_eq: [0xfd, 0x37],
  i32x4_ne: [0xfd, 0x38],
  i32x4_lt_s: [0xfd, 0x39],
  i32x4_lt_u: [0xfd, 0x3a],
  i32x4_gt_s: [0xfd, 0x3b],
  i32x4_le_s: [0xfd, 0x3d],
  i32x4_le_u: [0xfd, 0x3e],
  v128_not: [0xfd, 0x4d],
  v128_and: [0xfd, 0x4e],
  v128_andnot: [0xfd, 0x4f],
  v128_or: [0xfd, 0x50],
  v128_xor: [0xfd, 0x51],
  v128_bitselect: [0xfd, 0x52],
  i8x16_narrow_i16x8_u: [0xfd, 0x66],
  i16x8_narrow_i32x4_s: [0xfd, 0x85, 0x01],
  i16x8_narrow_i32x4_u: [0xfd, 0x86, 0x01],
  i16x8_extend_low_i8x16_u: [0xfd, 0x89, 0x01],
  i32x4_extend_low_i16x8_u: [0xfd, 0xa9, 0x01],
  i32x4_shl: [0xfd, 0xab, 0x01],
  i32x4_shr_s: [0xfd, 0xac, 0x01],
  i32x4_shr_u: [0xfd, 0xad, 0x01],
  i32x4_add: [0xfd, 0xae, 0x01],
  i32x4_sub: [0xfd, 0xb1, 0x01],
  i32x4_mul: [0xfd, 0xb5, 0x01],
  i32x4_min_s: [0xfd, 0xb6, 0x01],
  i32x4_min_u: [0xfd, 0xb7, 0x01],
  i32x4_max_s: [0xfd, 0xb8, 0x01],
  i32x4_max_u: [0xfd, 0xb9, 0x01],
  f32x4_ceil: [0xfd, 0x67],
  f32x4_floor: [0xfd, 0x68],
  f32x4_nearest: [0xfd, 0x6a],
  f32x4_abs: [0xfd, 0xe0, 0x01],
  f32x4_neg: [0xfd, 0xe1, 0x01],
  f32x4_sqrt: [0xfd, 0xe3, 0x01],
  f32x4_add: [0xfd, 0xe4, 0x01],
  f32x4_sub: [0xfd, 0xe5, 0x01],
  f32x4_mul: [0xfd, 0xe6, 0x01],
  f32x4_div: [0xfd, 0xe7, 0x01],
  f32x4_pmin: [0xfd, 0xea, 0x01],
  f32x4_pmax: [0xfd, 0xeb, 0x01],
  i32x4_trunc_sat_f32x4_s: [0xfd, 0xf8, 0x01],
  i32x4_trunc_sat_f32x4_u: [0xfd, 0xf9, 0x01],
  f32x4_convert_i32x4_s: [0xfd, 0xfa, 0x01],
  f32x4_convert_i32x4_u: [0xfd, 0xfb, 0x01],
  f32x4_relaxed_madd: [0xfd, 0x85, 0x02],
  i32x4_relaxed_laneselect: [0xfd, 0x8b, 0x02],
} as const;

/** The name of an instruction without immediates. */
export type Instruction = keyof typeof plain;

/** Opcodes with an address: the bytes, and the power of two of the natural alignment. */
const memory = {
  i32_load: [[0x28], 2],
  f32_load: [[0x2a], 2],
  i32_load8_u: [[0x2d], 0],
  i32_load16_u: [[0x2f], 1],
  i32_store: [[0x36], 2],
  f32_store: [[0x38], 2],
  i32_store8: [[0x3a], 0],
  i32_store16: [[0x3b], 1],
  v128_load: [[0xfd, 0x00], 4],
  v128_load32_splat: [[0xfd, 0x09], 2],
  v128_store: [[0xfd, 0x0b], 4],
  v128_load32_zero: [[0xfd, 0x5c], 2],
  v128_load64_zero: [[0xfd, 0x5d], 3],
  v128_load8_lane: [[0xfd, 0x54], 0],
  v128_load32_lane: [[0xfd, 0x56], 2],
  v128_store8_lane: [[0xfd, 0x58], 0],
  v128_store16_lane: [[0xfd, 0x59], 1],
  v128_store32_lane: [[0xfd, 0x5a], 2],
  v128_store64_lane: [[0xfd, 0x5b], 3],
  atomic_notify: [[0xfe, 0x00], 2],
  atomic_wait32: [[0xfe, 0x01], 2],
  i32_atomic_load: [[0xfe, 0x10], 2],
  i32_atomic_store: [[0xfe, 0x17], 2],
  i32_atomic_add: [[0xfe, 0x1e], 2],
} as const;

/** The name of an instruction that takes an address. */
export type MemoryInstruction = keyof typeof memory;

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
    for (const name of names) this.#code.push(...plain[name]);
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
    const [bytes, align] = memory[name];
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

  /** The encoded body. */
  encode(): number[] {
    const locals = this.#locals.flatMap((type) => [1, typeCodes[type]]);
    const body = [...unsignedLeb(this.#locals.length), ...locals, ...this.#first, ...this.#code, 0x0b];
    return [...unsignedLeb(body.length), ...body];
  }

  /** The encoded type. */
  encodeType(): number[] {
    return [0x60, this.#params.length, ...this.#params.map((t) => typeCodes[t]), 0];
  }
}

/** Encodes a module that imports its memory as `m.m` and exports each function under its name. */
export function encodeModule(
  functions: readonly FunctionBuilder[],
  memoryPages: { initial: number; maximum: number; shared: boolean },
): Uint8Array<ArrayBuffer> {
  const text = (s: string) => [...unsignedLeb(s.length), ...new TextEncoder().encode(s)];
  const vector = (items: number[][]) => [...unsignedLeb(items.length), ...items.flat()];
  const section = (id: number, bytes: number[]) => [id, ...unsignedLeb(bytes.length), ...bytes];
  const { initial, maximum, shared } = memoryPages;
  const limits = [shared ? 3 : 1, ...unsignedLeb(initial), ...unsignedLeb(maximum)];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(functions.map((f) => f.encodeType()))),
    ...section(2, vector([[...text("m"), ...text("m"), 0x02, ...limits]])),
    ...section(3, vector(functions.map((_, i) => unsignedLeb(i)))),
    ...section(7, vector(functions.map((f, i) => [...text(f.name), 0x00, ...unsignedLeb(i)]))),
    ...section(10, vector(functions.map((f) => f.encode()))),
  ]);
}
