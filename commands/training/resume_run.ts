/** The run that `train --resume` goes on with. */
import { UsageError } from "../command.ts";
import { readConfigFile } from "../options/config_file.ts";
import { combineValues, type OptionValues } from "../options/options.ts";
import { exists, files, listRuns, RUNS } from "../run_folders/run_folder.ts";
import { runOptions, trainOptions } from "./train_options.ts";
import { recordedWays } from "../options/tuning.ts";

/** A run that was begun. */
export interface BegunRun {
  readonly folder: string;
  /** What it was begun with. */
  readonly values: OptionValues;
  readonly dataset: string;
  /** How its kernels are computed. */
  readonly ways: Record<string, string>;
  /** Whether it came to a checkpoint; without one it begins again, which gives the same. */
  readonly hasCheckpoint: boolean;
}

/** The folder to go on with, and the options that its run began with; refuses others, and a run that has nothing left to do. */
export async function findRun(given: OptionValues): Promise<BegunRun> {
  const folder = given.text("resume")?.replace(/(?<=.)\/+$/, "") ?? await newestBegun();
  const path = `${folder}/${files.options}`;
  if (!await isBegun(folder)) {
    throw new UsageError(
      `Cannot go on with ${folder}: it has no ${files.options}, so no run was begun there`,
    );
  }
  const values = combineValues(runOptions, await readConfigFile([...runOptions, ...trainOptions], path));
  for (const name of ["out", ...runOptions.map((option) => option.name)]) {
    const [asked, had] = [given, values].map((v) => v.entries()[name] ?? false);
    if (!given.isGiven(name) || asked === had) continue;
    throw new UsageError(
      `Cannot go on with ${folder} and --${name} ${asked}: a run goes on with what it began with; ` +
        `leave the option out, or begin another run`,
    );
  }
  const isFinished = await exists(`${folder}/${files.curve}`) && await exists(`${folder}/${files.model}`);
  if (isFinished) {
    throw new UsageError(
      `Cannot go on with ${folder}: it is finished; train without --resume begins another run`,
    );
  }
  const ways = await recordedWays(`${folder}/${files.tuning}`);
  const hasCheckpoint = await exists(`${folder}/${files.checkpoint}`);
  return { folder, values, dataset: values.text("dataset")!, ways, hasCheckpoint };
}

/** The newest run; one that was ended before it had written what it was to be is none. */
async function newestBegun(): Promise<string> {
  for (const name of (await listRuns()).reverse()) {
    if (await isBegun(`${RUNS}/${name}`)) return `${RUNS}/${name}`;
  }
  throw new UsageError(`Cannot find a run to go on with: no run in ${RUNS}/ has one; train makes one`);
}

/** An empty file only claims the folder. */
async function isBegun(folder: string): Promise<boolean> {
  const path = `${folder}/${files.options}`;
  return await exists(path) && (await Deno.stat(path)).size > 0;
}
