/** A task of a recipe in a folder of its own: what is written there, when, and what is said. */
import { writeAtomic } from "../../data/storage/write_atomic.ts";
import type { Device } from "../../engine/device.ts";
import { encodeModel } from "../../models/model_file.ts";
import type { Recipe, Task } from "../../recipes/recipe.ts";
import { defaultRecipe } from "../../recipes/recipes.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import { checkpointFile } from "../../training/callbacks/checkpoint_file.ts";
import { loadCheckpoint } from "../../training/checkpoints/checkpoint.ts";
import type { OptionValues } from "../options/options.ts";
import { keepTuning } from "../options/tuning.ts";
import { claimRun, exists, files, holdRun, newRun, RUNS } from "../run_folders/run_folder.ts";
import { shortCommandLine } from "../permissions/command_line.ts";
import { print } from "../terminal/print.ts";
import { printScore } from "../terminal/score.ts";
import { labelled } from "../terminal/terminal.ts";
import type { BegunRun } from "./resume_run.ts";
import { narrate } from "./train_progress.ts";

/** How a task is trained. */
export interface Training {
  readonly recipe: Recipe;
  /** The options of the run. */
  readonly values: OptionValues;
  /** Whether kernels are printed. */
  readonly explains: boolean;
  /** The run to go on with. */
  readonly begun: BegunRun | undefined;
  readonly device: Device;
  readonly signal: AbortSignal;
  /** Hears how files are written into the run's folder, once there is one. */
  readonly onFolder: (write: (name: string, bytes: Uint8Array) => Promise<void>) => void;
}

/** Trains, shows how the model does, and writes everything. */
export async function trainTask(task: Task, training: Training): Promise<void> {
  const { recipe, values, explains, begun, device, signal } = training;
  signal.throwIfAborted();
  const { model } = task;
  const out = values.text("out");
  if (!begun && out !== undefined) await claimRun(out);
  const folder = begun?.folder ?? out ?? await newRun(task.name);
  const root = folder.startsWith(`${RUNS}/`) ? RUNS : folder;
  const write = (name: string, content: string | Uint8Array) =>
    writeAtomic(
      `${folder}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
      { root },
    );
  training.onFolder(write);
  // What names no recipe is of the worked example, as it always was.
  const named = recipe === defaultRecipe ? {} : { recipe: recipe.name };
  if (!begun) {
    const record = { ...named, ...values.entries(), ...task.settled };
    await write(files.options, JSON.stringify(record, null, 2) + "\n");
  }
  using _held = begun ? undefined : await holdRun(folder);
  const checkpoint = `${folder}/${files.checkpoint}`;
  print("", ...model.summary().split("\n"), "");
  let isStarted = false;
  const records: Callback = {
    onStart: async () => {
      isStarted = true;
      await keepTuning(device);
      const variants = device.tuning?.entries ?? {};
      await write(files.tuning, JSON.stringify({ device: device.description, variants }, null, 2) + "\n");
    },
    onEpoch: (_record, run) =>
      write(files.history, run.history.map((r) => `${JSON.stringify(r)}\n`).join("")),
  };
  try {
    const history = await task.train({
      device,
      signal,
      resume: begun?.hasCheckpoint ? await loadCheckpoint(checkpoint) : undefined,
      callbacks: [records, narrate(task, recipe.examples, explains), checkpointFile(checkpoint, { root })],
    });
    const report = await task.report({ device, signal, history });
    printScore(report);
    model.info = { ...model.info, ...named };
    await write(files.model, encodeModel(model));
    for (const [name, bytes] of Object.entries(report.files)) await write(name, bytes);
    await write(files.curve, report.curve);
    for (const name of [files.model, files.history, ...Object.keys(report.files), files.curve]) {
      print(labelled("wrote", `${folder}/${name}`));
    }
    print(labelled("next", whatNext(recipe, out === undefined ? [] : ["--model", out])));
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      if (!isStarted) await keepTuning(device); // what was found out so far
      const what = await exists(checkpoint) ? `saved ${folder}` : `${folder} has no step yet`;
      print(`${what}; go on with: ${shortCommandLine("train", ["train", "--resume", folder])}`);
    }
    throw error;
  }
}

/** The command that people want behind a training: it makes something with the model, or shows it something. */
function whatNext({ maker, classifier }: Recipe, model: readonly string[]): string {
  if (maker) return shortCommandLine("generate", ["generate", maker.name, ...model]);
  return classifier
    ? shortCommandLine("classify", ["classify", "FILE", ...model])
    : shortCommandLine("predict", ["predict", "IMAGE", ...model]);
}
