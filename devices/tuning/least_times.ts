/** How long things take beside each other. */

/** Something that can be run again and again. */
export interface Timed {
  /** Runs it so many times; gives milliseconds. */
  run(times: number): number | Promise<number>;
  /** What a run has taken so far, at the least. */
  readonly once: number;
}

/** How it is gone about. */
export interface TimingRounds {
  /** A round of each takes about this long, so that the time for starting it does not count. */
  readonly roundMs: number;
  readonly rounds: number;
  /** Runs of a round, at most. */
  readonly mostRuns?: number;
}

/** Milliseconds of one run of each, the least of several rounds in turn: what else the machine does comes and goes. */
export async function leastTimes(
  all: readonly Timed[],
  { roundMs, rounds, mostRuns = Infinity }: TimingRounds,
): Promise<number[]> {
  const least = all.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    for (const [i, timed] of all.entries()) {
      const times = Math.min(mostRuns, Math.max(1, Math.ceil(roundMs / Math.max(timed.once, 1e-3))));
      least[i] = Math.min(least[i], Math.max(0, await timed.run(times)) / times);
    }
  }
  return least;
}
