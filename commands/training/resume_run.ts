/** The run that `train --resume` goes on with. */
import type { Recipe } from "../../recipes/recipe.ts";
import { defaultRecipe, findRecipe, recipes } from "../../recipes/recipes.ts";
import { UsageError } from "../../recipes/usage_error.ts";
import { combineValues, type OptionValues } from "../options/options.ts";
import { exists, files, listRuns, RUNS } from "../run_folders/run_folder.ts";
import { recordedVariants } from "../options/tuning.ts";
import { recordedOptions, recordedRecipe } from "./run_record.ts";
import { runOptions } from "./train_options.ts";

/** A run that was begun. */
export interface BegunRun {
  readonly folder: string;
  readonly recipe: Recipe;
  /** What it was begun with. */
  readonly values: OptionValues;
  /** How its kernels are computed. */
  readonly variants: Record<string, string>;
  /** Whether it came to a checkpoint; without one it begins again, which gives the same. */
  readonly hasCheckpoint: boolean;
}

/**
 * The folder to go on with, and the recipe and options that its run began with; refuses others, and a run that has nothing left
 * to do. `named` is the recipe of the command line, if there is one.
 */
export async function findRun(given: OptionValues, named: Recipe | undefined): Promise<BegunRun> {
  const folder = given.text("resume")?.replace(/(?<=.)\/+$/, "") ?? await newestBegun(named);
  if (!await isBegun(folder)) {
    throw new UsageError(
      `Cannot go on with ${folder}: it has no ${files.options}, so no run was begun there`,
    );
  }
  const recipe = await recipeOf(folder);
  if (named && named !== recipe) {
    throw new UsageError(
      `Cannot go on with ${folder} as ${named.name}: it was begun as ${recipe.name}; train --resume ${folder} goes on with it`,
    );
  }
  const specs = runOptions(recipe);
  const values = combineValues(specs, await recordedOptions(folder, recipe));
  for (const name of ["out", ...specs.map((option) => option.name)]) {
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
  const variants = await recordedVariants(`${folder}/${files.tuning}`);
  const hasCheckpoint = await exists(`${folder}/${files.checkpoint}`);
  return { folder, recipe, values, variants, hasCheckpoint };
}

/** The recipe that a run was begun with. */
async function recipeOf(folder: string): Promise<Recipe> {
  const name = await recordedRecipe(folder);
  const recipe = name === undefined ? defaultRecipe : findRecipe(name);
  if (recipe) return recipe;
  throw new UsageError(
    `Cannot go on with ${folder}: it was begun as ${name}, and there are ${
      recipes.map((r) => r.name).join(", ")
    }`,
  );
}

/** The newest run, of a recipe if one is named; one that was ended before it had written what it was to be is none. */
async function newestBegun(named: Recipe | undefined): Promise<string> {
  for (const name of (await listRuns()).reverse()) {
    const folder = `${RUNS}/${name}`;
    if (!await isBegun(folder)) continue;
    if (!named || (await recordedRecipe(folder) ?? defaultRecipe.name) === named.name) {
      return folder;
    }
  }
  const what = named ? ` of ${named.name}` : "";
  throw new UsageError(`Cannot find a run${what} to go on with: no run in ${RUNS}/ has one; train makes one`);
}

/** An empty file only claims the folder. */
async function isBegun(folder: string): Promise<boolean> {
  const path = `${folder}/${files.options}`;
  return await exists(path) && (await Deno.stat(path)).size > 0;
}
