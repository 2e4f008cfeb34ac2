/** How long one of many runs takes, without what waiting for the device takes: some 10 ms on a GPU. */
import { median, timed } from "./machine.ts";

/** Starts so many runs and waits until all are done; with 0 it only waits. */
export type Run = (times: number) => Promise<unknown>;

/** Times one run by many. */
export class RunTimer {
  readonly #run: Run;
  readonly #wait: number;
  readonly #times: number;

  private constructor(run: Run, wait: number, times: number) {
    this.#run = run;
    this.#wait = wait;
    this.#times = times;
  }

  /** Runs it until it is warm, and finds how many runs take about `seconds`. */
  static async of(run: Run, seconds: number): Promise<RunTimer> {
    await run(2);
    // The shortest: on a busy machine others would take off more than the wait.
    let wait = Infinity;
    for (let i = 0; i < 3; i++) wait = Math.min(wait, await timed(() => run(0)));
    let times = 1;
    // A single run may be mostly the wait's own noise.
    for (let i = 0; i < 3; i++) {
      const one = Math.max(1e-9, await new RunTimer(run, wait, times).sample());
      if (one >= seconds) break;
      times = Math.max(1, Math.min(20 * times, Math.round(seconds / one)));
    }
    // A GPU that had nothing to do for a while is slow at first.
    if (times > 1) await run(2 * times);
    return new RunTimer(run, wait, times);
  }

  /** Seconds of one run, measured once more; 0 where all runs took no longer than waiting for none. */
  async sample(): Promise<number> {
    return Math.max(0, await timed(() => this.#run(this.#times)) - this.#wait) / this.#times;
  }

  /** So many samples. */
  async samples(rounds: number): Promise<number[]> {
    const found: number[] = [];
    for (let i = 0; i < rounds; i++) found.push(await this.sample());
    return found;
  }
}

/** Seconds of one of many runs, the median of some rounds that take about `seconds` each. */
export async function secondsOfOne(run: Run, options: { rounds: number; seconds: number }): Promise<number> {
  return median(await (await RunTimer.of(run, options.seconds)).samples(options.rounds));
}
