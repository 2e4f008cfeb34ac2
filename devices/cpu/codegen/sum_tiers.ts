/** Reductions in tiers: running parts for each tier of a long sum, and the loops that begin and end the tiers. */
import type { Axis } from "../../../engine/expression/expr.ts";
import { sumTiers } from "../../loop_nest/sum_tiers.ts";
import { loopAround, type LoopContext } from "./loop_code.ts";
import type { Reduction } from "../../loop_nest/reduction.ts";
import { mergeParts, resetParts, startParts } from "./reduction.ts";

/** Reductions that are under way together, and the locals of their parts. */
interface Run {
  readonly reductions: readonly Reduction[];
  readonly parts: readonly number[][];
}

/** The tiers of some runs through the same loops. Tier 0 is the runs' own parts. */
export class SumTiers {
  readonly #c: LoopContext;
  readonly #runs: readonly Run[];
  readonly #vector: boolean;
  readonly #ends: readonly (readonly number[])[];
  /** For each tier but the first, and each run, parts: those of tier 0 where a reduction does not drift. */
  readonly #tiers: readonly (readonly number[][])[][];

  /** `steps` are the additions after another that each loop is, the outermost first. */
  constructor(c: LoopContext, runs: readonly Run[], steps: readonly number[], vector: boolean) {
    this.#c = c;
    this.#runs = runs;
    this.#vector = vector;
    const drifts = runs.some((run) => run.reductions.some((r) => r.rule.drifts));
    this.#ends = drifts ? sumTiers(steps) : steps.map(() => []);
    this.#tiers = this.#ends.flat().map(() =>
      runs.map(({ reductions, parts }) =>
        reductions.map((r, i) => r.rule.drifts ? startParts(c, r, vector) : parts[i])
      )
    );
  }

  /** The locals of a run's parts at a tier. */
  parts(tier: number, run: number): readonly number[][] {
    return tier === 0 ? this.#runs[run].parts : this.#tiers[tier - 1][run];
  }

  /** Loops around a body, which is given its tier; what stays the same inside of a loop is computed at its depth. */
  loopsAround(
    c: LoopContext,
    axes: readonly Axis[],
    depths: readonly number[],
    body: (tier: number) => void,
  ): void {
    const loop = (number: number, tier: number): void => {
      if (number === axes.length) return body(tier);
      const axis = axes[number];
      const local = c.locals.get(axis)!;
      c.f.i32(0).set(local);
      this.#inTiers(
        local,
        axis.size,
        1,
        this.#ends[number],
        tier,
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
    tier: number,
    body: (tier: number) => void,
  ): void {
    this.#inTiers(local, rounds * step, step, this.#ends.at(-1)!, tier, body);
  }

  /** Counts up to `total`; after each of the `ends`, in rounds, a tier ends. */
  #inTiers(
    local: number,
    total: number,
    step: number,
    ends: readonly number[],
    outside: number,
    body: (tier: number) => void,
  ): void {
    const { f } = this.#c;
    const count = (ends: readonly number[], tier: number, end: () => void): void => {
      const length = ends.at(-1);
      if (length === undefined) return void f.countTo(local, end, step, () => body(tier));
      if (length === 1) {
        return void f.countTo(local, end, step, () => this.#tier(tier + 1, () => body(tier + 1)));
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
          this.#tier(tier + 1, () => count(ends.slice(0, -1), tier + 1, () => f.get(stop)));
          f.get(local);
          end();
          f.op("i32_lt_s");
        });
      });
    };
    count(ends, outside, () => f.i32(total));
  }

  /** Begins a tier, and adds it to the one around it. */
  #tier(tier: number, body: () => void): void {
    const each = (act: (r: Reduction, inner: readonly number[], outer: readonly number[]) => void) =>
      this.#runs.forEach(({ reductions }, run) =>
        reductions.forEach((r, i) => {
          if (r.rule.drifts) act(r, this.parts(tier, run)[i], this.parts(tier - 1, run)[i]);
        })
      );
    each((r, inner) => resetParts(this.#c, r, inner, this.#vector));
    body();
    each((r, inner, outer) => mergeParts(this.#c, r, outer, inner, this.#vector));
  }
}
