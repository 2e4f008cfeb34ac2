/**
 * Expressions to WebAssembly, for one element or for four at once. In a vector, one loop (the lane axis) advances by
 * four: what does not depend on it is computed once and spread, loads along it are single vector loads, other loads
 * go lane by lane. Parts that do not change in an inner loop are computed outside of it.
 */
import type { Axis, Expr } from "../../../engine/expression/expr.ts";
import { affineOf } from "../../../engine/expression/index_math.ts";
import { expandMath } from "../../arithmetic/math.ts";
import type { FunctionBuilder } from "./assembler.ts";
import { floatBits } from "./byte_writer.ts";
import { ScalarEmitter } from "./emit_scalars.ts";
import type { MemoryMap } from "./expr_scope.ts";
import { farthestFirst, isPlace } from "./instruction_order.ts";
import { extremeOf, same, vectorInstructions } from "./instructions.ts";
import { MemoryAccess, type Reach } from "./memory_access.ts";
import { hasRelaxedSimd } from "../runtime/relaxed_simd.ts";

/** Writes expressions into a function. */
export class ExprEmitter extends ScalarEmitter {
  readonly #access: MemoryAccess;

  constructor(f: FunctionBuilder, memory: MemoryMap) {
    super(f, memory);
    this.#access = new MemoryAccess(f, memory, {
      place: (source, flat) => this.place(source, flat),
      step: (flat) => this.laneCoefficient(flat),
      scalar: (e) => this.scalar(e),
      vector: (e) => this.vector(e),
    });
    for (const [axis, global] of memory.counters ?? []) {
      const local = f.local("i32");
      f.getGlobal(global).set(local);
      this.bindAxis(axis, local, 0);
    }
  }

  /** The addresses that the code so far may touch. */
  get reach(): Reach {
    return this.#access.reach;
  }

  /** Computes what the loops inside of this depth need and that does not change in them. */
  hoist(depth: number): void {
    for (const e of this.hoists.get(depth) ?? []) {
      if (e.op === "const" || e.op === "axis" || this.scalars.has(e)) continue;
      if (this.dependsOnLane(e) && e.op !== "affine") continue;
      this.scalar(e);
      this.keepScalar(e);
      this.f.op("drop");
    }
  }

  /** Computes the lanes of several like expressions so that their instructions alternate. */
  computeInterleaved(roots: readonly Expr[]): void {
    const inLanes = (exprs: readonly Expr[]) =>
      exprs.map(expandMath).filter((e) => e.op !== "const" && this.dependsOnLane(e) && !this.vectors.has(e));
    for (const e of farthestFirst(inLanes(roots), (e) => isPlace(e) ? [] : inLanes(this.parts(e)))) {
      const local = this.f.local("v128");
      this.#vectorOp(e);
      this.f.set(local);
      this.vectors.set(e, local);
    }
  }

  /** Pushes the values of four lanes. Truth values are masks of all ones or zeros. */
  vector(expr: Expr): void {
    const e = expandMath(expr);
    const local = this.vectors.get(e);
    if (local !== undefined) {
      this.f.get(local);
      return;
    }
    if (e.op === "const") {
      this.f.keptV128(same(e.type === "f32" ? floatBits(e.value) : e.type === "bool" ? -e.value : e.value));
      return;
    }
    if (!this.dependsOnLane(e)) {
      if (e.type === "bool") this.f.i32(0);
      this.scalar(e);
      if (e.type === "bool") this.f.op("i32_sub");
      this.f.op(e.type === "f32" ? "f32x4_splat" : "i32x4_splat");
    } else {
      this.#vectorOp(e);
    }
    if ((this.uses.get(e) ?? 0) > 1) this.keep("v128", this.vectors, e);
  }

  #vectorOp(e: Expr): void {
    const f = this.f;
    const [a, b, c] = e.args;
    switch (e.op) {
      case "axis":
        this.axis(e.source as Axis);
        f.op("i32x4_splat").v128([0, 1, 2, 3]).op("i32x4_add");
        return;
      case "affine":
        return this.#affineVector(e);
      case "load":
        return this.#access.loadVector(e);
      case "isNan":
        this.vector(a);
        this.vector(a);
        f.op("f32x4_ne");
        return;
      case "shl":
      case "shr":
        this.vector(a);
        f.i32(b.value).op(e.op === "shl" ? "i32x4_shl" : e.type === "u32" ? "i32x4_shr_u" : "i32x4_shr_s");
        return;
      case "mulAdd":
        this.vector(a);
        this.vector(b);
        if (!hasRelaxedSimd()) f.op("f32x4_mul");
        this.vector(c);
        f.op(hasRelaxedSimd() ? "f32x4_relaxed_madd" : "f32x4_add");
        return;
      case "select":
        return this.#selectVector(e);
    }
    if (e.type !== "f32") {
      if (e.op === "neg" || e.op === "abs") return this.#laneByLane(e);
      if (e.op === "div" || e.op === "rem") return this.#integerDivision(e);
    }
    e.args.forEach((arg) => this.vector(arg));
    const instructions = vectorInstructions(e);
    if (!instructions) throw new Error(`Cannot emit ${e.op} of ${e.type}`);
    f.op(...instructions);
  }

  #selectVector(e: Expr): void {
    const [condition, yes, no] = e.args;
    const extreme = extremeOf(e);
    this.vector(extreme ? no : yes);
    this.vector(extreme ? yes : no);
    if (extreme) {
      this.f.op(extreme);
      return;
    }
    this.vector(condition);
    this.f.op(hasRelaxedSimd() ? "i32x4_relaxed_laneselect" : "v128_bitselect");
  }

  #affineVector(e: Expr): void {
    const coefficient = this.laneCoefficient(e);
    if (coefficient !== undefined) {
      this.scalar(e);
      this.f.op("i32x4_splat").v128([0, coefficient, 2 * coefficient, 3 * coefficient]).op("i32x4_add");
      return;
    }
    const { terms, constant } = affineOf(e);
    this.f.v128(same(constant));
    for (const [atom, c] of terms) {
      this.vector(atom);
      if (c !== 1) this.f.v128(same(c)).op("i32x4_mul");
      this.f.op("i32x4_add");
    }
  }

  /** Division by a power of two is a shift; there is no vector instruction for others. */
  #integerDivision(e: Expr): void {
    const [a, b] = e.args;
    const power = b.op === "const" ? Math.log2(b.value) : NaN;
    if (Number.isInteger(power) && a.low >= 0) {
      this.vector(a);
      // Signed, as lanes behind the end may be below zero and must not become huge.
      if (e.op === "div") this.f.i32(power).op(e.type === "u32" ? "i32x4_shr_u" : "i32x4_shr_s");
      else this.f.v128(same(b.value - 1)).op("v128_and");
      return;
    }
    this.#laneByLane(e);
  }

  /** Takes the lanes of the arguments apart, applies the scalar instruction, and puts the results together. */
  #laneByLane(e: Expr): void {
    const f = this.f;
    const args = e.args.map((arg) => {
      const local = f.local("v128");
      this.vector(arg);
      f.set(local);
      return { arg, local, word: f.local("i32") };
    });
    f.v128(same(0));
    for (let lane = 0; lane < 4; lane++) {
      this.scope(() => {
        for (const { arg, local, word } of args) {
          f.get(local).extractLane("i32", lane).set(word);
          this.scalars.set(expandMath(arg), word);
        }
        this.isInLanes = true;
        this.scalarOp(e);
        this.isInLanes = false;
      });
      f.replaceLane("i32", lane);
    }
  }

  protected override loadScalar(e: Expr): void {
    this.#access.loadScalar(e);
  }

  /** Stores a scalar that is in a local. */
  storeScalar(target: unknown, flat: Expr, local: number): void {
    this.#access.storeScalar(target, flat, local);
  }

  /** Stores the first `lanes` words of a vector that is in a local. */
  storeVector(target: unknown, flat: Expr, local: number, lanes = 4): void {
    this.#access.storeVector(target, flat, local, lanes);
  }
}
