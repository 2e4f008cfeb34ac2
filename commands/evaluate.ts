/** `evaluate`: how a saved model does on test images. */
import { cifar10Needs } from "../recipes/data/cifar10_or_shapes.ts";
import type { Recipe } from "../recipes/recipe.ts";
import { recipeOfModel, recipes } from "../recipes/recipes.ts";
import type { Command } from "./command.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import type { OptionSpec, OptionValues } from "./options/options.ts";
import { folderOf } from "./permissions/paths.ts";
import {
  DEVICE_VARIABLES,
  isPermitted,
  joinPermissions,
  requirePermissions,
} from "./permissions/permissions.ts";
import { exists, files } from "./run_folders/run_folder.ts";
import { terminalHost } from "./terminal/host.ts";
import { printScore } from "./terminal/score.ts";
import { recordedOptions } from "./training/run_record.ts";

/** Those of all recipes, each name once; what they need is asked for once the model is read. */
const options: readonly OptionSpec[] = [
  ...new Map(recipes.flatMap((recipe) => recipe.dataOptions).reverse().map((option) => [option.name, option]))
    .values(),
].reverse().map((option) => {
  if (option.name === "dataset") {
    return { ...option, help: "the images; auto is what the model was trained on, if that is known" };
  }
  if (option.name !== "data") return option;
  return {
    ...option,
    value: "PATH",
    help: "data as train takes it for this kind of model; what the model was trained on when left out " +
      "(add --allow-read=PATH if it is elsewhere)",
  };
});

/** The command. */
export const evaluate: Command = {
  name: "evaluate",
  summary: "Test a saved model, class by class.",
  permissions: { read: ["."], write: [".gesso"], net: ["www.cs.toronto.edu"], env: DEVICE_VARIABLES },
  needs: (values) => {
    const { now, later } = cifar10Needs(values);
    return { now: joinPermissions(modelNeeds(values), now), later };
  },
  options: [modelOption, ...options, ...deviceOptions],
  run: async (given) => {
    const { model, path } = await openModel(given);
    const recipe = recipeOfModel(model);
    const values = await withRecorded(given, recipe, folderOf(path));
    await requirePermissions(recipe.needs(values).now);
    const judge = await recipe.judge(model, values, terminalHost());
    const device = await openDevice(values);
    const score = await judge({ device });
    device.close();
    printScore(score);
  },
};

/** The options that were given; where they name no data, with those of the run that a model lies beside. */
async function withRecorded(given: OptionValues, recipe: Recipe, folder: string): Promise<OptionValues> {
  if (recipe.dataOptions.some(({ name }) => given.isGiven(name))) return given;
  const path = `${folder}/${files.options}`;
  if (!await isPermitted("read", path) || !await exists(path)) return given;
  const recorded = await recordedOptions(folder, recipe);
  return given.over(
    new Map(recipe.dataOptions.flatMap(({ name }) => {
      const value = recorded.get(name);
      return value === undefined ? [] : [[name, value]];
    })),
  );
}
