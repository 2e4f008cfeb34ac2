/** Options of `train`: those of a recipe, and those that all recipes have. */
import type { OptionSpec } from "../../recipes/options/option_spec.ts";
import type { Recipe } from "../../recipes/recipe.ts";
import { deviceOptions } from "../options/model_options.ts";
import { RUNS } from "../run_folders/run_folder.ts";

/** The options that a run of a recipe is begun with, and goes on with. */
export const runOptions = ({ dataOptions, options }: Recipe): readonly OptionSpec[] => [
  ...dataOptions,
  ...options,
  ...deviceOptions,
];

/** All options of the command. */
export const trainOptions = (recipe: Recipe): readonly OptionSpec[] => [
  ...runOptions(recipe),
  { name: "out", value: "DIR", help: `where the results go; a new folder in ${RUNS}/ when left out` },
  {
    name: "resume",
    value: "[DIR]",
    help: "go on with a run; the newest when left out",
    valueIsOptional: true,
  },
  { name: "config", value: "FILE", help: "a JSON object with these options; flags come first" },
  { name: "explain", help: "print the kernels of a training step" },
];

/** In files, the name of the recipe beside its options, as the record of a run has it. */
export const recipeKey = ({ name }: Recipe): OptionSpec => ({
  name: "recipe",
  value: "NAME",
  help: "what is trained",
  choices: [name],
});
