/** `classify`: what class a saved model takes texts, sounds or other files for. */
import { visible } from "../engine/visible.ts";
import type { Thing } from "../recipes/recipe.ts";
import { recipeOfModel, recipes } from "../recipes/recipes.ts";
import { UsageError } from "../recipes/usage_error.ts";
import type { Command } from "./command.ts";
import { messageOf } from "./failure.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import { sharedFolders } from "./permissions/paths.ts";
import { DEVICE_VARIABLES, joinPermissions } from "./permissions/permissions.ts";
import { readFileUpTo } from "./permissions/read_file.ts";
import { classRows } from "./terminal/class_rows.ts";
import { terminalHost } from "./terminal/host.ts";
import { bold, print, printError } from "./terminal/print.ts";

/** More is no file to be told apart by: an hour of 16-bit stereo is 635 MB. */
const mostBytes = 1_000_000_000;

/** The command. */
export const classify: Command = {
  name: "classify",
  summary: "Show what class a saved model takes files for: sounds or texts, as it was trained on.",
  operands: "FILE...",
  maxOperands: Infinity,
  permissions: { read: ["."], env: DEVICE_VARIABLES },
  needs: (values, paths) => ({
    now: joinPermissions(modelNeeds(values), { read: paths }),
    later: { read: sharedFolders(paths) },
  }),
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
    const { name: recipe, classifier } = recipeOfModel(model);
    if (!classifier) {
      const others = recipes.filter(({ classifier }) => classifier).map(({ name }) => `train ${name}`);
      throw new UsageError(
        `Cannot classify with a model of train ${recipe}: ${
          others.join(" and ")
        } make those that do; predict is for images`,
      );
    }
    const { things, refused } = text === undefined
      ? await readThings(paths)
      : { things: [{ name: "the text", bytes: new TextEncoder().encode(text) }], refused: [] };
    if (things.length > 0) {
      const device = await openDevice(values);
      const found = await classifier.classify(model, things, { where: { device }, host: terminalHost() });
      device.close();
      found.forEach((row, i) => {
        if (typeof row === "string") {
          refused.push(row);
          return;
        }
        const classes = Array.from(
          { length: row.length },
          (_, c) => visible(model.info.classNames?.[c] ?? `class ${c}`),
        );
        print("", bold(visible(things[i].name)), ...classRows(classes, row));
      });
    }
    for (const line of refused.slice(0, -1)) printError(line);
    if (refused.length > 0) throw new UsageError(refused.at(-1)!);
  },
};

/** Reads what can be read, and says why the others cannot. */
async function readThings(paths: readonly string[]): Promise<{ things: Thing[]; refused: string[] }> {
  const things: Thing[] = [];
  const refused: string[] = [];
  for (const path of paths) {
    try {
      const { isDirectory, isCharDevice, size } = await Deno.stat(path);
      if (isDirectory || isCharDevice) {
        throw new UsageError(
          `Cannot classify ${path}: it is a ${
            isDirectory ? "folder; name the files in it" : "device, no file"
          }`,
        );
      }
      if (size === 0) throw new UsageError(`Cannot classify ${path}: it is empty`);
      things.push({ name: path, bytes: await readFileUpTo(mostBytes, path, "a file") });
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      refused.push(messageOf(error));
    }
  }
  return { things, refused };
}
