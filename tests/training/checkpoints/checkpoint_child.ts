/** Trains and writes a checkpoint after each epoch to the file it is given, until it is killed. */
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { checkpointFile } from "../../../training/callbacks/checkpoint_file.ts";
import { fit } from "../../../training/fit/fit.ts";
import { pictures, smallModel } from "../small_run.ts";

const [path] = Deno.args;
await fit(smallModel(), pictures, {
  epochs: 1_000_000,
  batchSize: 70,
  optimizer: adam(),
  device: cpuDevice({ threads: 1 }),
  callbacks: [checkpointFile(path), { onEpoch: (r) => r.epoch === 1 ? console.log("one epoch") : undefined }],
});
