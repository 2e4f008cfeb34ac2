/** `train`: the worked example from data to a saved model. */
import { cacheDirectory } from "../data/storage/cache_directory.ts";
import { writeAtomic } from "../data/storage/write_atomic.ts";
import type { Device } from "../engine/device.ts";
import { cnn } from "../models/cnn.ts";
import type { Callback } from "../training/callbacks/callback.ts";
import { checkpointFile } from "../training/callbacks/checkpoint_file.ts";
import { loadCheckpoint } from "../training/checkpoints/checkpoint.ts";
import { fit } from "../training/fit/fit.ts";
import { chooseData, type ChosenData, dataNeeds } from "./options/choose_data.ts";
import type { Command, Needs } from "./command.ts";
import { Interruption } from "./terminal/interruption.ts";
import { openDevice } from "./options/model_options.ts";
import type { OptionValues } from "./options/options.ts";
import { DEVICE_VARIABLES, joinPermissions, requirePermissions } from "./permissions/permissions.ts";
import { print } from "./terminal/print.ts";
import { type BegunRun, findRun } from "./training/resume_run.ts";
import { checkIsFree, claimRun, exists, files, holdRun, newRun, RUNS } from "./run_folders/run_folder.ts";
import { sweepRuns } from "./run_folders/sweep_runs.ts";
import { labelled } from "./terminal/terminal.ts";
import { fitOptions, trainOptions } from "./training/train_options.ts";
import { narrate } from "./training/train_progress.ts";
import { finishTraining } from "./training/train_results.ts";
import { keepTuning, tuningOption } from "./options/tuning.ts";

/** The command. */
export const train: Command = {
  name: "train",
  summary: "Train the worked-example network on CIFAR-10, and see how it does.",
  permissions: {
    read: ["."],
    write: [".gesso", RUNS],
    net: ["www.cs.toronto.edu"],
    env: DEVICE_VARIABLES,
  },
  needs: trainNeeds,
  options: trainOptions,
  notes: [
    "Ctrl-C saves the run and exits with 130; --resume goes on as if nothing had happened.",
    `An --out elsewhere needs --allow-write for that folder.`,
  ],
  run: async (given) => {
    using interruption = new Interruption(() =>
      print("stopping: the step that is under way is finished first")
    );
    await runTraining(given, interruption.signal);
  },
};

function trainNeeds(values: OptionValues): Needs {
  const { now, later } = dataNeeds(values);
  const folder = values.text("resume") ?? values.text("out") ?? RUNS;
  const cache = values.has(tuningOption.name) ? [] : [cacheDirectory()];
  return { now: joinPermissions({ read: [...cache, folder], write: [...cache, folder] }, now), later };
}

async function runTraining(given: OptionValues, signal: AbortSignal): Promise<void> {
  const begun = given.has("resume") ? await findRun(given) : undefined;
  const values = begun?.values ?? given;
  if (begun) await requirePermissions(trainNeeds(values).now);
  const out = values.text("out");
  if (!begun && out !== undefined) await checkIsFree(out);
  using _held = begun && await holdRun(begun.folder);
  if (begun) {
    const from = begun.hasCheckpoint ? "its last save" : "the beginning, as it has no step yet";
    print(labelled("resuming", `${begun.folder}, from ${from}`));
  }
  await sweepRuns();
  const data = await chooseData(values.text("dataset")!, values, signal);
  if (begun && begun.dataset !== data.name) {
    throw new Error(
      `Cannot go on with ${begun.folder}: it was trained on ${begun.dataset}, which is not there now`,
    );
  }
  const device = await openDevice(values, { times: true, recorded: begun?.ways });
  try {
    await trainOn(device, { given, values, data, begun, signal });
  } finally {
    device.close();
  }
}

interface Training {
  /** The options of the command line. */
  readonly given: OptionValues;
  /** Those of the run. */
  readonly values: OptionValues;
  readonly data: ChosenData;
  /** The run to go on with. */
  readonly begun: BegunRun | undefined;
  readonly signal: AbortSignal;
}

async function trainOn(device: Device, { given, values, data, begun, signal }: Training): Promise<void> {
  signal.throwIfAborted();
  const model = cnn({ seed: values.number("seed")! });
  const out = values.text("out");
  if (!begun && out !== undefined) await claimRun(out);
  const folder = begun?.folder ?? out ?? await newRun(`${model.name}-${data.name}`);
  const root = folder.startsWith(`${RUNS}/`) ? RUNS : folder;
  const write = (name: string, content: string | Uint8Array) =>
    writeAtomic(
      `${folder}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
      { root },
    );
  if (!begun) {
    await write(files.options, JSON.stringify({ ...values.entries(), dataset: data.name }, null, 2) + "\n");
  }
  using _held = begun ? undefined : await holdRun(folder);
  const checkpoint = `${folder}/${files.checkpoint}`;
  print("", ...model.summary().split("\n"), "");
  const options = fitOptions(values);
  let isStarted = false;
  const records: Callback = {
    onStart: async () => {
      isStarted = true;
      await keepTuning(device);
      const ways = device.tuning?.entries ?? {};
      await write(files.tuning, JSON.stringify({ device: device.description, ways }, null, 2) + "\n");
    },
    onEpoch: (_record, run) =>
      write(files.history, run.history.map((r) => `${JSON.stringify(r)}\n`).join("")),
  };
  try {
    const history = await fit(model, data.train, {
      ...options,
      validation: data.test,
      device,
      signal,
      resume: begun?.hasCheckpoint ? await loadCheckpoint(checkpoint) : undefined,
      callbacks: [
        records,
        narrate(options.optimizer.description, values, given.has("explain")),
        checkpointFile(checkpoint, { root }),
      ],
    });
    const written = await finishTraining({ model, data, device, history, signal, write });
    print(...written.map((name) => labelled("wrote", `${folder}/${name}`)));
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      if (!isStarted) await keepTuning(device); // what was found out so far
      const what = await exists(checkpoint) ? `saved ${folder}` : `${folder} has no step yet`;
      print(`${what}; go on with: train --resume ${folder}`);
    }
    throw error;
  }
}
