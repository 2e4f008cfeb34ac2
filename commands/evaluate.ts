/** `evaluate`: how a saved model does on test images. */
import { evaluate as evaluateModel, predict } from "../training/evaluate.ts";
import { chooseData, dataOptions } from "./choose_data.ts";
import { classTable } from "./class_table.ts";
import type { Command } from "./command.ts";
import { deviceOptions, modelOption, openDevice, openModel } from "./model_options.ts";
import { bold, percent } from "./terminal.ts";

/** The command. */
export const evaluate: Command = {
  name: "evaluate",
  summary: "Test a saved model, class by class.",
  permissions: { read: ["."], write: [".gesso"], net: ["www.cs.toronto.edu"] },
  options: [modelOption, ...dataOptions, ...deviceOptions],
  run: async (values) => {
    const { model } = await openModel(values);
    const { test } = await chooseData(values);
    const device = await openDevice(values);
    const { loss, accuracy } = await evaluateModel(model, test, { device });
    const logits = await predict(model, test.inputs, { device });
    device.close();
    console.log(`\n${classTable(test, logits)}\n`);
    console.log(bold(`test accuracy ${percent(accuracy!)}`) + `, loss ${loss.toFixed(4)}`);
  },
};
