/** Expressions to WebAssembly, for one element. */
import type { Axis, Expr } from "../../../engine/expression/expr.ts";
import { expandMath } from "../../arithmetic/math.ts";
import type { FunctionBuilder, WasmType } from "./assembler.ts";
import { ExprScope, type MemoryMap } from "./expr_scope.ts";
import { scalarCompare, scalarInstructions } from "./instructions.ts";
import { hasRelaxedSimd } from "../runtime/relaxed_simd.ts";

/** Writes expressions for one element into a function. */
export abstract class ScalarEmitter extends ExprScope {
  protected readonly f: FunctionBuilder;
  /** Whether a lane is at hand that may lie behind the end of its loop, where index ranges do not hold. */
  protected isInLanes = false;

  constructor(f: FunctionBuilder, memory: MemoryMap) {
    super(memory);
    this.f = f;
  }

  /** Pushes an element that is loaded. */
  protected abstract loadScalar(e: Expr): void;

  /** Keeps the top of the stack for when the expression is needed again. */
  protected keep(type: WasmType, map: Map<Expr, number>, e: Expr): void {
    const local = this.f.local(type);
    this.f.tee(local);
    map.set(e, local);
  }

  protected keepScalar(e: Expr): void {
    if (!this.scalars.has(e)) this.keep(e.type === "f32" ? "f32" : "i32", this.scalars, e);
  }

  /** Pushes the value of one element: the first lane's, where the expression depends on the lane axis. */
  scalar(expr: Expr): void {
    const e = expandMath(expr);
    const local = this.scalars.get(e);
    if (local !== undefined) {
      this.f.get(local);
      return;
    }
    this.scalarOp(e);
    if ((this.uses.get(e) ?? 0) > 1 && e.op !== "const" && e.op !== "axis") this.keepScalar(e);
  }

  /** Pushes the value, whether or not it is at hand. */
  protected scalarOp(e: Expr): void {
    const f = this.f;
    const [a, b, c] = e.args;
    switch (e.op) {
      case "const":
        e.type === "f32" ? f.f32(e.value) : f.i32(e.value);
        return;
      case "axis":
        return this.axis(e.source as Axis);
      case "affine":
        return this.#affine(e);
      case "load":
        return this.loadScalar(e);
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
    const f = this.f;
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
    const isUnsigned = e.type === "u32" || a.low >= 0 && b.low > 0 && !this.isInLanes;
    this.scalar(a);
    this.scalar(b);
    if (e.op === "div") this.f.op(isUnsigned ? "i32_div_u" : "i32_div_s");
    else this.f.op(isUnsigned ? "i32_rem_u" : "i32_rem_s");
  }

  #integerSign(e: Expr): void {
    const [a] = e.args;
    const f = this.f;
    f.i32(0);
    this.scalar(a);
    f.op("i32_sub");
    if (e.op === "neg") return;
    this.scalar(a);
    this.scalar(a);
    f.i32(0).op("i32_lt_s", "select");
  }

  /** Pushes the index of a loop. */
  protected axis(axis: Axis): void {
    const bound = this.axes.get(axis);
    if (!bound) throw new Error(`Cannot emit axis ${axis.name}: it has no loop here`);
    const { local, add } = bound;
    if (local < 0) this.f.i32(add);
    else {
      this.f.get(local);
      if (add !== 0) this.f.i32(add).op("i32_add");
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
        if (Number.isInteger(power)) this.f.i32(power).op("i32_shl");
        else this.f.i32(coefficient).op("i32_mul");
      }
      if (count++ > 0) this.f.op("i32_add");
    }
    if (count === 0) this.f.i32(0);
    if (constant !== 0) this.f.i32(constant).op("i32_add");
  }
}
