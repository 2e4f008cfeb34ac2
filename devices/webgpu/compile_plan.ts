/** A plan as a program for the GPU: kernels that can be computed in several variants are timed first, if that is wanted. */
import type { Kernel } from "../../engine/kernel.ts";
import { type Plan, planOfOne } from "../../engine/plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Tuning } from "../../engine/tuning.ts";
import { takeTurn } from "../../engine/turn.ts";
import { fastestWay, findWays, type Variants } from "../tuning/find_variants.ts";
import { leastTimes, type TimingRounds } from "../tuning/least_times.ts";
import { GpuProgram, type GpuSurroundings } from "./runtime/gpu_program.ts";
import { kernelTexts } from "./codegen/kernel_texts.ts";
import type { Target } from "./codegen/target.ts";
import { variantsOf } from "./codegen/write_kernel.ts";

const TIMING: TimingRounds = { roundMs: 5, rounds: 3, mostRuns: 500 };
/** Kernels with fewer operations are not timed. */
const LEAST_FLOPS = 1e7;

/** Compiles; also gives how each kernel is computed. */
export async function compilePlan(
  plan: Plan,
  target: Target,
  tuning: Tuning | undefined,
  surroundings: GpuSurroundings,
): Promise<{ program: GpuProgram; how: readonly string[] }> {
  if (tuning) {
    const variants: Variants = {
      of: variantsOf,
      worthTiming: (kernel, names) => waysToTime(kernel, names, target),
      // One after another, as each takes memory of its own.
      time: async (kernel, names) => {
        const alone = planOfOne(plan, kernel);
        const times = new Map<string, number>();
        for (const variant of names) {
          times.set(variant, await timeAlone(alone, kernelTexts(alone, target, () => variant), surroundings));
        }
        return times;
      },
    };
    await findWays(plan.kernels, tuning, variants, surroundings.signal);
  }
  const texts = kernelTexts(plan, target, (kernel) => fastestWay(kernel, tuning, variantsOf));
  return { program: await GpuProgram.make(plan, texts, surroundings), how: texts.how };
}

/**
 * The variants that are worth being timed, of which the first is the usual one. What a GPU is through with in some microseconds is
 * not worth it.
 */
const waysToTime = (
  { flops }: Kernel,
  names: readonly string[],
  { maxTimedWays }: Target,
): readonly string[] => names.slice(0, flops < LEAST_FLOPS ? 1 : maxTimedWays);

/** Milliseconds of one run of a plan with one kernel, the least of several; it writes to memory of its own. */
async function timeAlone(
  plan: Plan,
  texts: ReturnType<typeof kernelTexts>,
  surroundings: GpuSurroundings,
): Promise<number> {
  const { device, allocate } = surroundings;
  const own = new Map<Tensor, GPUBuffer>();
  for (const { target } of plan.kernels[0].stores) {
    const slot = plan.memory.slots.get(target)!;
    if (slot.kind === "external" && !own.has(target)) {
      own.set(target, allocate(slot.bytes, "timing"));
    }
  }
  const bufferOf = (tensor: Tensor) => own.get(tensor) ?? surroundings.bufferOf(tensor);
  const program = await GpuProgram.make(plan, texts, { ...surroundings, bufferOf });
  const timed = async (times: number) => {
    await takeTurn(surroundings.signal);
    const begin = performance.now();
    program.submit(times);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - begin;
  };
  try {
    await timed(1);
    // Waiting takes some milliseconds, and always the same.
    const wait = Math.min(await timed(0), await timed(0));
    const run = async (times: number) => await timed(times) - wait;
    const [least] = await leastTimes([{ run, once: await run(1) }], TIMING);
    return least;
  } finally {
    program.close();
    for (const buffer of own.values()) buffer.destroy();
  }
}
