/**
 * Expressions to WebAssembly, for one element or for four at once. In a vector, one loop (the lane axis) advances by
 * four: what does not depend on it is computed once and spread, loads along it are single vector loads, other loads
 * go lane by lane. Parts that do not change in an inner loop are computed outside of it.
 */
import type { Axis, Expr } from "../../../engine/expression/expr.ts";
import { affineOf } from "../../../engine/expression/index_math.ts";
import { expandMath } from "../../arithmetic/math.ts";
import type { FunctionBuilder, WasmType } from "./assembler.ts";
import { ExprScope, type MemoryMap } from "./expr_scope.ts";
import { farthestFirst, isPlace } from "./instruction_order.ts";
import {
  extremeOf,
  floatBits,
  same,
  scalarCompare,
  scalarInstructions,
  vectorInstructions,
} from "./instructions.ts";
import { MemoryAccess, type Reach } from "./memory_access.ts";
import { hasRelaxedSimd } from "../runtime/relaxed_simd.ts";

/** Writes expressions into a function. */
export class ExprEmitter extends ExprScope {
  readonly #f: FunctionBuilder;
  readonly #access: MemoryAccess;
  /** Whether a lane is at hand that may lie behind the end of its loop, where index ranges do not hold. */
  #isInLanes = false;

  constructor(f: FunctionBuilder, memory: MemoryMap) {
    super(memory);
    this.#f = f;
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
      this.#keepScalar(e);
      this.#f.op("drop");
    }
  }

  /** Computes the lanes of several like expressions so that their instructions alternate. */
  computeInterleaved(roots: readonly Expr[]): void {
    const inLanes = (exprs: readonly Expr[]) =>
      exprs.map(expandMath).filter((e) => e.op !== "const" && this.dependsOnLane(e) && !this.vectors.has(e));
    for (const e of farthestFirst(inLanes(roots), (e) => isPlace(e) ? [] : inLanes(this.parts(e)))) {
      const local = this.#f.local("v128");
      this.#vectorOp(e);
      this.#f.set(local);
      this.vectors.set(e, local);
    }
  }

  #keep(type: WasmType, map: Map<Expr, number>, e: Expr): void {
    const local = this.#f.local(type);
    this.#f.tee(local);
    map.set(e, local);
  }

  #keepScalar(e: Expr): void {
    if (!this.scalars.has(e)) this.#keep(e.type === "f32" ? "f32" : "i32", this.scalars, e);
  }

  /** Pushes the value of one element: the first lane's, where the expression depends on the lane axis. */
  scalar(expr: Expr): void {
    const e = expandMath(expr);
    const local = this.scalars.get(e);
    if (local !== undefined) {
      this.#f.get(local);
      return;
    }
    this.#scalarOp(e);
    if ((this.uses.get(e) ?? 0) > 1 && e.op !== "const" && e.op !== "axis") this.#keepScalar(e);
  }

  #scalarOp(e: Expr): void {
    const f = this.#f;
    const [a, b, c] = e.args;
    switch (e.op) {
      case "const":
        e.type === "f32" ? f.f32(e.value) : f.i32(e.value);
        return;
      case "axis":
        return this.#axis(e.source as Axis);
      case "affine":
        return this.#affine(e);
      case "load":
        return this.#access.loadScalar(e);
      case "isNan":
        this.scalar(a);
        this.scalar(a);
        f.op("f32_ne");
        return;
      case "min":
      case "max": {
        // max(a, b) is a < b ? b : a, and min(a, b) is b < a ? b : a.
        const [x, y] = e.op === "max" ? [a, b] : [b, a];
        this.scalar(b);
        this.scalar(a);
        this.scalar(x);
        this.scalar(y);
        f.op(scalarCompare[a.type].lt, "select");
        return;
      }
      case "mulAdd":
        return this.#scalarMulAdd(a, b, c);
      case "select":
        this.scalar(b);
        this.scalar(c);
        this.scalar(a);
        f.op("select");
        return;
    }
    if (e.type !== "f32") {
      if (e.op === "neg" || e.op === "abs") return this.#integerSign(e);
      if (e.op === "div" || e.op === "rem") return this.#integerQuotient(e);
    }
    e.args.forEach((arg) => this.scalar(arg));
    const instructions = scalarInstructions(e);
    if (!instructions) throw new Error(`Cannot emit ${e.op} of ${e.type}`);
    f.op(...instructions);
  }

  /** Rounded as often as in a vector. */
  #scalarMulAdd(a: Expr, b: Expr, c: Expr): void {
    const f = this.#f;
    const fused = hasRelaxedSimd();
    this.scalar(a);
    if (fused) f.op("f32x4_splat");
    this.scalar(b);
    f.op(fused ? "f32x4_splat" : "f32_mul");
    this.scalar(c);
    if (fused) f.op("f32x4_splat", "f32x4_relaxed_madd").extractLane("f32", 0);
    else f.op("f32_add");
  }

  #integerQuotient(e: Expr): void {
    const [a, b] = e.args;
    const isUnsigned = e.type === "u32" || a.low >= 0 && b.low > 0 && !this.#isInLanes;
    this.scalar(a);
    this.scalar(b);
    if (e.op === "div") this.#f.op(isUnsigned ? "i32_div_u" : "i32_div_s");
    else this.#f.op(isUnsigned ? "i32_rem_u" : "i32_rem_s");
  }

  #integerSign(e: Expr): void {
    const [a] = e.args;
    const f = this.#f;
    f.i32(0);
    this.scalar(a);
    f.op("i32_sub");
    if (e.op === "neg") return;
    this.scalar(a);
    this.scalar(a);
    f.i32(0).op("i32_lt_s", "select");
  }

  #axis(axis: Axis): void {
    const bound = this.axes.get(axis);
    if (!bound) throw new Error(`Cannot emit axis ${axis.name}: it has no loop here`);
    const { local, add } = bound;
    if (local < 0) this.#f.i32(add);
    else {
      this.#f.get(local);
      if (add !== 0) this.#f.i32(add).op("i32_add");
    }
  }

  /** Pushes an affine index. */
  #affine(e: Expr): void {
    const { outer, inner, constant } = this.split(e);
    let count = 0;
    if (outer) {
      this.scalar(outer);
      count++;
    }
    for (const [atom, coefficient] of inner) {
      this.scalar(atom);
      if (coefficient !== 1) {
        const power = Math.log2(coefficient);
        if (Number.isInteger(power)) this.#f.i32(power).op("i32_shl");
        else this.#f.i32(coefficient).op("i32_mul");
      }
      if (count++ > 0) this.#f.op("i32_add");
    }
    if (count === 0) this.#f.i32(0);
    if (constant !== 0) this.#f.i32(constant).op("i32_add");
  }

  /** Pushes the values of four lanes. Truth values are masks of all ones or zeros. */
  vector(expr: Expr): void {
    const e = expandMath(expr);
    const local = this.vectors.get(e);
    if (local !== undefined) {
      this.#f.get(local);
      return;
    }
    if (e.op === "const") {
      this.#f.keptV128(same(e.type === "f32" ? floatBits(e.value) : e.type === "bool" ? -e.value : e.value));
      return;
    }
    if (!this.dependsOnLane(e)) {
      if (e.type === "bool") this.#f.i32(0);
      this.scalar(e);
      if (e.type === "bool") this.#f.op("i32_sub");
      this.#f.op(e.type === "f32" ? "f32x4_splat" : "i32x4_splat");
    } else {
      this.#vectorOp(e);
    }
    if ((this.uses.get(e) ?? 0) > 1) this.#keep("v128", this.vectors, e);
  }

  #vectorOp(e: Expr): void {
    const f = this.#f;
    const [a, b, c] = e.args;
    switch (e.op) {
      case "axis":
        this.#axis(e.source as Axis);
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
      this.#f.op(extreme);
      return;
    }
    this.vector(condition);
    this.#f.op(hasRelaxedSimd() ? "i32x4_relaxed_laneselect" : "v128_bitselect");
  }

  #affineVector(e: Expr): void {
    const coefficient = this.laneCoefficient(e);
    if (coefficient !== undefined) {
      this.scalar(e);
      this.#f.op("i32x4_splat").v128([0, coefficient, 2 * coefficient, 3 * coefficient]).op("i32x4_add");
      return;
    }
    const { terms, constant } = affineOf(e);
    this.#f.v128(same(constant));
    for (const [atom, c] of terms) {
      this.vector(atom);
      if (c !== 1) this.#f.v128(same(c)).op("i32x4_mul");
      this.#f.op("i32x4_add");
    }
  }

  /** Division by a power of two is a shift; there is no vector instruction for others. */
  #integerDivision(e: Expr): void {
    const [a, b] = e.args;
    const power = b.op === "const" ? Math.log2(b.value) : NaN;
    if (Number.isInteger(power) && a.low >= 0) {
      this.vector(a);
      // Signed, as lanes behind the end may be below zero and must not become huge.
      if (e.op === "div") this.#f.i32(power).op(e.type === "u32" ? "i32x4_shr_u" : "i32x4_shr_s");
      else this.#f.v128(same(b.value - 1)).op("v128_and");
      return;
    }
    this.#laneByLane(e);
  }

  /** Takes the lanes of the arguments apart, applies the scalar instruction, and puts the results together. */
  #laneByLane(e: Expr): void {
    const f = this.#f;
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
        this.#isInLanes = true;
        this.#scalarOp(e);
        this.#isInLanes = false;
      });
      f.replaceLane("i32", lane);
    }
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
