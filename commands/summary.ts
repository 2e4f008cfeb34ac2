/** `summary`: a model's layers, and what training it takes. */
import { ndarray } from "../engine/array.ts";
import { formatBytes, formatFlops } from "../engine/explain.ts";
import { Dataset } from "../data/dataset.ts";
import { classes, numbers, tokens } from "../data/field.ts";
import { cnn } from "../models/cnn.ts";
import { adam } from "../training/optimizers/optimizers.ts";
import { fitStep } from "../training/fit/fit_step.ts";
import { Trainer } from "../training/loop/trainer.ts";
import { parameters } from "../training/step/parameters.ts";
import type { Command } from "./command.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import { DEVICE_VARIABLES } from "./permissions/permissions.ts";
import { print } from "./terminal/print.ts";
import { labelled } from "./terminal/terminal.ts";

/** The command. */
export const summary: Command = {
  name: "summary",
  summary: "Show a model's layers, and the kernels, memory and operations of a training step.",
  permissions: { read: ["."], env: DEVICE_VARIABLES },
  needs: (values) => ({ now: values.has("model") ? modelNeeds(values) : {} }),
  options: [
    { ...modelOption, help: "a model that train wrote; the worked example when left out" },
    ...deviceOptions,
    {
      name: "batch-size",
      value: "N",
      help: "examples a step",
      number: { whole: true, least: 1, most: 65536 },
      default: 32,
    },
    { name: "explain", help: "print every kernel" },
  ],
  run: async (values) => {
    const model = values.has("model") ? (await openModel(values)).model : cnn();
    const device = await openDevice(values);
    print("", ...model.summary().split("\n"), "");
    const batchSize = values.number("batch-size")!;
    // The plan depends on shapes only, so one batch of nothing will do.
    const nothing = (shape: readonly number[]) => {
      const all = [batchSize, ...shape];
      return ndarray("uint8", all, new Uint8Array(all.reduce((a, b) => a * b, 1)));
    };
    const isText = Object.values(model.inputs)[0].dtype === "int32";
    const inputs = nothing(model.inputShape);
    const data = new Dataset({
      fields: {
        inputs: isText ? tokens(inputs) : numbers(inputs),
        targets: classes(nothing(model.outputShape.slice(0, -1))),
      },
      targets: "targets",
    });
    const step = fitStep(parameters(model, { optimizer: adam() }), data, { loss: "softmaxCrossEntropy" });
    const trainer = await Trainer.create({
      device,
      step,
      data,
      epochs: 1,
      batchSize,
      shuffle: true,
      seed: 0,
    });
    const { dispatches, submits, flops, plannedBytes, liveBytes } = trainer.summary;
    print(
      labelled(
        "step",
        `${dispatches} dispatches, ${submits} submit, ${formatFlops(flops)}, batch ${batchSize}`,
      ),
    );
    print(
      labelled(
        "memory",
        `${formatBytes(plannedBytes)} for temporaries, at most ${formatBytes(liveBytes)} in use at once`,
      ),
    );
    if (values.has("explain")) print("", ...trainer.explain().split("\n"));
    trainer.close();
    device.close();
  },
};
