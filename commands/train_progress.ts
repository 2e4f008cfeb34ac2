/** What a person sees of a training. */
import { formatBytes, formatFlops } from "../engine/explain.ts";
import type { Callback } from "../training/callbacks.ts";
import type { EpochRecord } from "../training/history.ts";
import type { OptionValues } from "./options.ts";
import { faint, print, printLive } from "./print.ts";
import { bar, clock, count, labelled, percent } from "./terminal.ts";

/** Prints what is going on: the plan, a bar for each epoch, a line for each that is done. */
export function narrate(optimizer: string, values: OptionValues, explains: boolean): Callback {
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
          `${formatBytes(plannedBytes)} for temporaries, ${formatBytes(liveBytes)} at least`,
        ),
      );
      const size = `${count(run.stepsPerEpoch)} steps of ${values.number("batch-size")} images`;
      print(
        labelled(
          "training",
          `${optimizer}, ${run.epochs} epochs of ${size}, seed ${values.number("seed")}`,
        ),
        "",
      );
      if (explains) print(...run.explain().split("\n"), "");
    },
    onProgress: (p) => {
      const epoch = `epoch ${p.epoch}/${p.epochs}`;
      const figures = `loss ${p.loss.toFixed(4)}  accuracy ${percent(p.accuracy ?? 0)}`;
      const left = `${clock(p.secondsLeft)} left`;
      const done = (width: number) => bar(p.step / p.steps, width);
      printLive(
        `${epoch} ${done(20)} ${figures}  ${count(p.examplesPerSecond)} images/s  ${left}`,
        `${epoch} ${done(20)} ${figures}  ${left}`,
        `${epoch} ${done(8)} ${figures}`,
        `${epoch} ${done(8)} ${left}`,
        `${epoch} ${done(8)}`,
      );
    },
    onEpoch: (r, run) => print(epochLine(r, run.epochs)),
  };
}

function epochLine(r: EpochRecord, epochs: number): string {
  const speed = faint(`${clock(r.seconds)}  ${count(r.examplesPerSecond)} images/s`);
  return `epoch ${String(r.epoch).padStart(String(epochs).length)}/${epochs}  ` +
    `loss ${r.loss.toFixed(4)}  accuracy ${percent(r.accuracy!)}  ` +
    `validation loss ${r.validationLoss!.toFixed(4)}  accuracy ${percent(r.validationAccuracy!)}  ${speed}`;
}
