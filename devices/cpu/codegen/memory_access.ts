/** Loads and stores, of one element or of four lanes; and the addresses that they may touch. */
import { bytesPerElement } from "../../../engine/array.ts";
import type { Expr } from "../../../engine/expression/expr.ts";
import type { FunctionBuilder } from "./assembler.ts";
import type { MemoryMap } from "./expr_scope.ts";
import { same } from "./instructions.ts";

/** The range of addresses that emitted code may read, valid data or not. */
export interface Reach {
  low: number;
  high: number;
}

/** What is asked of expressions. */
interface Indices {
  /** The address of an element as a changing part and a constant part. */
  place(source: unknown, flat: Expr): { variable: Expr; offset: number };
  /** How an index moves from lane to lane; `undefined` where it is not by a constant. */
  step(flat: Expr): number | undefined;
  /** Pushes the value of the first lane. */
  scalar(e: Expr): void;
  /** Pushes the values of four lanes. */
  vector(e: Expr): void;
}

/** Writes loads and stores into a function. */
export class MemoryAccess {
  readonly reach: Reach = { low: Infinity, high: 0 };
  readonly #f: FunctionBuilder;
  readonly #memory: MemoryMap;
  readonly #indices: Indices;

  constructor(f: FunctionBuilder, memory: MemoryMap, indices: Indices) {
    this.#f = f;
    this.#memory = memory;
    this.#indices = indices;
  }

  /** Pushes the changing part of an address and gives the constant part. */
  #address(source: unknown, flat: Expr): number {
    const bytes = bytesPerElement(this.#memory.dtype(source));
    const base = this.#memory.address(source);
    const laneStep = Math.abs(this.#indices.step(flat) ?? 0);
    this.reach.low = Math.min(this.reach.low, base + flat.low * bytes);
    this.reach.high = Math.max(this.reach.high, base + (flat.high + 8 * laneStep + 8) * bytes);
    const { variable, offset } = this.#indices.place(source, flat);
    this.#indices.scalar(variable);
    return offset;
  }

  /** Pushes the element that is loaded, for the first lane. */
  loadScalar(e: Expr): void {
    const offset = this.#address(e.source, e.args[0]);
    const bytes = bytesPerElement(this.#memory.dtype(e.source));
    const whole = e.type === "f32" ? "f32_load" : "i32_load";
    this.#f.memory(bytes === 4 ? whole : bytes === 2 ? "i32_load16_u" : "i32_load8_u", offset);
  }

  /** Pushes the elements that four lanes load. */
  loadVector(e: Expr): void {
    const f = this.#f;
    const flat = e.args[0];
    const step = this.#indices.step(flat);
    const bytes = bytesPerElement(this.#memory.dtype(e.source));
    if (step === 1) {
      const offset = this.#address(e.source, flat);
      if (bytes === 4) f.memory("v128_load", offset);
      else if (bytes === 2) f.memory("v128_load64_zero", offset).op("i32x4_extend_low_i16x8_u");
      else f.memory("v128_load32_zero", offset).op("i16x8_extend_low_i8x16_u", "i32x4_extend_low_i16x8_u");
    } else if (step !== undefined) {
      const start = f.local("i32");
      const offset = this.#address(e.source, flat);
      f.set(start);
      this.#gather(bytes, (lane) => {
        f.get(start);
        // A negative step may lead below the constant part.
        const at = offset + lane * step * bytes;
        if (at < 0) f.i32(at).op("i32_add");
        return Math.max(0, at);
      });
    } else {
      const index = f.local("v128");
      this.#indices.vector(flat);
      f.set(index);
      const base = this.#memory.address(e.source);
      this.reach.low = Math.min(this.reach.low, base + flat.low * bytes);
      this.reach.high = Math.max(this.reach.high, base + (Math.min(flat.high, 2 ** 28) + 8) * bytes);
      this.#gather(bytes, (lane) => {
        f.get(index).extractLane("i32", lane);
        if (bytes > 1) f.i32(bytes === 4 ? 2 : 1).op("i32_shl");
        // Not as the constant part: lanes behind the end may give an index below zero.
        f.i32(base).op("i32_add");
        return 0;
      });
    }
    if (e.type === "bool") f.v128(same(0)).op("i32x4_ne");
  }

  #gather(bytes: number, pushAddress: (lane: number) => number): void {
    const f = this.#f;
    if (bytes === 4) {
      const result = f.local("v128");
      const first = pushAddress(0);
      f.memory("v128_load32_zero", first).set(result);
      for (let lane = 1; lane < 4; lane++) {
        const offset = pushAddress(lane);
        f.get(result).memory("v128_load32_lane", offset, lane).set(result);
      }
      f.get(result);
    } else {
      f.v128(same(0));
      for (let lane = 0; lane < 4; lane++) {
        const offset = pushAddress(lane);
        f.memory(bytes === 2 ? "i32_load16_u" : "i32_load8_u", offset).replaceLane("i32", lane);
      }
    }
  }

  /** Stores a scalar that is in a local. */
  storeScalar(target: unknown, flat: Expr, local: number): void {
    const offset = this.#address(target, flat);
    const dtype = this.#memory.dtype(target);
    const bytes = bytesPerElement(dtype);
    const whole = dtype === "float32" ? "f32_store" : "i32_store";
    this.#f.get(local).memory(bytes === 4 ? whole : bytes === 2 ? "i32_store16" : "i32_store8", offset);
  }

  /** Stores the first `lanes` words of a vector that is in a local. */
  storeVector(target: unknown, flat: Expr, local: number, lanes = 4): void {
    const f = this.#f;
    const step = this.#indices.step(flat);
    if (step === undefined) throw new Error("Cannot store along this axis: the places are not evenly spaced");
    const dtype = this.#memory.dtype(target);
    const bytes = bytesPerElement(dtype);
    const offset = this.#address(target, flat);
    if (bytes === 1) {
      f.get(local);
      if (dtype === "bool") f.v128(same(1)).op("v128_and");
      f.get(local).op("i16x8_narrow_i32x4_s");
      const narrow = f.local("v128");
      f.get(local).op("i8x16_narrow_i16x8_u").set(narrow);
      this.#storeLanes(narrow, offset, step, lanes, bytes);
    } else if (bytes === 2) {
      const narrow = f.local("v128");
      f.get(local).get(local).op("i16x8_narrow_i32x4_u").set(narrow);
      this.#storeLanes(narrow, offset, step, lanes, bytes);
    } else if (step === 1 && lanes === 4) {
      f.get(local).memory("v128_store", offset);
    } else {
      this.#storeLanes(local, offset, step, lanes, bytes);
    }
  }

  /** Stores elements one by one (four neighbouring short ones at once); the address is on the stack. */
  #storeLanes(local: number, offset: number, step: number, lanes: number, bytes: number): void {
    const f = this.#f;
    const start = f.local("i32");
    f.set(start);
    if (bytes < 4 && step === 1 && lanes === 4) {
      f.get(start).get(local).memory(bytes === 2 ? "v128_store64_lane" : "v128_store32_lane", offset, 0);
      return;
    }
    const store = bytes === 4 ? "v128_store32_lane" : bytes === 2 ? "v128_store16_lane" : "v128_store8_lane";
    for (let lane = 0; lane < lanes; lane++) {
      f.get(start).get(local);
      f.memory(store, offset + lane * step * bytes, lane);
    }
  }
}
