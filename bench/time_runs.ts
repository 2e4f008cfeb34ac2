/** How long one of many runs takes, without what waiting for the device takes: some 10 ms on a GPU. */
import { median, timed } from "./machine.ts";

/** Starts so many runs and waits until all are done; with 0 it only waits. */
export type Run = (times: number) => Promise<unknown>;

/** Times one run by many. */
export class RunTimer {
  readonly #run: Run;
  /** The shortest wait seen: on a busy machine others would take off more than waiting takes. */
  #wait = Infinity;
  readonly #times: number;

  private constructor(run: Run, times = 1, wait = Infinity) {
    this.#run = run;
    this.#times = times;
    this.#wait = wait;
  }

  /** Runs it until it is warm, and finds how many runs take about `seconds`. */
  static async of(run: Run, seconds: number): Promise<RunTimer> {
    await run(2);
    let timer = new RunTimer(run);
    await timer.#waits();
    let times = 1;
    // A single run may be mostly the wait's own noise.
    for (let i = 0; i < 3; i++) {
      const one = Math.max(1e-9, Math.min(...await timer.samples(2)));
      if (one >= seconds) break;
      times = Math.max(1, Math.min(20 * times, Math.round(seconds / one)));
      timer = new RunTimer(run, times, timer.#wait);
    }
    // A GPU that had nothing to do for a while is slow at first.
    if (times > 1) await run(2 * times);
    return timer;
  }

  async #waits(): Promise<void> {
    for (let i = 0; i < 4; i++) this.#wait = Math.min(this.#wait, await timed(() => this.#run(0)));
  }

  /** Seconds of one run, measured once more; 0 where all runs took no longer than waiting for none. */
  async sample(): Promise<number> {
    const seconds = await timed(() => this.#run(this.#times));
    // Then something else was in the way when it only waited.
    if (seconds <= this.#wait) await this.#waits();
    return Math.max(0, seconds - this.#wait) / this.#times;
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
