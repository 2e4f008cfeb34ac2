/**
 * Expressions to WebAssembly, for one element or for four at once. In a vector, one loop (the lane axis) advances by
 * four: what does not depend on it is computed once and spread, loads along it are single vector loads, other loads
 * go lane by lane. Parts that do not change in an inner loop are computed outside of it.
 */
import { type Axis, type Expr, visit } from "../../engine/expr.ts";
import { affineOf, indexSum } from "../../engine/index_math.ts";
import { bytesPerElement, type DType } from "../../engine/array.ts";
import type { FunctionBuilder, Instruction, WasmType } from "./assembler.ts";
import { expandMath } from "../math.ts";
import { farthestFirst, isPlace } from "./instruction_order.ts";
import { hasRelaxedSimd } from "./relaxed_simd.ts";

/** Where the emitter finds stored tensors. */
export interface MemoryMap {
  /** The address of a tensor's first byte. */
  address(source: unknown): number;
  dtype(source: unknown): DType;
}

/** The range of addresses that emitted code may read, valid data or not. */
export interface Reach {
  low: number;
  high: number;
}

type Words = [number, number, number, number];
const same = (word: number): Words => [word, word, word, word];
const floatBits = (value: number) => new Int32Array(new Float32Array([value]).buffer)[0];

const scalarBinary: Record<string, Record<string, Instruction>> = {
  f32: { add: "f32_add", sub: "f32_sub", mul: "f32_mul", div: "f32_div" },
  i32: { add: "i32_add", sub: "i32_sub", mul: "i32_mul", and: "i32_and", or: "i32_or", xor: "i32_xor" },
};
const vectorBinary: Record<string, Record<string, Instruction>> = {
  f32: {
    add: "f32x4_add",
    sub: "f32x4_sub",
    mul: "f32x4_mul",
    div: "f32x4_div",
    min: "f32x4_pmin",
    max: "f32x4_pmax",
  },
  i32: { min: "i32x4_min_s", max: "i32x4_max_s" },
  u32: { min: "i32x4_min_u", max: "i32x4_max_u" },
  int: {
    add: "i32x4_add",
    sub: "i32x4_sub",
    mul: "i32x4_mul",
    and: "v128_and",
    or: "v128_or",
    xor: "v128_xor",
  },
};
const scalarCompare: Record<string, Record<string, Instruction>> = {
  f32: { eq: "f32_eq", ne: "f32_ne", lt: "f32_lt", le: "f32_le" },
  i32: { eq: "i32_eq", ne: "i32_ne", lt: "i32_lt_s", le: "i32_le_s" },
  u32: { eq: "i32_eq", ne: "i32_ne", lt: "i32_lt_u", le: "i32_le_u" },
  bool: { eq: "i32_eq", ne: "i32_ne" },
};
const vectorCompare: Record<string, Record<string, Instruction>> = {
  f32: { eq: "f32x4_eq", ne: "f32x4_ne", lt: "f32x4_lt", le: "f32x4_le" },
  i32: { eq: "i32x4_eq", ne: "i32x4_ne", lt: "i32x4_lt_s", le: "i32x4_le_s" },
  u32: { eq: "i32x4_eq", ne: "i32x4_ne", lt: "i32x4_lt_u", le: "i32x4_le_u" },
  bool: { eq: "i32x4_eq", ne: "i32x4_ne" },
};
const floatUnary: Record<string, [Instruction, Instruction]> = {
  neg: ["f32_neg", "f32x4_neg"],
  abs: ["f32_abs", "f32x4_abs"],
  sqrt: ["f32_sqrt", "f32x4_sqrt"],
  floor: ["f32_floor", "f32x4_floor"],
  ceil: ["f32_ceil", "f32x4_ceil"],
  round: ["f32_nearest", "f32x4_nearest"],
};

/** The instruction for a choice of the larger or the smaller of what is compared. */
function extremeOf({ type, args: [condition, yes, no] }: Expr): Instruction | undefined {
  if (condition.op !== "lt" || type !== "f32") return undefined;
  const [low, high] = condition.args;
  if (yes === low && no === high) return "f32x4_pmin";
  return yes === high && no === low ? "f32x4_pmax" : undefined;
}

/** Writes expressions into a function. */
export class ExprEmitter {
  readonly reach: Reach = { low: Infinity, high: 0 };
  readonly #f: FunctionBuilder;
  readonly #memory: MemoryMap;
  /** Loops from the outside in, and where their indices are. */
  readonly #axes = new Map<unknown, { local: number; add: number; depth: number }>();
  #lane: Axis | undefined;
  readonly #laneDependent = new Map<Expr, boolean>();
  readonly #depths = new Map<Expr, number>();
  readonly #uses = new Map<Expr, number>();
  readonly #hoists = new Map<number, Set<Expr>>();
  /** Whether a lane is at hand that may lie behind the end of its loop, where index ranges do not hold. */
  #isInLanes = false;
  #scalars = new Map<Expr, number>();
  #vectors = new Map<Expr, number>();

  constructor(f: FunctionBuilder, memory: MemoryMap) {
    this.#f = f;
    this.#memory = memory;
  }

  /** Says in which local a loop's index is, and how deep the loop is (0 is outside of all). */
  bindAxis(axis: Axis, local: number, depth: number, add = 0): void {
    this.#axes.set(axis, { local, add, depth });
  }

  /** Makes a loop the lane axis: its local then holds the index of the first lane. */
  setLane(axis: Axis | undefined): void {
    this.#lane = axis;
    this.#laneDependent.clear();
  }

  /** Gives a value that the loops compute themselves: the dot, an accumulator. Only valid in the current scope. */
  bindValue(expr: Expr, local: number, isVector: boolean): void {
    (isVector ? this.#vectors : this.#scalars).set(expr, local);
    this.#laneDependent.clear();
  }

  /** Code in which values are remembered; they are forgotten behind it. */
  scope(body: () => void): void {
    const [scalars, vectors] = [this.#scalars, this.#vectors];
    this.#scalars = new Map(scalars);
    this.#vectors = new Map(vectors);
    body();
    [this.#scalars, this.#vectors] = [scalars, vectors];
    this.#laneDependent.clear();
  }

  /** Looks through the expressions that are to come, to know what is used twice and what can be hoisted. */
  prepare(roots: readonly Expr[], stores: readonly { target: unknown; index: Expr }[]): void {
    const places = stores.map(({ target, index }) => this.#place(target, index).variable);
    const all = [...roots, ...places];
    this.share(all, (part, whole) => {
      if (this.#depth(part) < this.#depth(whole)) this.#hoistAt(this.#depth(part), part);
    });
    for (const root of all) this.#hoistAt(this.#depth(root), root);
  }

  /** Takes note of what occurs several times in expressions that are to be emitted together, so that it is computed once. */
  share(roots: readonly Expr[], visitPart: (part: Expr, whole: Expr) => void = () => {}): void {
    const uses = new Map<Expr, number>();
    const enter = (e: Expr) => {
      const expanded = expandMath(e);
      const known = uses.get(expanded) ?? 0;
      uses.set(expanded, known + 1);
      if (known > 0) return;
      for (const part of this.#parts(expanded)) {
        enter(part);
        visitPart(part, expanded);
      }
    };
    roots.forEach(enter);
    for (const [e, count] of uses) this.#uses.set(e, Math.max(count, this.#uses.get(e) ?? 0));
  }

  #hoistAt(depth: number, unexpanded: Expr): void {
    const e = expandMath(unexpanded);
    if (!this.#hoists.has(depth)) this.#hoists.set(depth, new Set());
    this.#hoists.get(depth)!.add(e);
  }

  /** Computes what the loops inside of this depth need and that does not change in them. */
  hoist(depth: number): void {
    for (const e of this.#hoists.get(depth) ?? []) {
      if (e.op === "const" || e.op === "axis" || this.#scalars.has(e)) continue;
      if (this.#dependsOnLane(e) && e.op !== "affine") continue;
      this.scalar(e);
      this.#keepScalar(e);
      this.#f.op("drop");
    }
  }

  /** Computes the lanes of several like expressions so that their instructions alternate. */
  computeInterleaved(roots: readonly Expr[]): void {
    const inLanes = (exprs: readonly Expr[]) =>
      exprs.map(expandMath).filter((e) =>
        e.op !== "const" && this.#dependsOnLane(e) && !this.#vectors.has(e)
      );
    for (const e of farthestFirst(inLanes(roots), (e) => isPlace(e) ? [] : inLanes(this.#parts(e)))) {
      const local = this.#f.local("v128");
      this.#vectorOp(e);
      this.#f.set(local);
      this.#vectors.set(e, local);
    }
  }

  /** The expressions that emitting `e` asks for, beside its own instruction. */
  #parts(e: Expr): readonly Expr[] {
    if (e.op === "load" && this.#laneCoefficient(e.args[0]) !== undefined) {
      return [this.#place(e.source, e.args[0]).variable];
    }
    if (e.op === "select" && extremeOf(e)) return e.args.slice(1);
    if (e.op !== "affine") return e.args;
    const { outer, inner } = this.#split(e);
    return outer ? [outer, ...inner.map(([atom]) => atom)] : e.args;
  }

  /** An affine index as the part that is constant in its innermost loop, and the terms of that loop. */
  #split(e: Expr): { outer: Expr | undefined; inner: [Expr, number][]; constant: number } {
    const { terms, constant } = affineOf(e);
    const depth = this.#depth(e);
    const all = [...terms];
    const outer = all.filter(([atom]) => this.#depth(atom) < depth);
    const inner = all.filter(([atom]) => this.#depth(atom) >= depth);
    if (outer.length === 0 || outer.length === 1 && outer[0][1] === 1) {
      return { outer: undefined, inner: all, constant };
    }
    return { outer: indexSum(outer), inner, constant };
  }

  /** The depth of the innermost loop that an expression depends on. */
  #depth(e: Expr): number {
    const known = this.#depths.get(e);
    if (known !== undefined) return known;
    let depth = 0;
    if (e.op === "axis") depth = this.#axes.get(e.source)?.depth ?? Infinity;
    else if (e.op === "dot" || e.op === "accumulator") depth = Infinity;
    else for (const arg of e.args) depth = Math.max(depth, this.#depth(arg));
    this.#depths.set(e, depth);
    return depth;
  }

  #dependsOnLane(e: Expr): boolean {
    const known = this.#laneDependent.get(e);
    if (known !== undefined) return known;
    let depends = this.#vectors.has(e) && (e.op === "dot" || e.op === "accumulator");
    if (e.op === "axis") depends = e.source === this.#lane;
    depends ||= e.args.some((a) => this.#dependsOnLane(a));
    this.#laneDependent.set(e, depends);
    return depends;
  }

  #keep(type: WasmType, map: Map<Expr, number>, e: Expr): void {
    const local = this.#f.local(type);
    this.#f.tee(local);
    map.set(e, local);
  }

  #keepScalar(e: Expr): void {
    if (!this.#scalars.has(e)) this.#keep(e.type === "f32" ? "f32" : "i32", this.#scalars, e);
  }

  /** Pushes the value of one element: the first lane's, where the expression depends on the lane axis. */
  scalar(expr: Expr): void {
    const e = expandMath(expr);
    const local = this.#scalars.get(e);
    if (local !== undefined) {
      this.#f.get(local);
      return;
    }
    this.#scalarOp(e);
    if ((this.#uses.get(e) ?? 0) > 1 && e.op !== "const" && e.op !== "axis") this.#keepScalar(e);
  }

  #scalarOp(e: Expr): void {
    const f = this.#f;
    const [a, b, c] = e.args;
    const two = () => {
      this.scalar(a);
      this.scalar(b);
    };
    switch (e.op) {
      case "const":
        e.type === "f32" ? f.f32(e.value) : f.i32(e.value);
        return;
      case "axis":
        return this.#axis(e.source as Axis);
      case "affine":
        return this.#affine(e);
      case "load":
        return this.#loadScalar(e);
      case "toF32":
        this.scalar(a);
        f.op(a.type === "i32" || a.high < 2 ** 31 ? "f32_convert_i32_s" : "f32_convert_i32_u");
        return;
      case "toI32":
        this.scalar(a);
        if (a.type === "f32") f.op("i32_trunc_sat_f32_s");
        return;
      case "toU32":
        this.scalar(a);
        if (a.type === "f32") f.op("i32_trunc_sat_f32_u");
        return;
      case "bitsToF32":
        this.scalar(a);
        f.op("f32_reinterpret_i32");
        return;
      case "bitsOfF32":
        this.scalar(a);
        f.op("i32_reinterpret_f32");
        return;
      case "isNan":
        this.scalar(a);
        this.scalar(a);
        f.op("f32_ne");
        return;
      case "not":
        this.scalar(a);
        f.op("i32_eqz");
        return;
      case "neg":
      case "abs":
        if (e.type !== "f32") return this.#integerSign(e);
        this.scalar(a);
        f.op(floatUnary[e.op][0]);
        return;
      case "sqrt":
      case "floor":
      case "ceil":
      case "round":
        this.scalar(a);
        f.op(floatUnary[e.op][0]);
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
      case "div":
      case "rem": {
        two();
        if (e.type === "f32") f.op(scalarBinary.f32[e.op]);
        else {
          const unsigned = e.type === "u32" || a.low >= 0 && b.low > 0 && !this.#isInLanes;
          f.op(e.op === "div" ? unsigned ? "i32_div_u" : "i32_div_s" : unsigned ? "i32_rem_u" : "i32_rem_s");
        }
        return;
      }
      case "shl":
      case "shr":
        this.scalar(a);
        f.i32(b.value).op(e.op === "shl" ? "i32_shl" : e.type === "u32" ? "i32_shr_u" : "i32_shr_s");
        return;
      case "eq":
      case "ne":
      case "lt":
      case "le":
        two();
        f.op(scalarCompare[a.type][e.op]);
        return;
      case "select":
        this.scalar(b);
        this.scalar(c);
        this.scalar(a);
        f.op("select");
        return;
      default: {
        two();
        const instruction = scalarBinary[e.type === "f32" ? "f32" : "i32"][e.op];
        if (!instruction) throw new Error(`Cannot emit ${e.op} of ${e.type}`);
        f.op(instruction);
      }
    }
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
    const bound = this.#axes.get(axis);
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
    const { outer, inner, constant } = this.#split(e);
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

  /** The address of an element as a changing part and a constant part, which goes into the instruction. */
  #place(source: unknown, flat: Expr): { variable: Expr; offset: number } {
    const bytes = bytesPerElement(this.#memory.dtype(source));
    const base = this.#memory.address(source);
    const address = indexSum([[flat, bytes]]);
    const { constant } = affineOf(address);
    // The changing part has to stay above zero, as the sum of both is not taken modulo 2^32.
    if (base + constant < 0 || address.low - constant < 0) {
      return { variable: indexSum([[address, 1]], base), offset: 0 };
    }
    return { variable: indexSum([[address, 1]], -constant), offset: base + constant };
  }

  /** Pushes the changing part of an address and gives the constant part. */
  #address(source: unknown, flat: Expr): number {
    const bytes = bytesPerElement(this.#memory.dtype(source));
    const base = this.#memory.address(source);
    const laneStep = this.#lane ? Math.abs(this.#laneCoefficient(flat) ?? 0) : 0;
    this.reach.low = Math.min(this.reach.low, base + flat.low * bytes);
    this.reach.high = Math.max(this.reach.high, base + (flat.high + 8 * laneStep + 8) * bytes);
    const { variable, offset } = this.#place(source, flat);
    this.scalar(variable);
    return offset;
  }

  /** How an index moves from lane to lane; `undefined` where it is not by a constant. */
  #laneCoefficient(flat: Expr): number | undefined {
    const { terms } = affineOf(flat);
    let coefficient = 0;
    for (const [atom, c] of terms) {
      if (atom.op === "axis" && atom.source === this.#lane) coefficient = c;
      else if (this.#dependsOnLane(atom)) return undefined;
    }
    return coefficient;
  }

  #loadScalar(e: Expr): void {
    const offset = this.#address(e.source, e.args[0]);
    const bytes = bytesPerElement(this.#memory.dtype(e.source));
    const whole = e.type === "f32" ? "f32_load" : "i32_load";
    this.#f.memory(bytes === 4 ? whole : bytes === 2 ? "i32_load16_u" : "i32_load8_u", offset);
  }

  /** Pushes the values of four lanes. Truth values are masks of all ones or zeros. */
  vector(expr: Expr): void {
    const e = expandMath(expr);
    const local = this.#vectors.get(e);
    if (local !== undefined) {
      this.#f.get(local);
      return;
    }
    if (e.op === "const") {
      this.#f.keptV128(same(e.type === "f32" ? floatBits(e.value) : e.type === "bool" ? -e.value : e.value));
      return;
    }
    if (!this.#dependsOnLane(e)) {
      if (e.type === "bool") this.#f.i32(0);
      this.scalar(e);
      if (e.type === "bool") this.#f.op("i32_sub");
      this.#f.op(e.type === "f32" ? "f32x4_splat" : "i32x4_splat");
    } else {
      this.#vectorOp(e);
    }
    if ((this.#uses.get(e) ?? 0) > 1) this.#keep("v128", this.#vectors, e);
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
        return this.#loadVector(e);
      case "toF32":
        this.vector(a);
        f.op(a.type === "i32" || a.high < 2 ** 31 ? "f32x4_convert_i32x4_s" : "f32x4_convert_i32x4_u");
        return;
      case "toI32":
        this.vector(a);
        if (a.type === "f32") f.op("i32x4_trunc_sat_f32x4_s");
        return;
      case "toU32":
        this.vector(a);
        if (a.type === "f32") f.op("i32x4_trunc_sat_f32x4_u");
        return;
      case "bitsToF32":
      case "bitsOfF32":
        return this.vector(a);
      case "isNan":
        this.vector(a);
        this.vector(a);
        f.op("f32x4_ne");
        return;
      case "not":
        this.vector(a);
        f.op("v128_not");
        return;
      case "neg":
      case "abs":
      case "sqrt":
      case "floor":
      case "ceil":
      case "round":
        if (e.type !== "f32") return this.#laneByLane(e);
        this.vector(a);
        f.op(floatUnary[e.op][1]);
        return;
      case "div":
      case "rem":
        if (e.type !== "f32") return this.#integerDivision(e);
        break;
      case "shl":
      case "shr":
        this.vector(a);
        f.i32(b.value).op(e.op === "shl" ? "i32x4_shl" : e.type === "u32" ? "i32x4_shr_u" : "i32x4_shr_s");
        return;
      case "eq":
      case "ne":
      case "lt":
      case "le":
        this.vector(a);
        this.vector(b);
        f.op(vectorCompare[a.type][e.op]);
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
    this.vector(a);
    this.vector(b);
    const instruction =
      (e.type === "f32" ? vectorBinary.f32 : { ...vectorBinary.int, ...vectorBinary[e.type] })[e.op];
    if (!instruction) throw new Error(`Cannot emit ${e.op} of ${e.type}`);
    f.op(instruction);
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
    const coefficient = this.#laneCoefficient(e);
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
          this.#scalars.set(expandMath(arg), word);
        }
        this.#isInLanes = true;
        this.#scalarOp(e);
        this.#isInLanes = false;
      });
      f.replaceLane("i32", lane);
    }
  }

  #loadVector(e: Expr): void {
    const f = this.#f;
    const flat = e.args[0];
    const step = this.#laneCoefficient(flat);
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
      this.vector(flat);
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
    const step = this.#laneCoefficient(flat);
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

  /** Whether any of the expressions depends on a loop in more than a plain step, which costs lane-wise loads. */
  static unevenLoads(roots: readonly Expr[], lane: Axis): number {
    let uneven = 0;
    const depends = new Map<Expr, boolean>();
    const dependsOn = (e: Expr): boolean => {
      const known = depends.get(e);
      if (known !== undefined) return known;
      const result = e.op === "axis" ? e.source === lane : e.args.some(dependsOn);
      depends.set(e, result);
      return result;
    };
    visit(roots, (e) => {
      if (e.op !== "load") return;
      const { terms } = affineOf(e.args[0]);
      for (const [atom, c] of terms) {
        const isLane = atom.op === "axis" && atom.source === lane;
        if (isLane ? c !== 1 : dependsOn(atom)) {
          uneven++;
          break;
        }
      }
    });
    return uneven;
  }
}
