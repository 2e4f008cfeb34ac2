/**
 * The programs of a step. Where all sets of parameters change at each step there is one; else one for each combination of sets that
 * change together, all made from one trace: what a combination does not need is not in its program.
 */
import type { Program, ProgramSummary } from "../../engine/program.ts";
import type { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { program } from "../../devices/program.ts";
import { add, isFinite, less, logicalAnd, logicalNot, logicalOr, where } from "../../ops/mod.ts";
import type { TracedLoss, TracedStep } from "../step/trace_step.ts";
import type { SetUpdate } from "../step/update_parameters.ts";
import type { MetricSums } from "./metric_sums.ts";

/** What a loss does in a step: nothing, only keep its gradients, or change its set. */
type Part = "rest" | "collect" | "update";

/** Combinations are looked for among this many first steps; others are made when they come. */
const FORESEEN = 10_000;

/** What programs are made from. */
export interface StepProgramOptions {
  readonly state: State;
  readonly traced: TracedStep;
  /** For each loss, how its set changes. */
  readonly updates: readonly SetUpdate[];
  readonly sums: MetricSums;
}

/** Whether a loss, or a metric, counts in a step: each n-th does. */
export const countsAt = (step: number, every: number): boolean => (step + 1) % every === 0;

/** How many of the steps from `begin` up to but without `end` count. */
export const countedSteps = (begin: number, end: number, every: number): number =>
  Math.floor(end / every) - Math.floor(begin / every);

/** All programs of one step. */
export class StepPrograms {
  readonly #options: StepProgramOptions;
  readonly #programs: Map<string, Program> = new Map();

  private constructor(options: StepProgramOptions) {
    this.#options = options;
  }

  /** Compiles those that a run of some steps needs. */
  static async create(
    options: StepProgramOptions & { total: number; signal?: AbortSignal },
  ): Promise<StepPrograms> {
    const { total, signal } = options;
    const programs = new StepPrograms(options);
    try {
      for (let step = 0; step < Math.max(1, Math.min(total, FORESEEN)); step++) {
        await programs.#at(step, signal);
        if (programs.#programs.size === 1 && programs.#isSteady) break;
      }
    } catch (error) {
      programs.close();
      throw error;
    }
    return programs;
  }

  /** Whether all steps are alike. */
  get #isSteady(): boolean {
    return this.#options.traced.losses.every(({ every, blocks }) =>
      every === 1 && blocks.set.accumulate === 1
    );
  }

  /** Starts some steps, from one on; gives how many. Where a program is to be made first it is, and nothing started. */
  start(step: number, most: number): number | Promise<unknown> {
    if (this.#isSteady) {
      this.#main.run({ times: most });
      return most;
    }
    const key = this.#keyAt(step);
    const known = this.#programs.get(key);
    if (!known) return this.#at(step);
    let times = 1;
    while (times < most && this.#keyAt(step + times) === key) times++;
    known.run({ times });
    return times;
  }

  /** Counts of the largest of them. */
  get summary(): ProgramSummary {
    return this.#main.summary;
  }

  /** All of them as text. */
  explain(): string {
    if (this.#programs.size === 1) return this.#main.explain();
    const { losses } = this.#options.traced;
    return [...this.#programs].map(([key, each]) => {
      const parts = key.split(" ").map((part, i) => `${losses[i].blocks.set.name}: ${part}`);
      return `steps with ${parts.join(", ")}\n\n${each.explain()}`;
    }).join("\n\n");
  }

  /** Frees them. */
  close(): void {
    for (const each of this.#programs.values()) each.close();
  }

  get #main(): Program {
    const all = [...this.#programs.values()];
    return all.reduce((a, b) => b.summary.flops > a.summary.flops ? b : a);
  }

  #keyAt(step: number): string {
    return this.#options.traced.losses.map((loss) => partAt(loss, step)).join(" ");
  }

  async #at(step: number, signal?: AbortSignal): Promise<Program> {
    const key = this.#keyAt(step);
    const known = this.#programs.get(key);
    if (known) return known;
    const made = await program(() => ({ state: this.#newState(step) }), {
      state: this.#options.state,
      signal,
    });
    this.#programs.set(key, made);
    return made;
  }

  /** What a step changes. */
  #newState(step: number): Record<string, Tensor> {
    const { state, traced, updates, sums } = this.#options;
    const s: Readonly<Record<string, Tensor>> = state.tensors;
    const changes = traced.losses.map((loss, i) => {
      const part = partAt(loss, step);
      return part === "rest" ? {} : updates[i][part];
    });
    const counted = traced.losses.filter(({ every }) => countsAt(step, every));
    const bad = counted.map(({ loss }) => logicalNot(isFinite(loss)));
    const isBad = (all: Tensor) => logicalAnd(less(s.firstBad, 0), all);
    return {
      ...Object.assign({}, ...changes),
      ...traced.parameters.statistics(),
      ...traced.parameters.carried,
      step: add(s.step, 1),
      ...sums.add(({ every }) => countsAt(step, every)),
      ...bad.length > 0 && { firstBad: where(isBad(bad.reduce(logicalOr)), s.step, s.firstBad) },
    };
  }
}

function partAt({ every, blocks }: TracedLoss, step: number): Part {
  if (!countsAt(step, every)) return "rest";
  return countsAt(step, every * blocks.set.accumulate) ? "update" : "collect";
}
