/** Expressions that are being emitted: what is at hand, what is needed twice, and on which loops each depends. */
import { bytesPerElement, type DType } from "../../../engine/array.ts";
import type { Axis, Expr } from "../../../engine/expression/expr.ts";
import { affineOf, indexSum } from "../../../engine/expression/index_math.ts";
import { expandMath } from "../../arithmetic/math.ts";
import { extremeOf } from "./instructions.ts";

/** Where the emitter finds stored tensors. */
export interface MemoryMap {
  /** The address of a tensor's first byte. */
  address(source: unknown): number;
  dtype(source: unknown): DType;
  /** In which global each loop around kernels counts its steps. */
  readonly counters?: ReadonlyMap<Axis, number>;
}

/** Loops, and the values that have a local. */
export class ExprScope {
  protected readonly memory: MemoryMap;
  /** Loops from the outside in, and where their indices are. */
  protected readonly axes = new Map<unknown, { local: number; add: number; depth: number }>();
  protected lane: Axis | undefined;
  protected readonly uses = new Map<Expr, number>();
  /** What does not change inside of a depth, by depth. */
  protected readonly hoists = new Map<number, Set<Expr>>();
  protected scalars = new Map<Expr, number>();
  protected vectors = new Map<Expr, number>();
  readonly #laneDependent = new Map<Expr, boolean>();
  readonly #depths = new Map<Expr, number>();

  constructor(memory: MemoryMap) {
    this.memory = memory;
  }

  /** Says in which local a loop's index is, and how deep the loop is (0 is outside of all). */
  bindAxis(axis: Axis, local: number, depth: number, add = 0): void {
    this.axes.set(axis, { local, add, depth });
  }

  /** Makes a loop the lane axis: its local then holds the index of the first lane. */
  setLane(axis: Axis | undefined): void {
    this.lane = axis;
    this.#laneDependent.clear();
  }

  /** Gives a value that the loops compute themselves: the dot, an accumulator. Only valid in the current scope. */
  bindValue(expr: Expr, local: number, isVector: boolean): void {
    (isVector ? this.vectors : this.scalars).set(expr, local);
    this.#laneDependent.clear();
  }

  /** Code in which values are remembered; they are forgotten behind it. */
  scope(body: () => void): void {
    const [scalars, vectors] = [this.scalars, this.vectors];
    this.scalars = new Map(scalars);
    this.vectors = new Map(vectors);
    body();
    [this.scalars, this.vectors] = [scalars, vectors];
    this.#laneDependent.clear();
  }

  /** Looks through the expressions that are to come, to know what is used twice and what can be hoisted. */
  prepare(roots: readonly Expr[], stores: readonly { target: unknown; index: Expr }[]): void {
    const places = stores.map(({ target, index }) => this.place(target, index).variable);
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
      for (const part of this.parts(expanded)) {
        enter(part);
        visitPart(part, expanded);
      }
    };
    roots.forEach(enter);
    for (const [e, count] of uses) this.uses.set(e, Math.max(count, this.uses.get(e) ?? 0));
  }

  #hoistAt(depth: number, unexpanded: Expr): void {
    const e = expandMath(unexpanded);
    if (!this.hoists.has(depth)) this.hoists.set(depth, new Set());
    this.hoists.get(depth)!.add(e);
  }

  /** The expressions that emitting `e` asks for, beside its own instruction. */
  protected parts(e: Expr): readonly Expr[] {
    if (e.op === "load" && this.laneCoefficient(e.args[0]) !== undefined) {
      return [this.place(e.source, e.args[0]).variable];
    }
    if (e.op === "select" && extremeOf(e)) return e.args.slice(1);
    if (e.op !== "affine") return e.args;
    const { outer, inner } = this.split(e);
    return outer ? [outer, ...inner.map(([atom]) => atom)] : e.args;
  }

  /** An affine index as the part that is constant in its innermost loop, and the terms of that loop. */
  protected split(e: Expr): { outer: Expr | undefined; inner: [Expr, number][]; constant: number } {
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
    if (e.op === "axis") depth = this.axes.get(e.source)?.depth ?? Infinity;
    else if (e.op === "placeholder") depth = Infinity;
    else for (const arg of e.args) depth = Math.max(depth, this.#depth(arg));
    this.#depths.set(e, depth);
    return depth;
  }

  protected dependsOnLane(e: Expr): boolean {
    const known = this.#laneDependent.get(e);
    if (known !== undefined) return known;
    let depends = this.vectors.has(e) && e.op === "placeholder";
    if (e.op === "axis") depends = e.source === this.lane;
    depends ||= e.args.some((a) => this.dependsOnLane(a));
    this.#laneDependent.set(e, depends);
    return depends;
  }

  /** The address of an element as a changing part and a constant part, which goes into the instruction. */
  protected place(source: unknown, flat: Expr): { variable: Expr; offset: number } {
    const bytes = bytesPerElement(this.memory.dtype(source));
    const base = this.memory.address(source);
    const address = indexSum([[flat, bytes]]);
    const { constant } = affineOf(address);
    // The changing part has to stay above zero, as the sum of both is not taken modulo 2^32.
    if (base + constant < 0 || address.low - constant < 0) {
      return { variable: indexSum([[address, 1]], base), offset: 0 };
    }
    return { variable: indexSum([[address, 1]], -constant), offset: base + constant };
  }

  /** How an index moves from lane to lane; `undefined` where it is not by a constant. */
  protected laneCoefficient(flat: Expr): number | undefined {
    const { terms } = affineOf(flat);
    let coefficient = 0;
    for (const [atom, c] of terms) {
      if (atom.op === "axis" && atom.source === this.lane) coefficient = c;
      else if (this.dependsOnLane(atom)) return undefined;
    }
    return coefficient;
  }
}
