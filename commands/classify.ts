/** `classify`: what class a saved model takes texts, sounds or other files for. */
import { visible } from "../engine/visible.ts";
import type { Thing } from "../recipes/recipe.ts";
import { recipeOfModel } from "../recipes/recipes.ts";
import { UsageError } from "../recipes/usage_error.ts";
import type { Command } from "./command.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import { DEVICE_VARIABLES, joinPermissions } from "./permissions/permissions.ts";
import { readFileUpTo } from "./permissions/read_file.ts";
import { bold, print } from "./terminal/print.ts";
import { classRows } from "./terminal/class_rows.ts";

/** More is no file to be told apart by. */
const mostBytes = 1_000_000_000;

/** The command. */
export const classify: Command = {
  name: "classify",
  summary: "Show what class a saved model takes files for: texts, as train text-classes learned them.",
  operands: "FILE...",
  maxOperands: Infinity,
  permissions: { read: ["."], env: DEVICE_VARIABLES },
  needs: (values, paths) => ({ now: joinPermissions(modelNeeds(values), { read: paths }) }),
  options: [
    modelOption,
    { name: "text", value: "TEXT", help: "a text in place of files" },
    ...deviceOptions,
  ],
  notes: ["Files elsewhere need --allow-read for their folder."],
  run: async (values, paths) => {
    const text = values.text("text");
    if ((text === undefined) === (paths.length === 0)) {
      throw new UsageError(
        text === undefined
          ? "Cannot classify without a file: name one or more, or a text with --text TEXT"
          : "Cannot classify files and --text at a time: name one or the other",
      );
    }
    const { model } = await openModel(values);
    const { name, classifier } = recipeOfModel(model);
    if (!classifier) {
      throw new UsageError(
        `Cannot classify with a model of the recipe ${name}: it tells no files apart; predict is for images`,
      );
    }
    const things: Thing[] = text === undefined
      ? await Promise.all(paths.map((path) => readThing(path, classifier.takes)))
      : [{ name: "the text", bytes: new TextEncoder().encode(text) }];
    const empty = things.find(({ bytes }) => bytes.length === 0);
    if (empty) throw new UsageError(`Cannot classify ${empty.name}: it is empty`);
    const device = await openDevice(values);
    const { data, shape: [, classes] } = await classifier.classify(model, things, { device });
    device.close();
    const names = Array.from(
      { length: classes },
      (_, c) => visible(model.info.classNames?.[c] ?? `class ${c}`),
    );
    things.forEach(({ name }, i) => {
      print("", bold(visible(name)), ...classRows(names, data.subarray(i * classes, (i + 1) * classes)));
    });
  },
};

async function readThing(path: string, what: string): Promise<Thing> {
  const info = await Deno.stat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`Cannot classify ${path}: there is no such file`);
    }
    throw error;
  });
  if (!info.isFile) throw new UsageError(`Cannot classify ${path}: it is no file; name the ${what} in it`);
  return { name: path, bytes: await readFileUpTo(mostBytes, path, "a file") };
}
