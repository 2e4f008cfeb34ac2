/** What a person sees of a training. */
import { formatBytes, formatFlops } from "../../engine/explain.ts";
import type { Callback } from "../../training/callbacks.ts";
import type { EpochRecord } from "../../training/history.ts";
import type { Task } from "../../recipes/recipe.ts";
import { faint, print, printFitting, printLive } from "../terminal/print.ts";
import { bar, clock, count, labelled, percent } from "../terminal/terminal.ts";

/** What is told of a task. */
export type Told = Pick<Task, "method" | "batchSize" | "seed">;

/**
 * Prints what is going on: the plan, a bar for each epoch, a line for each that is done. `examples` is what the task's examples
 * are called.
 */
export function narrate(task: Told, examples: string, explains: boolean): Callback {
  return {
    onStart: (run) => {
      const { dispatches, submits, flops, plannedBytes, liveBytes } = run.summary;
      print(
        labelled(
          "plan",
          `${dispatches} dispatches and ${submits} submit a step, ${formatFlops(flops)} a step`,
        ),
      );
      print(
        labelled(
          "memory",
          `${formatBytes(plannedBytes)} for temporaries, at most ${formatBytes(liveBytes)} in use at once`,
        ),
      );
      const times = run.epochs === 1 ? "1 epoch" : `${count(run.epochs)} epochs`;
      const size = `${count(run.stepsPerEpoch)} steps of ${task.batchSize} ${examples}`;
      print(
        labelled(
          "training",
          `${task.method}, ${times} of ${size}, seed ${task.seed}`,
        ),
        "",
      );
      if (explains) print(...run.explain().split("\n"), "");
    },
    onProgress: (p) => {
      const epoch = epochOf(p.epoch, p.epochs);
      const figures = figuresOf(p);
      const left = `${clock(p.secondsLeft)} left`;
      const done = (width: number) => bar(p.step / p.steps, width);
      printLive(
        `${epoch} ${done(20)} ${figures}  ${count(p.examplesPerSecond)} ${examples}/s  ${left}`,
        `${epoch} ${done(20)} ${figures}  ${left}`,
        `${epoch} ${done(8)} ${figures}`,
        `${epoch} ${done(8)} ${left}`,
        `${epoch} ${done(8)}`,
      );
    },
    onEpoch: (r, run) => printFitting(...epochLines(r, run.epochs, examples)),
  };
}

/** What a task is measured by while it is trained. */
const figuresOf = ({ loss, accuracy }: Pick<EpochRecord, "loss" | "accuracy">): string =>
  [`loss ${loss.toFixed(4)}`, ...accuracy === undefined ? [] : [`accuracy ${percent(accuracy)}`]].join("  ");

/** What an epoch came to, the longest line first. */
function epochLines(r: EpochRecord, epochs: number, examples: string): string[] {
  const epoch = epochOf(r.epoch, epochs);
  const [time, speed] = [clock(r.seconds), `${count(r.examplesPerSecond)} ${examples}/s`];
  const judged = r.validationLoss === undefined
    ? undefined
    : figuresOf({ loss: r.validationLoss, accuracy: r.validationAccuracy });
  const all = [epoch, figuresOf(r), ...judged ? [`validation ${judged}`] : []].join("  ");
  const short = judged?.replaceAll(/loss |accuracy /g, "");
  return [
    `${all}  ${faint(`${time}  ${speed}`)}`,
    `${all}  ${faint(time)}`,
    [epoch, figuresOf(r), ...short ? [`validation ${short}`] : []].join("  "),
    [epoch, figuresOf(r).split("  ").at(-1), ...short ? [`validation ${short.split("  ").at(-1)}`] : []].join(
      "  ",
    ),
  ];
}

/** `epoch  1/10`: as long for each. */
const epochOf = (epoch: number, epochs: number): string =>
  `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
