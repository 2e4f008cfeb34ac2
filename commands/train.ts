/** `train`: a recipe from data to a saved model. */
import { cacheDirectory } from "../data/storage/cache_directory.ts";
import type { OptionReader } from "../recipes/options/option_spec.ts";
import type { Host, Recipe } from "../recipes/recipe.ts";
import { defaultRecipe, findRecipe, recipes } from "../recipes/recipes.ts";
import { type Command, type Needs, twoColumns } from "./command.ts";
import { UsageError } from "../recipes/usage_error.ts";
import { openDevice } from "./options/model_options.ts";
import { combineValues, type OptionValues, suggestion } from "./options/options.ts";
import { tuningOption } from "./options/tuning.ts";
import {
  DEVICE_VARIABLES,
  joinPermissions,
  type Permissions,
  requirePermissions,
} from "./permissions/permissions.ts";
import { checkIsFree, holdRun, RUNS } from "./run_folders/run_folder.ts";
import { sweepRuns } from "./run_folders/sweep_runs.ts";
import { terminalHost } from "./terminal/host.ts";
import { Interruption } from "./terminal/interruption.ts";
import { print } from "./terminal/print.ts";
import { labelled } from "./terminal/terminal.ts";
import { findRun } from "./training/resume_run.ts";
import { recipeKey, trainOptions } from "./training/train_options.ts";
import { trainTask } from "./training/train_task.ts";

/** The command without a name behind it: the worked example. */
export const train: Command = {
  ...trainCommand(defaultRecipe, undefined),
  summary: "Train the worked-example network on CIFAR-10, or another recipe, and see how it does.",
  operands: "[RECIPE]",
  resolve: (args) => {
    const [name, ...rest] = args;
    if (name === undefined || name.startsWith("-")) return undefined;
    const recipe = findRecipe(name);
    if (recipe) return { command: trainCommand(recipe, recipe), args: rest };
    const names = recipes.map((r) => r.name);
    throw new UsageError(
      `Cannot train "${name}": there are ${names.join(", ")}${suggestion(name, names, "")}`,
    );
  },
};

/** The command that trains a recipe; `named` is that of the command line, if one is named there. */
function trainCommand(recipe: Recipe, named: Recipe | undefined): Command {
  const required = recipe.dataOptions.filter((option) => option.isRequired);
  return {
    name: named ? `train ${named.name}` : "train",
    set: "train",
    summary: recipe.summary,
    operands: required.map((option) => `--${option.name} ${option.value}`).join(" "),
    permissions: documented(recipe),
    needs: (values) => trainNeeds(recipe, values),
    options: trainOptions(recipe),
    fileOptions: [recipeKey(recipe)],
    notes: [
      "Ctrl-C saves the run and exits with 130; --resume goes on as if nothing had happened.",
      "An --out elsewhere needs --allow-write for that folder.",
      ...named ? [] : otherRecipes(),
    ],
    check: (values) => {
      const missing = values.has("resume") ? undefined : required.find((option) => !values.has(option.name));
      if (!missing) return;
      throw new UsageError(
        `Cannot train ${recipe.name} without --${missing.name} ${missing.value}: ${missing.help}`,
      );
    },
    run: async (given) => {
      using interruption = new Interruption(() =>
        print("stopping: the step that is under way is finished first")
      );
      await runTraining(recipe, named, given, interruption.signal);
    },
  };
}

/** What can be named behind `train`. */
function otherRecipes(): string[] {
  return [
    "",
    "train RECIPE trains one of these, and train RECIPE --help says what it takes:",
    "",
    ...twoColumns(recipes.map((r) => [r.name, r.summary])),
  ];
}

/** What is enough for a recipe as long as nothing lies elsewhere. */
function documented(recipe: Recipe): Permissions {
  const { now, later = {} } = recipe.needs(combineValues(recipe.dataOptions));
  return joinPermissions({ read: ["."], write: [cacheDirectory(), RUNS] }, now, later, {
    env: DEVICE_VARIABLES,
  });
}

function trainNeeds(recipe: Recipe, values: OptionReader): Needs {
  const { now, later } = recipe.needs(values);
  const folder = values.text("resume") ?? values.text("out") ?? RUNS;
  const cache = values.has(tuningOption.name) ? [] : [cacheDirectory()];
  return { now: joinPermissions({ read: [...cache, folder], write: [...cache, folder] }, now), later };
}

async function runTraining(
  asked: Recipe,
  named: Recipe | undefined,
  given: OptionValues,
  signal: AbortSignal,
): Promise<void> {
  const begun = given.has("resume") ? await findRun(given, named) : undefined;
  const { recipe, values } = begun ?? { recipe: asked, values: given };
  if (begun) await requirePermissions(trainNeeds(recipe, values).now);
  const out = values.text("out");
  if (!begun && out !== undefined) await checkIsFree(out);
  using _held = begun && await holdRun(begun.folder);
  if (begun) {
    const from = begun.hasCheckpoint ? "its last save" : "the beginning, as it has no step yet";
    print(labelled("resuming", `${begun.folder}, from ${from}`));
  }
  await sweepRuns();
  let keep: Host["keep"] | undefined;
  const host = terminalHost({
    signal,
    keep: async (name, bytes) => {
      if (!keep) throw new Error(`Cannot keep ${name}: the run has no folder yet`);
      await keep(name, bytes);
    },
  });
  const task = await recipe.begin(values, host);
  const device = await openDevice(values, { times: true, recorded: begun?.variants });
  try {
    const explains = given.has("explain");
    const onFolder = (write: Host["keep"]) => void (keep = write);
    await trainTask(task, { recipe, values, explains, begun, device, signal, onFolder });
  } finally {
    device.close();
  }
}
