/** What a measurement was made on, and how measurements are summed up. */
import description from "../deno.json" with { type: "json" };

/** Gesso, Deno and the processor in one line. */
export function machine(): string {
  let processor = "";
  try {
    processor = /model name\s*:\s*(.*)/.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? "";
  } catch {
    // Elsewhere than on Linux the name is left out.
  }
  const threads = navigator.hardwareConcurrency;
  return `Gesso ${description.version}, Deno ${Deno.version.deno}, ${Deno.build.os}, ${threads} x ${
    processor || Deno.build.arch
  }`;
}

/** Seconds that something takes. */
export async function timed(run: () => unknown): Promise<number> {
  const begin = performance.now();
  await run();
  return (performance.now() - begin) / 1000;
}

/**
 * Seconds of one of many runs, the median of some rounds that take about `seconds` each; `run` starts so many and waits. What
 * waiting alone takes, some 10 ms on a GPU, does not count.
 */
export async function secondsOfOne(
  run: (times: number) => Promise<unknown>,
  options: { rounds: number; seconds: number },
): Promise<number> {
  const { rounds, seconds } = options;
  await run(2);
  const waits: number[] = [];
  for (let i = 0; i < 3; i++) waits.push(await timed(() => run(0)));
  const wait = median(waits);
  const one = async (times: number) => Math.max(1e-9, await timed(() => run(times)) - wait) / times;
  let times = 1;
  // A single run may be mostly the wait's own noise.
  for (let i = 0; i < 3; i++) {
    times = Math.max(1, Math.min(20 * times, Math.round(seconds / await one(times))));
  }
  const found: number[] = [];
  // A GPU that had nothing to do for a while is slow at first.
  await one(2 * times);
  for (let i = 0; i < rounds; i++) found.push(await one(times));
  return median(found);
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
