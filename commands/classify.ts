/** `classify`: what a saved model hears in sounds, or what class it takes texts for. */
import { visible } from "../engine/visible.ts";
import { UsageError } from "../recipes/usage_error.ts";
import { classifySounds } from "./classify/classify_sounds.ts";
import { classifyTexts } from "./classify/classify_texts.ts";
import type { Command } from "./command.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import { sharedFolders } from "./permissions/paths.ts";
import { DEVICE_VARIABLES, joinPermissions } from "./permissions/permissions.ts";
import { classRows } from "./terminal/class_rows.ts";
import { bold, print, printError } from "./terminal/print.ts";

/** The command. */
export const classify: Command = {
  name: "classify",
  summary: "Show what a saved model hears in sounds (WAV, FLAC or MP3), or what it takes texts for.",
  operands: "FILE...",
  maxOperands: Infinity,
  permissions: { read: ["."], env: DEVICE_VARIABLES },
  needs: (values, paths) => ({
    now: joinPermissions(modelNeeds(values), { read: paths }),
    later: { read: sharedFolders(paths) },
  }),
  options: [
    { name: "text", value: "TEXT", help: "a text in place of files" },
    modelOption,
    ...deviceOptions,
  ],
  notes: ["Files elsewhere need --allow-read for their folder."],
  run: async (values, paths) => {
    const text = values.text("text");
    if (paths.length === 0 && text === undefined) {
      throw new UsageError(
        "Cannot classify without a file: name one or more sounds or texts, or a text with --text",
      );
    }
    const { model } = await openModel(values);
    const { sound, vocabulary, classNames = [] } = model.info;
    const open = () => openDevice(values);
    const isOfSounds = sound !== undefined && classNames.length > 0;
    if (!isOfSounds && (vocabulary === undefined || classNames.length === 0)) {
      throw new UsageError(
        `Cannot classify with ${model.name}: it tells neither sounds nor texts apart; train audio and train text-classes make ` +
          "models that do, and predict is for images",
      );
    }
    if (isOfSounds && text !== undefined) {
      throw new UsageError(`Cannot classify a text with ${model.name}: it hears sounds`);
    }
    const { names, probabilities, refused } = isOfSounds
      ? await classifySounds(model, paths, open)
      : await classifyTexts(model, paths, text, open);
    if (probabilities) {
      const { data, shape: [, classes] } = probabilities;
      const called = Array.from({ length: classes }, (_, i) => visible(classNames[i] ?? `class ${i}`));
      names.forEach((name, i) => {
        print("", bold(visible(name)));
        print(...classRows(called, data.subarray(i * classes, (i + 1) * classes)));
      });
    }
    for (const line of refused.slice(0, -1)) printError(line);
    if (refused.length > 0) throw new UsageError(refused.at(-1)!);
  },
};
