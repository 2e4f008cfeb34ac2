/** `evaluate`: how a saved model does on test images. */
import { evaluate as evaluateModel } from "../training/fit/evaluate.ts";
import { predict } from "../training/fit/predict.ts";
import type { Model } from "../models/model.ts";
import { chooseData, dataNeeds, dataOptions } from "./options/choose_data.ts";
import { classTable } from "./terminal/class_table.ts";
import type { Command } from "./command.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import { DEVICE_VARIABLES, joinPermissions } from "./permissions/permissions.ts";
import { bold, print } from "./terminal/print.ts";
import { percent } from "./terminal/terminal.ts";

const options = dataOptions.map((option) =>
  option.name === "dataset"
    ? { ...option, help: "the images; auto is what the model was trained on, if that is known" }
    : option
);

/** The data set to test a model on. */
function datasetFor(model: Model, named: string): string {
  const { dataset } = model.info;
  return named === "auto" && (dataset === "cifar10" || dataset === "shapes") ? dataset : named;
}

/** The command. */
export const evaluate: Command = {
  name: "evaluate",
  summary: "Test a saved model, class by class.",
  permissions: { read: ["."], write: [".gesso"], net: ["www.cs.toronto.edu"], env: DEVICE_VARIABLES },
  needs: (values) => {
    const { now, later } = dataNeeds(values);
    return { now: joinPermissions(modelNeeds(values), now), later };
  },
  options: [modelOption, ...options, ...deviceOptions],
  run: async (values) => {
    const { model } = await openModel(values);
    const { test } = await chooseData(datasetFor(model, values.text("dataset")!), values);
    const device = await openDevice(values);
    const { loss, accuracy } = await evaluateModel(model, test, { device });
    const logits = await predict(model, test.inputs, { device });
    device.close();
    print("", ...classTable(test, logits).split("\n"), "");
    print(bold(`test accuracy ${percent(accuracy!)}`) + `, loss ${loss.toFixed(4)}`);
  },
};
