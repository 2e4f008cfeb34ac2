/** Runs that are interrupted, and what they leave in a file. */
import { assertEquals, assertRejects } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import type { Model } from "../../../models/model.ts";
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from "../../../training/checkpoints/checkpoint.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import { pictures, smallModel, smallOptions } from "../small_run.ts";

const device = cpuDevice({ threads: 1 });

/**
 * Trains until the first progress that is reported, which is after one step, as a run does not know its speed before;
 * then interrupts the run. Gives the checkpoint of that moment as its file gives it back.
 */
export async function oneStep(
  folder: string,
  options: FitOptions = {},
  model: Model = smallModel(),
): Promise<Checkpoint> {
  const controller = new AbortController();
  const path = `${folder}/checkpoint`;
  const error = await assertRejects(() =>
    fit(model, pictures, {
      ...smallOptions,
      device,
      ...options,
      signal: controller.signal,
      callbacks: [...options.callbacks ?? [], {
        onProgress: () => controller.abort(new Error("enough")),
        onInterrupt: async (run) => await saveCheckpoint(await run.checkpoint(), path),
      }],
    })
  );
  assertEquals(error.message, "enough");
  const checkpoint = await loadCheckpoint(path);
  assertEquals(checkpoint.step, (options.resume?.step ?? 0) + 1);
  return checkpoint;
}
