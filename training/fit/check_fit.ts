/** What has to be true before a model can be trained on data. */
import { formatShape, sameShape } from "../../engine/shape.ts";
import { Dataset } from "../../data/dataset.ts";
import type { TrainingData } from "../feed/data_feed.ts";
import { stepsPerEpoch } from "../feed/device_batches.ts";
import { Model } from "../../models/model.ts";
import { goesWith } from "../../models/model_faults.ts";
import type { LossName } from "../losses/losses.ts";
import { checkSteps, isTrainingData } from "../loop/run_options.ts";
import { type FitFunction, inputsFor, targetOf } from "./fit_step.ts";
import { checkPreprocessing, inputsOf } from "./preprocessing.ts";

/** Throws unless these are a model and a data set. */
export function checkKinds(attempt: string, model: unknown, data: unknown): void {
  if (!(model instanceof Model)) {
    throw new TypeError(
      `Cannot ${attempt} ${kindOf(model)}: it takes a Model, such as sequential() and cnn() give`,
    );
  }
  if (!isTrainingData(data)) {
    throw new TypeError(`Cannot ${attempt} ${model.name} with ${kindOf(data)}: it takes a Dataset`);
  }
}

function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "a list" : "an object that is none";
}

/** Throws when data, model and options do not fit together. */
export function checkFit(
  model: Model,
  data: TrainingData,
  options: {
    validation?: TrainingData;
    epochs: number;
    batchSize: number;
    loss: LossName | FitFunction;
    labelSmoothing: number;
  },
): void {
  const { validation, epochs, batchSize, loss, labelSmoothing } = options;
  if (labelSmoothing !== 0 && loss !== "softmaxCrossEntropy") {
    throw new RangeError(
      `Cannot train with labelSmoothing ${labelSmoothing} and ${
        typeof loss === "string" ? loss : "a function"
      }: only softmaxCrossEntropy has labels to smooth`,
    );
  }
  if (!model.weightSpecs.some(({ spec }) => spec.trainable)) {
    throw new RangeError(`Cannot train ${model.name}: it has no weights; a layer such as dense has some`);
  }
  checkSteps(data, epochs, batchSize);
  checkData(model, data, loss);
  if (!validation) return;
  checkData(model, validation, loss);
  checkClassNames(data, validation);
  checkPreprocessing(model, validation, inputsOf(data));
}

/**
 * Throws unless a model can go through a data set with rows of batches that go on from one another; `fullBatches` is whether a last
 * batch that is not full is left out.
 */
export function checkCarry(
  attempt: string,
  model: Model,
  data: TrainingData,
  rows: number,
  fullBatches: boolean,
): void {
  const specs = Object.entries(model.carry);
  if (specs.length === 0) {
    throw new RangeError(
      `Cannot ${attempt} ${model.name} with carry: none of its layers hands anything on, as recurrent layers and causal attention do`,
    );
  }
  const [length] = data.types[data.inputFields[0]].shape;
  const steps = stepsPerEpoch(data.length, rows, fullBatches);
  const ending = specs.find(([, { places = Infinity }]) => places < steps * length);
  if (!ending) return;
  const [name, { places }] = ending;
  throw new RangeError(
    `Cannot ${attempt} ${model.name} with carry: ${name} goes up to ${places} places, and each row of a batch is a sequence of ` +
      `${steps} examples of ${length}; attention with rotary positions has no such end`,
  );
}

/** Throws when a data set does not fit a model. */
export function checkData(model: Model, data: TrainingData, loss: LossName | FitFunction): void {
  for (const [name, field] of Object.entries(inputsFor(model, data))) {
    const { shape, dtype } = data.types[field];
    const input = model.inputs[name];
    if (sameShape(shape, input.shape) && dtype === input.dtype) continue;
    const typed = (type: string) => dtype === input.dtype ? "" : `${type} `;
    throw new RangeError(
      `Cannot use ${model.name} on ${data.name}: its examples are ${typed(dtype)}${formatShape(shape)}, ` +
        `the model takes ${typed(input.dtype)}${formatShape(input.shape)}`,
    );
  }
  const [output, second] = Object.values(model.outputs);
  if (second && typeof loss === "string") {
    throw new RangeError(
      `Cannot use ${loss} on ${model.name}: it has the outputs ${Object.keys(model.outputs).join(", ")}; ` +
        "give a function as loss, which says what becomes of each",
    );
  }
  const classes = output.at(-1) ?? 1;
  if (!second && !goesWith(data.classNames, classes)) {
    throw new RangeError(
      `Cannot use ${model.name} on ${data.name}: it has ${data.classNames!.length} classes, ` +
        `the model has ${classes} outputs`,
    );
  }
  if (!(data instanceof Dataset)) return;
  const targets = data.fields[targetOf(data)].values;
  if (loss === "binaryCrossEntropy") {
    const wrong = targets.data.find((target) => !(target >= 0 && target <= 1));
    if (wrong === undefined) return;
    throw new RangeError(
      `Cannot use ${loss} on ${data.name}: there is a target ${wrong}, it takes targets from 0 to 1`,
    );
  }
  // Targets that are no labels are refused where the loss is traced.
  if (loss !== "softmaxCrossEntropy" || targets.dtype === "float32") return;
  const wrong = targets.data.find((label) => label < 0 || label >= classes);
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot use ${model.name} on ${data.name}: there is a label ${wrong}, the model has ${classes} outputs`,
    );
  }
}

/** Throws when a label stands for another class in a data set than in the model, or in the data that it is trained on. */
export function checkClassNames(trained: Model | TrainingData, data: TrainingData): void {
  const names = "info" in trained ? trained.info.classNames : trained.classNames;
  if (!names || !data.classNames) return;
  const at = Array.from({ length: Math.max(names.length, data.classNames.length) }, (_, i) => i)
    .find((i) => names[i] !== data.classNames![i]);
  if (at === undefined) return;
  const [own, other] = [names, data.classNames].map((list) => at < list.length ? `"${list[at]}"` : "missing");
  throw new RangeError(
    `Cannot judge ${trained.name} on ${data.name}: class ${at} is ${own} there and ${other} here`,
  );
}
