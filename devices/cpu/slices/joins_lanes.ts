/** Whether this engine joins lanes: nothing says so but the time that it takes. */
import { encodeModule, FunctionBuilder } from "../codegen/assembler.ts";
import { tileSteps } from "../contraction/tile_steps.ts";
import { LinearMemory } from "../runtime/linear_memory.ts";
import { SliceModules } from "../runtime/slice_modules.ts";
import { SLICE_COLUMNS, type SliceKernel, sliceModule, sliceName, SUM_ROW_BYTES } from "./slice_kernel.ts";

/** Terms by the four, and some that are left over. */
const TERMS = 66;
const KERNEL: SliceKernel = { groups: [1, 1, 1, 1], loops: [{ size: TERMS, step: 1 }] };
const ROWS = KERNEL.groups.length;

/** Tiles of a round: it takes some microseconds, so that hardly any is interrupted. */
const TILES = 50;
/** Engines make code faster once it has run for a while, on another thread: it is given up by then. */
const LONGEST_MS = 400;
/** Code is faster if it takes this share of what it took at first. */
const FASTER = 0.4;
/** So many rounds are looked at, at first and once both are faster. */
const [FIRST_ROUNDS, ROUNDS] = [4, 40];
/** With joined lanes a tile takes less than this share of the time. */
const JOINED = 0.85;

let known: boolean | undefined;

/** Found out once. The sums have to have the same bits, too. */
export function joinsLanes(): boolean {
  return known ??= findOut();
}

function findOut(): boolean {
  // Some engines know of one memory only.
  if (!WebAssembly.validate(sliceModule(KERNEL, false))) return false;
  const memory = new LinearMemory(false);
  const places = placesIn(memory);
  const imports = new SliceModules(memory).importsOf([KERNEL]);
  const module = new WebAssembly.Module(bothWays(memory, places));
  const { joined, plain } = new WebAssembly.Instance(module, imports).exports as Record<
    string,
    (times: number) => void
  >;
  const ways = [joined, plain].map((run) => new Timing(run));
  const end = performance.now() + LONGEST_MS;
  for (let rounds = 0; rounds < ROUNDS && performance.now() < end;) {
    ways.forEach((way) => way.round());
    if (ways.every((way) => way.isFaster)) rounds++;
  }
  const [a, b] = ways.map((way) => way.least);
  return ways.every((way) => way.isFaster) && a < JOINED * b && sameBits(memory, places);
}

/** The least time of a round, at first and ever. */
class Timing {
  least = Infinity;
  #rounds = 0;
  #atFirst = Infinity;
  constructor(readonly run: (times: number) => void) {}

  round(): void {
    const begin = performance.now();
    this.run(TILES);
    const time = performance.now() - begin;
    this.least = Math.min(this.least, time);
    if (this.#rounds++ < FIRST_ROUNDS) this.#atFirst = this.least;
  }

  get isFaster(): boolean {
    return this.least < FASTER * this.#atFirst;
  }
}

interface Places {
  readonly left: number;
  readonly right: number;
  readonly joined: number;
  readonly plain: number;
}

/** Operands of many sizes, and where the sums of both go. */
function placesIn(memory: LinearMemory): Places {
  const sums = ROWS * SUM_ROW_BYTES;
  const [leftBytes, rightBytes] = [ROWS * TERMS * 4, TERMS * SUM_ROW_BYTES];
  const places = {
    left: memory.allocate(leftBytes),
    right: memory.allocate(rightBytes),
    joined: memory.allocate(sums),
    plain: memory.allocate(sums),
  };
  let word = 1;
  const fill = (address: number, bytes: number) => {
    const numbers = new Float32Array(memory.memory.buffer, address, bytes / 4);
    for (let i = 0; i < numbers.length; i++) {
      word = Math.imul(word, 1664525) + 1013904223 | 0;
      numbers[i] = word * 2 ** (word >>> 28) / 2 ** 40;
    }
  };
  fill(places.left, leftBytes);
  fill(places.right, rightBytes);
  return places;
}

/** Functions `joined` and `plain`, which compute the same sums so many times. */
function bothWays(memory: LinearMemory, { left, right, joined, plain }: Places): Uint8Array<ArrayBuffer> {
  const [fill, first] = [0, 1];
  const module = sliceName(KERNEL);
  const imports = [
    { module, name: "fill", params: 1 },
    { module, name: "first", params: 1 + ROWS },
  ];
  const rowBytes = TERMS * 4;
  const times = 0;
  const repeated = (name: string, body: (f: FunctionBuilder) => void) => {
    const f = new FunctionBuilder(name, ["i32"]);
    if (name === "joined") f.i32(right).call(fill);
    f.doWhile(() => {
      body(f);
      f.get(times).i32(1).op("i32_sub").tee(times);
    });
    return f.encode();
  };
  const functions = [
    repeated("joined", (f) => {
      f.i32(joined);
      KERNEL.groups.forEach((_, row) => f.i32(left + row * rowBytes));
      f.call(first);
    }),
    repeated("plain", (f) => {
      const [at, panel] = [f.local("i32"), f.local("i32")];
      for (let column = 0; column < SLICE_COLUMNS; column += 8) {
        const sums = KERNEL.groups.map(() => [f.local("v128"), f.local("v128")]);
        sums.flat().forEach((local) => f.v128([0, 0, 0, 0]).set(local));
        f.i32(left).set(at).i32(right + 4 * column).set(panel);
        const offsets = KERNEL.groups.map((_, row) => row * TERMS);
        tileSteps(f, sums, offsets, panel, SLICE_COLUMNS).write(at, TERMS, 1);
        const to = plain + 4 * column;
        sums.forEach((row, r) =>
          row.forEach((local, v) => f.i32(0).get(local).memory("v128_store", to + r * SUM_ROW_BYTES + 16 * v))
        );
      }
    }),
  ];
  return encodeModule(functions, { initial: memory.pages, maximum: 65536, shared: false }, { imports });
}

function sameBits(memory: LinearMemory, { joined, plain }: Places): boolean {
  const words = (address: number) => new Int32Array(memory.memory.buffer, address, ROWS * SLICE_COLUMNS);
  const expected = words(plain);
  return words(joined).every((word, i) => word === expected[i]) && expected.some((word) => word !== 0);
}
