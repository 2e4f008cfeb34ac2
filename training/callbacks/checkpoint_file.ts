/** A callback that writes checkpoints. */
import { saveCheckpoint } from "../checkpoints/checkpoint.ts";
import type { Callback, RunContext } from "./callback.ts";

/**
 * Writes a checkpoint after each epoch, and when the run is interrupted: whole or not at all, so the last good one
 * always loads. Needs permission to read and write the file's folder.
 */
export function checkpointFile(path: string, options: { root?: string } = {}): Callback {
  const save = async (run: RunContext) => {
    await saveCheckpoint(await run.checkpoint(), path, options);
    run.lastCheckpoint = path;
  };
  return { onEpoch: (_record, run) => save(run), onInterrupt: save };
}
