/** The text of reductions: running parts in variables, tiers of long sums, and how values are taken in and joined. */
import { type Expr, placeholder, type ScalarType } from "../../../engine/expression/expr.ts";
import type { Reduction } from "../../loop_nest/reduction.ts";
import { sumTiers } from "../../loop_nest/sum_tiers.ts";
import type { WgslEmitter } from "./wgsl_expr.ts";

/** The names of running parts, by reduction. */
export type Parts = readonly (readonly string[])[];

/** The type of a value, or of four. */
export const typeOf = (type: ScalarType, isVector: boolean): string => isVector ? `vec4<${type}>` : type;

/** Writes reductions, for one element or for four at once. */
export class ReductionWriter {
  readonly #e: WgslEmitter;
  readonly #isVector: boolean;

  constructor(emitter: WgslEmitter, isVector: boolean) {
    this.#e = emitter;
    this.#isVector = isVector;
  }

  /** Variables for running parts, as they are before the first value. */
  startParts(r: Reduction): string[] {
    const e = this.#e;
    const isVector = this.#isVector;
    return r.rule.start.map((start) => {
      const name = e.fresh("part");
      const value = isVector ? e.vector(start) : e.scalar(start);
      e.line(`var ${name}: ${typeOf(start.type, isVector)} = ${value};`);
      return name;
    });
  }

  /** Where the loops of a sum, given as additions after another, are cut into tiers. */
  levelEnds(reductions: readonly Reduction[], steps: readonly number[]): number[][] {
    return reductions.some((r) => r.rule.drifts) ? sumTiers(steps) : steps.map(() => []);
  }

  /** A loop, named by its index; after each of the `ends`, in rounds, a tier of the sum ends. */
  inLevels(
    reductions: readonly Reduction[],
    parts: Parts,
    name: string,
    { begin, end, step }: { readonly begin: string; readonly end: string; readonly step: number },
    ends: readonly number[],
    body: (into: Parts) => void,
  ): void {
    const e = this.#e;
    const length = ends.at(-1);
    const loop = (index: string, by: number, inside: () => void) =>
      e.block(`for (var ${index}: i32 = ${begin}; ${index} < ${end}; ${index} += ${by})`, inside);
    if (length === undefined) return loop(name, step, () => body(parts));
    if (length === 1) return loop(name, step, () => this.#tier(reductions, parts, body));
    const [from, to] = [e.fresh("from"), e.fresh("to")];
    loop(from, length * step, () => {
      e.line(`let ${to} = min(${from} + ${length * step}, ${end});`);
      this.#tier(reductions, parts, (own) => {
        const range = { begin: from, end: to, step };
        this.inLevels(reductions, own, name, range, ends.slice(0, -1), body);
      });
    });
  }

  /** Parts of a tier of their own for all that drifts, which join those around them at its end. */
  #tier(reductions: readonly Reduction[], parts: Parts, body: (own: Parts) => void): void {
    const own = reductions.map((r, i) => r.rule.drifts ? this.startParts(r) : parts[i]);
    body(own);
    reductions.forEach((r, i) => {
      if (r.rule.drifts) this.merge(r, parts[i], own[i]);
    });
  }

  /**
   * Takes rounds in, each of which is bound by a function that gives its number: first all their values, so that no load
   * waits for another's sum.
   */
  takeIn(
    reductions: readonly Reduction[],
    parts: Parts,
    rounds: readonly (() => string)[],
  ): void {
    const e = this.#e;
    const isVector = this.#isVector;
    const taken = rounds.map((bind) => {
      let names: string[] = [];
      let position = "";
      e.scope(() => {
        position = bind();
        names = reductions.map((r) => isVector ? e.vector(r.value) : e.scalar(r.value));
      });
      const at = placeholder("i32");
      e.bindValue(at, position, false);
      return reductions.map((r, i) => {
        const value = placeholder(r.value.type);
        e.bindValue(value, names[i], isVector);
        return { value, at };
      });
    });
    reductions.forEach((r, i) => {
      const own = taken.map((round) => round[i]);
      if (r.rule.isDear && own.length > 1) {
        this.#update(r, parts[i], r.rule.steps(r.parts, own.map((o) => o.value), own.map((o) => o.at)));
      } else own.forEach((o) => this.#update(r, parts[i], r.rule.step(r.parts, o.value, o.at)));
    });
  }

  /** Joins another run, whose parts have these names, to one that came before it. */
  merge(r: Reduction, names: readonly string[], others: readonly string[]): void {
    const e = this.#e;
    const sideB = r.rule.start.map((s) => placeholder(s.type));
    e.scope(() => {
      sideB.forEach((part, p) => e.bindValue(part, others[p], this.#isVector));
      this.#update(r, names, r.rule.merge(r.parts, sideB));
    });
  }

  /** Computes new parts from old ones and only then puts them in their place. */
  #update(r: Reduction, names: readonly string[], next: readonly Expr[]): void {
    const e = this.#e;
    const isVector = this.#isVector;
    e.scope(() => {
      r.parts.forEach((part, p) => e.bindValue(part, names[p], isVector));
      const values = next.map((value) => isVector ? e.vector(value) : e.scalar(value));
      values.forEach((value, p) => e.line(`${names[p]} = ${value};`));
    });
  }

  /** Makes the results of what was taken in known. */
  bindResults(reductions: readonly Reduction[], parts: Parts): void {
    const e = this.#e;
    const isVector = this.#isVector;
    reductions.forEach((r, i) => {
      r.parts.forEach((part, p) => e.bindValue(part, parts[i][p], isVector));
      const finished = r.rule.finish(r.parts);
      e.bindValue(r.result, isVector ? e.vector(finished) : e.scalar(finished), isVector);
    });
  }
}
