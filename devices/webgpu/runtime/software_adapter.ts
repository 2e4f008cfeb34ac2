/**
 * Adapters that are programs on the CPU: llvmpipe, SwiftShader, WARP. They get the kernels that GPUs get, so that tests on
 * them test these; all that is different for them is here.
 */
import type { Target } from "../codegen/target.ts";

const NAMES = /llvmpipe|lavapipe|softpipe|swiftshader|basic render|warp/i;

/** Whether an adapter is such a program, by its name. */
export const isSoftwareName = (name: string): boolean => NAMES.test(name);

/** Sizes that suit GPUs, which compile a kernel in a tenth of a second. */
export const gpuSizes: Pick<Target, "maxSliceTerms" | "maxTimedWays" | "maxRounds"> = {
  maxSliceTerms: Infinity,
  maxTimedWays: 4,
  maxRounds: Infinity,
};

/**
 * Sizes that suit these: they compile long texts in seconds, so slices of a sum, which are written out, are short, and
 * few variants of a kernel are compiled to be timed. And llvmpipe makes 65,535 rounds of loops in all: what a thread has to
 * do beyond is left out without a word.
 */
export const softwareSizes: typeof gpuSizes = { maxSliceTerms: 8, maxTimedWays: 2, maxRounds: 50_000 };
