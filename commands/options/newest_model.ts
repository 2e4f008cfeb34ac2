/** The model that a command takes where none is named. */
import type { Maker } from "../../recipes/recipe.ts";
import { defaultRecipe, makers } from "../../recipes/recipes.ts";
import { UsageError } from "../../recipes/usage_error.ts";
import { exists, files, listRuns, RUNS } from "../run_folders/run_folder.ts";
import { recordedRecipe } from "../training/run_record.ts";

/** The model of the newest run of a recipe whose models make this. */
export async function newestModel(maker: Maker): Promise<string> {
  const names = makers.get(maker)!.map(({ name }) => name);
  for (const run of (await listRuns()).reverse()) {
    const folder = `${RUNS}/${run}`;
    const path = `${folder}/${files.model}`;
    if (!await exists(path) || !await exists(`${folder}/${files.options}`)) continue;
    if (names.includes(await recordedRecipe(folder) ?? defaultRecipe.name)) return path;
  }
  throw new UsageError(
    `Cannot find a model that makes ${maker.name}: no run in ${RUNS}/ has one; train ${
      names.join(" or ")
    } makes one, and --model names one elsewhere`,
  );
}
