/** What a person sees of a training. */
import { formatBytes, formatFlops } from "../../engine/explain.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import type { EpochRecord } from "../../training/loop/history.ts";
import type { Task } from "../../recipes/recipe.ts";
import { faint, print, printFitting, printLive } from "../terminal/print.ts";
import { bar, clock, count, labelled, percent } from "../terminal/terminal.ts";

/** What is told of a task. */
export type Told = Pick<Task, "method" | "batchSize" | "seed">;

/**
 * Prints what is going on: the plan, a bar for each epoch, a line for each that is done. `examples` is what the task's examples
 * are called. The time left is that of the training, if each epoch takes as long as the last one.
 */
export function narrate(task: Told, examples: string, explains: boolean): Callback {
  let epochSeconds: number | undefined;
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
      const figures = figuresOf(p, "training").join("  ");
      const each = epochSeconds ?? p.steps * task.batchSize / p.examplesPerSecond;
      const left = `${clock(p.secondsLeft + (p.epochs - p.epoch) * each)} left`;
      const done = (width: number) => bar(p.step / p.steps, width);
      printLive(
        `${epoch} ${done(20)} ${figures}  ${count(p.examplesPerSecond)} ${examples}/s  ${left}`,
        `${epoch} ${done(20)} ${figures}  ${left}`,
        `${epoch} ${done(8)} ${figures}`,
        `${epoch} ${done(8)} ${left}`,
        `${epoch} ${done(8)}`,
      );
    },
    onEpoch: (r, run) => {
      epochSeconds = r.seconds;
      printFitting(...epochLines(r, run.epochs, examples));
    },
  };
}

/** Numbers that tell how far a training is, and how fast. */
const progress = new Set(["epoch", "epochs", "step", "steps", "seconds", "secondsLeft", "examplesPerSecond"]);

/** What a step measures, by name; those of validation data apart. */
function figuresOf(numbers: Readonly<Record<string, number>>, of: "training" | "validation"): string[] {
  return Object.entries(numbers).flatMap(([name, value]) => {
    const isValidation = /^validation[A-Z]/.test(name);
    if (progress.has(name) || isValidation !== (of === "validation")) return [];
    const own = isValidation ? name.slice("validation".length) : name;
    const words = own.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
    return `${words} ${
      /accuracy$/.test(words) ? percent(value).padStart(percent(1).length) : value.toFixed(4)
    }`;
  });
}

/** What an epoch came to, the longest line first. */
function epochLines(r: EpochRecord, epochs: number, examples: string): string[] {
  const epoch = epochOf(r.epoch, epochs);
  const [time, speed] = [clock(r.seconds), `${count(r.examplesPerSecond)} ${examples}/s`];
  const trained = figuresOf(r, "training");
  const judged = figuresOf(r, "validation");
  const both = (figures: string[], judged: string[]) =>
    [epoch, ...figures, ...judged.map((figure, i) => i === 0 ? `validation ${figure}` : figure)].join("  ");
  const all = both(trained, judged);
  const short = judged.map((figure) => figure.replace(/^(loss|accuracy) /, ""));
  // What counts most: the accuracy, and the loss where there is none.
  const key = Math.max(0, trained.findIndex((figure) => figure.startsWith("accuracy")));
  const least = both(trained.slice(key, key + 1), short.slice(key, key + 1));
  return [
    `${all}  ${faint(`${time}  ${speed}`)}`,
    `${all}  ${faint(time)}`,
    both(trained, short),
    `${least}  ${faint(time)}`,
    least,
  ];
}

/** `epoch  1/10`: as long for each. */
const epochOf = (epoch: number, epochs: number): string =>
  `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
