/** Reductions in levels: running parts for each level of a long sum, and the loops that begin and end the levels. */
import type { Axis } from "../../../engine/expression/expr.ts";
import { sumLevels } from "../../loop_nest/sum_levels.ts";
import { loopAround, type LoopContext } from "./loop_code.ts";
import type { Reduction } from "../../loop_nest/reduction.ts";
import { mergeParts, resetParts, startParts } from "./reduction.ts";

/** Reductions that are under way together, and the locals of their parts. */
interface Run {
  readonly reductions: readonly Reduction[];
  readonly parts: readonly number[][];
}

/** The levels of some runs through the same loops. Level 0 is the runs' own parts. */
export class SumLevels {
  readonly #c: LoopContext;
  readonly #runs: readonly Run[];
  readonly #vector: boolean;
  readonly #ends: readonly (readonly number[])[];
  /** For each level but the first, and each run, parts: those of level 0 where a reduction does not drift. */
  readonly #levels: readonly (readonly number[][])[][];

  /** `steps` are the additions after another that each loop is, the outermost first. */
  constructor(c: LoopContext, runs: readonly Run[], steps: readonly number[], vector: boolean) {
    this.#c = c;
    this.#runs = runs;
    this.#vector = vector;
    const drifts = runs.some((run) => run.reductions.some((r) => r.rule.drifts));
    this.#ends = drifts ? sumLevels(steps) : steps.map(() => []);
    this.#levels = this.#ends.flat().map(() =>
      runs.map(({ reductions, parts }) =>
        reductions.map((r, i) => r.rule.drifts ? startParts(c, r, vector) : parts[i])
      )
    );
  }

  /** The locals of a run's parts at a level. */
  parts(level: number, run: number): readonly number[][] {
    return level === 0 ? this.#runs[run].parts : this.#levels[level - 1][run];
  }

  /** Loops around a body, which is given its level; what stays the same inside of a loop is computed at its depth. */
  loopsAround(
    c: LoopContext,
    axes: readonly Axis[],
    depths: readonly number[],
    body: (level: number) => void,
  ): void {
    const loop = (number: number, level: number): void => {
      if (number === axes.length) return body(level);
      const axis = axes[number];
      const local = c.locals.get(axis)!;
      c.f.i32(0).set(local);
      this.#inLevels(
        local,
        axis.size,
        1,
        this.#ends[number],
        level,
        (at) => loopAround(c, depths[number], () => loop(number + 1, at)),
      );
    };
    loop(0, 0);
  }

  /** The innermost loop: so many rounds, each of which moves its index by `step`. */
  innermost(
    local: number,
    rounds: number,
    step: number,
    level: number,
    body: (level: number) => void,
  ): void {
    this.#inLevels(local, rounds * step, step, this.#ends.at(-1)!, level, body);
  }

  /** Counts up to `total`; after each of the `ends`, in rounds, a level ends. */
  #inLevels(
    local: number,
    total: number,
    step: number,
    ends: readonly number[],
    outside: number,
    body: (level: number) => void,
  ): void {
    const { f } = this.#c;
    const count = (ends: readonly number[], level: number, end: () => void): void => {
      const length = ends.at(-1);
      if (length === undefined) return void f.countTo(local, end, step, () => body(level));
      if (length === 1) {
        return void f.countTo(local, end, step, () => this.#level(level + 1, () => body(level + 1)));
      }
      const stop = f.local("i32");
      f.get(local);
      end();
      f.op("i32_lt_s").if(() => {
        f.doWhile(() => {
          f.get(local).i32(length * step).op("i32_add").set(stop);
          f.get(stop);
          end();
          f.get(stop);
          end();
          f.op("i32_lt_s", "select").set(stop);
          this.#level(level + 1, () => count(ends.slice(0, -1), level + 1, () => f.get(stop)));
          f.get(local);
          end();
          f.op("i32_lt_s");
        });
      });
    };
    count(ends, outside, () => f.i32(total));
  }

  /** Begins a level, and adds it to the one around it. */
  #level(level: number, body: () => void): void {
    const each = (act: (r: Reduction, inner: readonly number[], outer: readonly number[]) => void) =>
      this.#runs.forEach(({ reductions }, run) =>
        reductions.forEach((r, i) => {
          if (r.rule.drifts) act(r, this.parts(level, run)[i], this.parts(level - 1, run)[i]);
        })
      );
    each((r, inner) => resetParts(this.#c, r, inner, this.#vector));
    body();
    each((r, inner, outer) => mergeParts(this.#c, r, outer, inner, this.#vector));
  }
}
