/**
 * Functions for tiles of sixteen columns, written so that an engine can join their lanes.
 *
 * V8 joins two neighbouring operations of 128 bits to one of 256 if it is told to (`--experimental-wasm-revectorize`) and the
 * machine has AVX2. It begins at two stores side by side, and gets no further than two loads with a bounds check between them.
 * Deno's engine checks each address that it does not know while it compiles. So what has to be joined lies at constant
 * addresses: a slice of the right side, some terms of a panel, and the sums of one tile. Only then all terms are written out.
 *
 * Threads must not meet there. So each has a memory of its own for this, which is the first one of these modules, as no other
 * has a base that the engine knows to be the same in all accesses. The memory that all share is the second one.
 */
import { type EncodedFunction, encodeModule, FunctionBuilder } from "../codegen/assembler.ts";
import { hasRelaxedSimd } from "../runtime/relaxed_simd.ts";

/** Columns of a panel. */
export const SLICE_COLUMNS = 16;
/** Terms of a slice, at most: more would be more code than the processor's first cache holds. */
export const MOST_TERMS = 128;
/** Bytes of a row of a tile's sums. */
export const SUM_ROW_BYTES = 4 * SLICE_COLUMNS;
/** Pages of the memory that a thread has for itself. */
export const OWN_PAGES = 1;
/** Pages of the shared memory that are always there. */
const SHARED_PAGES = 256;

/** Where the slice and the sums are in a thread's own memory. */
const SLICE = 0;
const SUMS = MOST_TERMS * SLICE_COLUMNS * 4;

const VECTORS = SLICE_COLUMNS / 4;

/** A kind of such functions. */
export interface SliceKernel {
  /** The rows of a tile: groups of four that lie side by side, and single ones. */
  readonly groups: readonly (1 | 4)[];
  /** The loops over its terms, outermost first: how many rounds, and by how many elements the left side moves. */
  readonly loops: readonly { readonly size: number; readonly step: number }[];
}

/** Terms of the slice. */
export const termsOf = ({ loops }: Pick<SliceKernel, "loops">): number =>
  loops.reduce((terms, { size }) => terms * size, 1);

/**
 * What a module exports. `fill(from)` copies the slice, from terms one after another; `fillRows(from, bytes)` from terms that
 * are so many bytes apart. `first(sums, ...groups)` multiplies the rows of groups at some addresses with the slice and stores
 * the sums; `next` adds them to those that are there.
 */
export const sliceFunctions = ["fill", "fillRows", "first", "next"] as const;

/** One of them. */
export type SliceFunction = (typeof sliceFunctions)[number];

/** How many addresses and numbers a function is given. */
export function sliceParams({ groups }: SliceKernel, name: SliceFunction): number {
  return name === "fill" ? 1 : name === "fillRows" ? 2 : 1 + groups.length;
}

/** A name for a kind, which is also that of the module. */
export const sliceName = ({ groups, loops }: SliceKernel): string =>
  `${groups.join("+")} rows, ${loops.map(({ size, step }) => `${size} by ${step}`).join(", ")}`;

/** The module of a kind. It imports a thread's own memory as `m.own`, and the one that all share as `m.m`. */
export function sliceModule(kernel: SliceKernel, isShared: boolean): Uint8Array<ArrayBuffer> {
  const functions = [fill(kernel), fillRows(kernel), multiply("first", kernel), multiply("next", kernel)];
  return encodeModule(functions, { initial: SHARED_PAGES, maximum: 65536, shared: isShared }, {
    ownPages: OWN_PAGES,
  });
}

function fill(kernel: SliceKernel): EncodedFunction {
  const f = new FunctionBuilder("fill", ["i32"]);
  return f.i32(SLICE).get(0).i32(termsOf(kernel) * SUM_ROW_BYTES).copyFromShared().encode();
}

function fillRows(kernel: SliceKernel): EncodedFunction {
  const f = new FunctionBuilder("fillRows", ["i32", "i32"]);
  const [from, bytes] = [0, 1];
  const to = f.local("i32");
  f.i32(SLICE).set(to);
  f.countTo(to, () => f.i32(SLICE + termsOf(kernel) * SUM_ROW_BYTES), SUM_ROW_BYTES, () => {
    for (let at = 0; at < SUM_ROW_BYTES; at += 16) {
      f.get(to).get(from).sharedMemory("v128_load", at).memory("v128_store", at);
    }
    f.get(from).get(bytes).op("i32_add").set(from);
  });
  return f.encode();
}

/** How far the left side has moved at each term, in elements. */
const placesOf = ({ loops }: Pick<SliceKernel, "loops">): number[] =>
  loops.reduce<number[]>(
    (places, { size, step }) => places.flatMap((p) => Array.from({ length: size }, (_, i) => p + i * step)),
    [0],
  );

/** The lowest of these: the addresses of groups are those of what lies there. */
export const lowestPlace = (kernel: Pick<SliceKernel, "loops">): number => Math.min(...placesOf(kernel));

function multiply(name: "first" | "next", kernel: SliceKernel): EncodedFunction {
  const { groups, loops } = kernel;
  const f = new FunctionBuilder(name, ["i32", ...groups.map(() => "i32" as const)]);
  const target = 0;
  const rows = groups.flatMap((rows, g) => Array.from({ length: rows }, (_, lane) => ({ g, rows, lane })));
  const sums = rows.map(() => Array.from({ length: VECTORS }, () => f.local("v128")));
  const eachSum = (act: (local: number, at: number) => void) =>
    sums.forEach((row, r) => row.forEach((local, v) => act(local, r * SUM_ROW_BYTES + v * 16)));
  if (name === "first") eachSum((local) => f.v128([0, 0, 0, 0]).set(local));
  else {
    eachSum((_, at) => f.i32(0).get(target).sharedMemory("v128_load", at).memory("v128_store", SUMS + at));
    eachSum((local, at) => f.i32(0).memory("v128_load", SUMS + at).set(local));
  }

  const vectors = Array.from({ length: VECTORS }, () => f.local("v128"));
  const loaded = groups.map(() => f.local("v128"));
  const spread = f.local("v128");
  const fused = hasRelaxedSimd();
  const isFour = (g: number) => groups[g] === 4;
  const inner = loops.at(-1)!;
  /** Four terms of a row are loaded at once where they lie side by side. */
  const inQuads = inner.step === 1 && !groups.some((rows) => rows === 4) ? inner.size - inner.size % 4 : 0;
  const lowest = lowestPlace(kernel);
  placesOf(kernel).forEach((place, term) => {
    const load = (g: number, instruction: "v128_load" | "v128_load32_splat") =>
      f.get(1 + g).sharedMemory(instruction, (place - lowest) * 4);
    const quad = term % inner.size < inQuads ? term % inner.size % 4 : undefined;
    groups.forEach((_, g) => (quad === 0 || isFour(g)) && load(g, "v128_load").set(loaded[g]));
    vectors.forEach((local, v) =>
      f.i32(0).memory("v128_load", SLICE + term * SUM_ROW_BYTES + v * 16).set(local)
    );
    rows.forEach(({ g, lane }, r) => {
      if (quad !== undefined) f.spreadLane(loaded[g], quad);
      else if (isFour(g)) f.spreadLane(loaded[g], lane);
      else load(g, "v128_load32_splat");
      f.set(spread);
      sums[r].forEach((sum, v) => {
        if (fused) f.get(spread).get(vectors[v]).get(sum).op("f32x4_relaxed_madd").set(sum);
        else f.get(spread).get(vectors[v]).op("f32x4_mul").get(sum).op("f32x4_add").set(sum);
      });
    });
  });
  eachSum((local, at) => f.i32(0).get(local).memory("v128_store", SUMS + at));
  eachSum((_, at) => f.get(target).i32(0).memory("v128_load", SUMS + at).sharedMemory("v128_store", at));
  return f.encode();
}
