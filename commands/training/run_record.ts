/** What the record of a run says: its recipe, and the options that it was begun with. */
import { isObject } from "../../formats/json/is_object.ts";
import type { Recipe } from "../../recipes/recipe.ts";
import { readConfigFile } from "../options/config_file.ts";
import type { readConfig } from "../options/options.ts";
import { files } from "../run_folders/run_folder.ts";
import { recipeKey, trainOptions } from "./train_options.ts";

/** The file that holds it. */
const pathIn = (folder: string) => `${folder}/${files.options}`;

/** The name of a run's recipe, if it has one; whatever else may be wrong with the record, those who read all of it will say. */
export async function recordedRecipe(folder: string): Promise<string | undefined> {
  try {
    const content: unknown = JSON.parse(await Deno.readTextFile(pathIn(folder)));
    return isObject(content) && typeof content.recipe === "string" ? content.recipe : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The options of a run of a recipe. */
export const recordedOptions = (folder: string, recipe: Recipe): Promise<ReturnType<typeof readConfig>> =>
  readConfigFile([recipeKey(recipe), ...trainOptions(recipe)], pathIn(folder));
