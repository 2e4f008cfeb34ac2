/**
 * Expressions to WGSL, for one element or for four at once (`vec4`). Values get names in the order in which they are
 * needed; what a loop does not change is named in front of it.
 */
import { bytesPerElement, type DType } from "../../../engine/array.ts";
import { type Axis, type Expr, visit } from "../../../engine/expression/expr.ts";
import { affineOf } from "../../../engine/expression/index_math.ts";
import { expandMath } from "../../arithmetic/math.ts";
import { isAligned } from "./aligned.ts";
import { expandSeenZeros } from "./seen_zeros.ts";
import { literal, typeName } from "./wgsl_literal.ts";
import { operationText } from "./wgsl_operation.ts";

/** How a kernel sees one tensor's memory. */
export interface Binding {
  readonly name: string;
  readonly dtype: DType;
  /** Whether it is an array of `vec4`. */
  readonly isVector: boolean;
}

/** WGSL functions are exact enough for these; others are written out. A GPU's logarithm is not, close to one. */
const NATIVE: ReadonlySet<string> = new Set(["exp", "halfToF32"]);

interface Named {
  readonly name: string;
  readonly isVector: boolean;
}

/** Writes expressions as named values, line by line. */
export class WgslEmitter {
  readonly lines: string[] = [];
  readonly #bindings: (source: unknown) => Binding;
  readonly #axes = new Map<unknown, string>();
  #lane: Axis | undefined;
  #names = new Map<Expr, Named>();
  #count = 0;
  #indent = "  ";

  constructor(bindings: (source: unknown) => Binding) {
    this.#bindings = bindings;
  }

  #expand(e: Expr): Expr {
    return NATIVE.has(e.op) ? e : expandSeenZeros(expandMath(e));
  }

  /** Says how a loop's index is written. */
  bindAxis(axis: Axis, name: string): void {
    this.#axes.set(axis, name);
  }

  /** Makes a loop the lane axis: its name then is the index of the first of four lanes. */
  setLane(axis: Axis | undefined): void {
    this.#lane = axis;
  }

  /** Gives a value that has a name already. */
  bindValue(expr: Expr, name: string, isVector: boolean): void {
    this.#names.set(expr, { name, isVector });
  }

  /** A line of code. */
  line(text: string): void {
    this.lines.push(this.#indent + text);
  }

  /** A name that nothing else has. */
  fresh(prefix = "v"): string {
    return `${prefix}${this.#count++}`;
  }

  /** A block; values named in it are forgotten behind it. */
  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    const [names, indent] = [this.#names, this.#indent];
    this.#names = new Map(names);
    this.#indent += "  ";
    body();
    [this.#names, this.#indent] = [names, indent];
    this.line("}");
  }

  /** Code whose named values are forgotten behind it. */
  scope(body: () => void): void {
    const names = this.#names;
    this.#names = new Map(names);
    body();
    this.#names = names;
  }

  /** Names now what the expressions need and what depends only on loops that are bound. */
  hoist(roots: readonly Expr[]): void {
    const ready = new Map<Expr, boolean>();
    const isReady = (e: Expr): boolean => {
      const known = ready.get(e);
      if (known !== undefined) return known;
      const result = this.#names.has(e) ||
        (e.op === "axis"
          ? this.#axes.has(e.source)
          : e.op !== "placeholder" && e.args.every((a) => isReady(this.#expand(a))));
      ready.set(e, result);
      return result;
    };
    const seen = new Set<Expr>();
    const go = (given: Expr) => {
      const e = this.#expand(given);
      if (seen.has(e)) return;
      seen.add(e);
      if (isReady(e)) {
        if (e.op !== "const" && e.op !== "axis") this.value(e);
      } else e.args.forEach(go);
    };
    roots.forEach(go);
  }

  /** The name of an expression's value; as a vector it is spread if need be. */
  vector(e: Expr): string {
    const { name, isVector } = this.#value(e);
    return isVector ? name : `vec4<${typeName[e.type]}>(${name})`;
  }

  /** The name of an expression's value, which does not depend on the lanes. */
  scalar(e: Expr): string {
    const { name, isVector } = this.#value(e);
    if (isVector) throw new Error(`Cannot emit ${e.op} as one number: it differs from lane to lane`);
    return name;
  }

  /** The name of an expression's value, whatever it is. */
  value(e: Expr): string {
    return this.#value(e).name;
  }

  /** Whether the value differs from lane to lane. */
  dependsOnLane(e: Expr): boolean {
    if (!this.#lane) return this.#names.get(e)?.isVector ?? false;
    let depends = false;
    visit([e], (part) => {
      if (part.op === "axis" && part.source === this.#lane || this.#names.get(part)?.isVector) depends = true;
    });
    return depends;
  }

  #value(given: Expr): Named {
    const e = this.#expand(given);
    const known = this.#names.get(e);
    if (known) return known;
    if (e.op === "const") return { name: literal(e.type, e.value), isVector: false };
    if (e.op === "axis" && e.source !== this.#lane) {
      const name = this.#axes.get(e.source);
      if (!name) throw new Error(`Cannot emit axis ${(e.source as Axis).name}: it has no loop here`);
      return { name, isVector: false };
    }
    const isVector = this.dependsOnLane(e);
    const name = this.fresh();
    this.line(`let ${name} = ${this.#text(e, isVector)};`);
    const named = { name, isVector };
    this.#names.set(e, named);
    return named;
  }

  #text(e: Expr, isVector: boolean): string {
    if (e.op === "axis") return `vec4<i32>(${this.#axes.get(e.source)}) + vec4<i32>(0, 1, 2, 3)`;
    if (e.op === "load") {
      return isVector ? this.#loadVector(e) : this.loaded(e.source, this.scalar(e.args[0]));
    }
    return operationText(e, isVector, (arg) => isVector ? this.vector(arg) : this.scalar(arg));
  }

  /** The element at an index, as it is loaded. */
  loaded(source: unknown, index: string): string {
    const { name, dtype, isVector } = this.#bindings(source);
    const word = isVector ? `${name}[${index} >> 2u][${index} & 3]` : `${name}[${index}]`;
    if (dtype === "float16") return `(${name}[${index} >> 1u] >> (u32(${index} & 1) * 16u)) & 65535u`;
    if (dtype !== "uint8" && dtype !== "bool") return word;
    const byte = `(${name}[${index} >> 2u] >> (u32(${index} & 3) * 8u)) & 255u`;
    return dtype === "bool" ? `(${byte}) != 0u` : byte;
  }

  /** Four lanes: one vector where they are neighbours, else one by one. */
  #loadVector(e: Expr): string {
    const { dtype, isVector } = this.#bindings(e.source);
    const flat = e.args[0];
    if (isAligned(flat, this.#lane) && (isVector || bytesPerElement(dtype) < 4)) {
      return this.fourLoaded(e.source, this.firstLane(flat));
    }
    const index = this.vector(flat);
    const lanes = [0, 1, 2, 3].map((lane) => this.loaded(e.source, `${index}[${lane}]`));
    return `vec4<${typeName[e.type]}>(${lanes.join(", ")})`;
  }

  /** Four neighbours as they are loaded, the first of which is at a multiple of four; floats in an array of `vec4`. */
  fourLoaded(source: unknown, first: string): string {
    const { name, dtype } = this.#bindings(source);
    const size = bytesPerElement(dtype);
    if (size === 4) return `${name}[${first} >> 2u]`;
    if (size === 2) {
      const [low, high] = [this.fresh("w"), this.fresh("w")];
      this.line(`let ${low} = ${name}[${first} >> 1u];`);
      this.line(`let ${high} = ${name}[(${first} >> 1u) + 1];`);
      return `vec4<u32>(${low} & 65535u, ${low} >> 16u, ${high} & 65535u, ${high} >> 16u)`;
    }
    const word = this.fresh("w");
    this.line(`let ${word} = ${name}[${first} >> 2u];`);
    const bytes = `vec4<u32>(${word}, ${word} >> 8u, ${word} >> 16u, ${word} >> 24u) & vec4<u32>(255u)`;
    return dtype === "bool" ? `(${bytes}) != vec4<u32>(0u)` : bytes;
  }

  /** Where the first lane of an aligned index is, as a number. */
  firstLane(flat: Expr): string {
    const { terms, constant } = affineOf(flat);
    const parts = [...terms].map(([atom, c]) => {
      const value = atom.op === "axis" ? this.#axes.get(atom.source)! : this.scalar(atom);
      return c === 1 ? value : `${value} * ${literal("i32", c)}`;
    });
    if (constant !== 0 || parts.length === 0) parts.push(literal("i32", constant));
    const name = this.fresh("at");
    this.line(`let ${name} = ${parts.join(" + ")};`);
    return name;
  }
}
