/** The fastest variants of a plan's kernels, found out where they are not known. */
import type { Kernel } from "../../engine/kernel.ts";
import type { Tuning } from "../../engine/tuning.ts";
import { takeTurn } from "../../engine/turn.ts";
import { kernelKey } from "./kernel_key.ts";

/** What a device has to say about variants. */
export interface Variants {
  /** The names of all variants of a kernel, the usual one first. */
  of(kernel: Kernel): readonly string[];
  /** Those that are worth being timed. */
  worthTiming(kernel: Kernel, variants: readonly string[]): readonly string[];
  /** Milliseconds of one run in each of some variants. */
  time(kernel: Kernel, variants: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** The variant that is known to be the fastest, if one is. */
export const fastestWay = (
  kernel: Kernel,
  tuning: Tuning | undefined,
  variantsOf: Variants["of"],
): string | undefined => tuning?.find(kernelKey(kernel), variantsOf(kernel));

/** Times the kernels that have several variants of which the fastest is not known. The signal ends it in between. */
export async function findWays(
  kernels: readonly Kernel[],
  tuning: Tuning,
  variants: Variants,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const kernel of kernels) {
    const [key, all] = [kernelKey(kernel), variants.of(kernel)];
    if (!tuning.wants(key, all)) continue;
    const worth = variants.worthTiming(kernel, all);
    if (worth.length < 2) continue;
    tuning.keep(key, await variants.time(kernel, worth));
    await takeTurn(signal);
  }
}
