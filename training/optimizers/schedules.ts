/** Learning rates that change with the step; computed on the device from the step number. */
import { above, either, from, type Kind, numberThat, objectThat } from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue, required } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { add, clamp, cos, div, floor, full, less, mul, pow, sub, where } from "../../ops/mod.ts";

/** A learning rate for every step of a run. A number is the same for all. */
export type Schedule = number | ScheduleFunction;

/** What computes a learning rate. */
export interface ScheduleFunction {
  /** Its name and numbers, for messages and files. */
  readonly description: string;
  /** The rate at `step` (float32 `[]`, the first is 0) of a run of `total` steps. */
  at(step: Tensor, total: number): Tensor;
}

/** A number above 0, or what a function such as {@linkcode cosineDecay} gives. */
export const scheduleKind: Kind<Schedule> = either(
  above(0),
  objectThat<ScheduleFunction>(
    "a schedule, such as cosineDecay gives",
    ({ description, at }) => typeof description === "string" && typeof at === "function",
  ),
);

/** The rate at a step; see {@linkcode Schedule}. */
export function rateAt(schedule: Schedule, step: Tensor, total: number): Tensor {
  if (typeof schedule !== "number") return schedule.at(step, total);
  return full([], readValue("use a learning rate", "rate", schedule, above(0)));
}

/** A schedule in words. */
export const describeSchedule = (schedule: Schedule): string =>
  typeof schedule === "number" ? String(schedule) : schedule.description;

/**
 * The rate falls by a factor every so many steps.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, tensor, training } from "@gesso/gesso";
 *
 * const rate = training.stepDecay(0.1, { every: 10, factor: 0.5 }).at(tensor(25), 100);
 * assertAlmostEquals((await compute(rate)).data[0], 0.025, 1e-6);
 * ```
 */
export function stepDecay(rate: number, options: { every: number; factor: number }): ScheduleFunction {
  const attempt = "make stepDecay";
  readValue(attempt, "rate", rate, above(0));
  const { every, factor } = readOptions(attempt, options, {
    every: required(above(0)),
    factor: required(above(0)),
  });
  return {
    description: `stepDecay(${rate}, every ${every}, factor ${factor})`,
    at: (step) => mul(rate, pow(full([], factor), floor(div(step, every)))),
  };
}

/**
 * The rate falls from `rate` to `end` (0 when left out) along half a cosine. Source: https://arxiv.org/abs/1608.03983
 *
 * @throws {RangeError} when `rate` is not above 0, or `end` is below 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, tensor, training } from "@gesso/gesso";
 *
 * const rate = training.cosineDecay(0.1).at(tensor(50), 100);
 * assertAlmostEquals((await compute(rate)).data[0], 0.05, 1e-6);
 * ```
 */
export function cosineDecay(rate: number, options: { end?: number } = {}): ScheduleFunction {
  readValue("make cosineDecay", "rate", rate, above(0));
  const { end } = readOptions("make cosineDecay", options, { end: optional(from(0), 0) });
  return {
    description: `cosineDecay(${rate} to ${end})`,
    at: (step, total) =>
      add(end, mul((rate - end) / 2, add(1, cos(mul(step, Math.PI / Math.max(1, total)))))),
  };
}

/**
 * The rate rises in a straight line from `rate / 25` to `rate` over the first part of the run (0.3 when left out), then
 * falls along half a cosine to nearly nothing. Source: https://arxiv.org/abs/1708.07120
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, tensor, training } from "@gesso/gesso";
 *
 * const rate = training.oneCycle(0.1).at(tensor(30), 100);
 * assertAlmostEquals((await compute(rate)).data[0], 0.1, 1e-6);
 * ```
 */
export function oneCycle(rate: number, options: { rise?: number } = {}): ScheduleFunction {
  readValue("make oneCycle", "rate", rate, above(0));
  const { rise } = readOptions("make oneCycle", options, {
    rise: optional(numberThat("between 0 and 1", (part) => part > 0 && part < 1), 0.3),
  });
  return {
    description: `oneCycle(${rate}, rising for ${rise})`,
    at: (step, total) => {
      const peak = Math.max(1, rise * total);
      const start = rate / 25;
      const end = rate / 10_000;
      const up = add(start, mul(step, (rate - start) / peak));
      const way = clamp(mul(sub(step, peak), Math.PI / Math.max(1, total - peak)), 0, Math.PI);
      const down = add(end, mul((rate - end) / 2, add(1, cos(way))));
      return where(less(step, peak), up, down);
    },
  };
}

/**
 * The rate of another schedule, after rising to it in a straight line over the first steps.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, tensor, training } from "@gesso/gesso";
 *
 * const rate = training.warmUp(0.1, 10).at(tensor(4), 100);
 * assertAlmostEquals((await compute(rate)).data[0], 0.05, 1e-6);
 * ```
 */
export function warmUp(schedule: Schedule, steps: number): ScheduleFunction {
  readValue("make warmUp", "schedule", schedule, scheduleKind);
  readValue("make warmUp", "steps", steps, above(0));
  return {
    description: `warmUp(${describeSchedule(schedule)}, ${steps} steps)`,
    at: (step, total) => mul(rateAt(schedule, step, total), clamp(div(add(step, 1), steps), 0, 1)),
  };
}
