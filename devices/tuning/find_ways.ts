/** The fastest ways to compute a plan's kernels, found out where they are not known. */
import type { Kernel } from "../../engine/kernel.ts";
import type { Tuning } from "../../engine/tuning.ts";
import { takeTurn } from "../../engine/turn.ts";
import { kernelKey } from "./kernel_key.ts";

/** What a device has to say about ways. */
export interface Ways {
  /** The names of all ways to compute a kernel, the usual one first. */
  of(kernel: Kernel): readonly string[];
  /** Those that are worth being timed. */
  worthTiming(kernel: Kernel, ways: readonly string[]): readonly string[];
  /** Milliseconds of one run in each of some ways. */
  time(kernel: Kernel, ways: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** The way that is known to be the fastest, if one is. */
export const fastestWay = (
  kernel: Kernel,
  tuning: Tuning | undefined,
  waysOf: Ways["of"],
): string | undefined => tuning?.find(kernelKey(kernel), waysOf(kernel));

/** Times the kernels that have several ways of which the fastest is not known. The signal ends it in between. */
export async function findWays(
  kernels: readonly Kernel[],
  tuning: Tuning,
  ways: Ways,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const kernel of kernels) {
    const [key, all] = [kernelKey(kernel), ways.of(kernel)];
    if (!tuning.wants(key, all)) continue;
    const worth = ways.worthTiming(kernel, all);
    if (worth.length < 2) continue;
    tuning.keep(key, await ways.time(kernel, worth));
    await takeTurn(signal);
  }
}
