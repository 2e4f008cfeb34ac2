/** What a person sees of a training. */
import { formatBytes, formatFlops } from "../../engine/explain.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import type { EpochRecord } from "../../training/loop/history.ts";
import type { OptionValues } from "../options/options.ts";
import { faint, print, printFitting, printLive } from "../terminal/print.ts";
import { bar, clock, count, labelled, percent } from "../terminal/terminal.ts";

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
          `${formatBytes(plannedBytes)} for temporaries, at most ${formatBytes(liveBytes)} in use at once`,
        ),
      );
      const times = run.epochs === 1 ? "1 epoch" : `${count(run.epochs)} epochs`;
      const size = `${count(run.stepsPerEpoch)} steps of ${values.number("batch-size")} images`;
      print(
        labelled(
          "training",
          `${optimizer}, ${times} of ${size}, seed ${values.number("seed")}`,
        ),
        "",
      );
      if (explains) print(...run.explain().split("\n"), "");
    },
    onProgress: (p) => {
      const epoch = epochOf(p.epoch, p.epochs);
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
    onEpoch: (r, run) => printFitting(...epochLines(r, run.epochs)),
  };
}

/** What an epoch came to, the longest line first. */
function epochLines(r: EpochRecord, epochs: number): string[] {
  const epoch = epochOf(r.epoch, epochs);
  const [loss, accuracy] = [`loss ${r.loss.toFixed(4)}`, `accuracy ${percent(r.accuracy!)}`];
  const [testLoss, testAccuracy] = [r.validationLoss!.toFixed(4), percent(r.validationAccuracy!)];
  const [time, speed] = [clock(r.seconds), `${count(r.examplesPerSecond)} images/s`];
  const all = `${epoch}  ${loss}  ${accuracy}  validation loss ${testLoss}  accuracy ${testAccuracy}`;
  return [
    `${all}  ${faint(`${time}  ${speed}`)}`,
    `${all}  ${faint(time)}`,
    `${epoch}  ${loss}  ${accuracy}  validation ${testLoss}  ${testAccuracy}`,
    `${epoch}  ${accuracy}  validation ${testAccuracy}`,
  ];
}

/** `epoch  1/10`: as long for each. */
const epochOf = (epoch: number, epochs: number): string =>
  `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
