/** `evaluate`: how a saved model does on test images. */
import { cifar10Needs, cifar10Options } from "../recipes/data/cifar10_or_shapes.ts";
import { recipeOfModel } from "../recipes/recipes.ts";
import type { Command } from "./command.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import { DEVICE_VARIABLES, joinPermissions } from "./permissions/permissions.ts";
import { terminalHost } from "./terminal/host.ts";
import { printScore } from "./terminal/score.ts";

const options = cifar10Options.map((option) =>
  option.name === "dataset"
    ? { ...option, help: "the images; auto is what the model was trained on, if that is known" }
    : option
);

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
  run: async (values) => {
    const { model } = await openModel(values);
    const judge = await recipeOfModel(model).judge(model, values, terminalHost());
    const device = await openDevice(values);
    const score = await judge({ device });
    device.close();
    printScore(score);
  },
};
