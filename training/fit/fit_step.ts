/** The step of a model and a data set, as `fit` and `evaluate` make it. */
import type { Tensor } from "../../engine/tensor.ts";
import type { DataSource } from "../../data/data_source.ts";
import type { Model } from "../../models/model.ts";
import { type LossAndAccuracy, lossByName, type LossName } from "../losses/losses.ts";
import type { Parameters } from "../step/parameters.ts";
import { type Metrics, type TrainStep, trainStep } from "../step/train_step.ts";
import { augment, type Augmentation } from "./augment.ts";

/** All that a model gave and was given for a batch. */
export interface FitBatch {
  /** The outputs by their names. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** The fields of the data by their names, inputs and targets. */
  readonly batch: Readonly<Record<string, Tensor>>;
}

/**
 * A loss or a metric of one's own: of the model's first output and the first target, float32 `[batch]`, or `[batch, ...]`, which is
 * averaged over what is behind. It may be one number for the whole batch `[]`, too: then all batches have to be full, and the last
 * examples of an epoch are left out. Data without targets has its inputs as targets. Where there are several outputs or targets, `all`
 * has each.
 */
export type FitFunction = (output: Tensor, target: Tensor, all: FitBatch) => Tensor;

/** What is minimized and measured. */
export interface FitMeasures {
  readonly loss: LossName | FitFunction;
  readonly metrics?: Readonly<Record<string, FitFunction>>;
  readonly labelSmoothing?: number;
}

/** The first field that a model's results are compared with: what goes in where there are no targets. */
export const targetOf = ({ inputFields, targetFields }: DataSource): string =>
  targetFields[0] ?? inputFields[0];

/** The fields that go into a model, by the names of its inputs: those of the same names, or the only one into the only one. */
export function inputsFor(model: Model, { inputFields, name }: DataSource): Readonly<Record<string, string>> {
  const names = Object.keys(model.inputs);
  if (names.length === 1 && inputFields.length === 1) return { [names[0]]: inputFields[0] };
  const missing = names.find((input) => !inputFields.includes(input));
  if (missing === undefined) return Object.fromEntries(names.map((input) => [input, input]));
  throw new RangeError(
    `Cannot use ${model.name} on ${name}: it takes ${names.join(", ")}, and the inputs of the data are ${
      inputFields.join(", ")
    }; the model's input ${missing} is missing`,
  );
}

/** The step of a set of parameters that is a model's. */
export function fitStep(
  set: Parameters,
  data: DataSource,
  options: FitMeasures & { augmentation?: Augmentation },
): TrainStep {
  const { augmentation = {}, labelSmoothing } = options;
  const { model } = set;
  const inputs = Object.entries(inputsFor(model!, data));
  const target = targetOf(data);
  return trainStep(({ batch, counts, random }) => {
    const changes = augmentation.flip || augmentation.shift;
    const given = inputs.map(([name, field]) => {
      const isImage = changes && (inputs.length === 1 || batch[field].rank === 4);
      return [name, isImage ? augment(batch[field], augmentation, random) : batch[field]];
    });
    const outputs = set.outputs(Object.fromEntries(given), { counts });
    const measured = measure({ outputs, batch }, batch[target], options, labelSmoothing);
    return { minimize: [[measured.loss, set]], metrics: measured };
  }, {
    evaluate: ({ batch }) => {
      const used = set.keepAverage ? set.averaged : set;
      const outputs = used.outputs(Object.fromEntries(inputs.map(([name, field]) => [name, batch[field]])));
      return measure({ outputs, batch }, batch[target], options);
    },
  });
}

function measure(
  all: FitBatch,
  target: Tensor,
  { loss, metrics = {} }: FitMeasures,
  labelSmoothing?: number,
): Metrics & LossAndAccuracy {
  const [output] = Object.values(all.outputs);
  const own: LossAndAccuracy = typeof loss === "function"
    ? { loss: loss(output, target, all) }
    : lossByName(loss, output, target, { labelSmoothing });
  const more = Object.entries(metrics).map(([name, metric]) => [name, metric(output, target, all)]);
  return { ...own, ...Object.fromEntries(more) };
}
