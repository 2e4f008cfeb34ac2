/** Training and judging what tells classes of pictures apart. */
import type { Dataset, TrainAndTest } from "../../data/dataset.ts";
import { lineChart } from "../../formats/drawing/line_chart.ts";
import { predictionSheet } from "../../formats/drawing/prediction_sheet.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import type { Model } from "../../models/model.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { predict } from "../../training/fit/predict.ts";
import { fit, type FitOptions } from "../../training/fit/fit.ts";
import type { History } from "../../training/loop/history.ts";
import type { Optimizer } from "../../training/optimizers/optimizer.ts";
import { percent } from "../number_text.ts";
import type { Report, Score, Task, Where } from "../recipe.ts";
import { classTable } from "./class_table.ts";

/** The most pictures that are shown with what the model sees in them. */
export const SHOWN = 40;

/** What a classifier is trained with. */
export interface ClassifierPlan {
  readonly data: TrainAndTest & { readonly name: string };
  readonly settled: Task["settled"];
  readonly model: Model;
  /** Pictures that are shown with what the model sees in them; the first test pictures when left out. */
  readonly shown?: Dataset;
  /** What goes to `fit`. */
  readonly fit: FitOptions & {
    readonly optimizer: Optimizer;
    readonly batchSize: number;
    readonly seed: number;
  };
}

/** A task that is trained by `fit`, judged after each epoch by the test pictures, and shown on some of them. */
export function classifierTask({ data, settled, model, shown, fit: options }: ClassifierPlan): Task {
  return {
    name: `${model.name}-${data.name}`,
    settled,
    model,
    method: options.optimizer.description,
    batchSize: options.batchSize,
    seed: options.seed,
    train: (where) => fit(model, data.train, { ...options, ...where, validation: data.test }),
    report: async ({ device, signal, history }) => {
      const score = await scoreOf(model, data.test, { device, signal });
      const pictures = shown ?? data.test.take(Math.min(SHOWN, data.test.length));
      const sheet = await predictionsOf(model, pictures, { device, signal });
      model.info = { ...model.info, dataset: data.name, metrics: score.metrics };
      return {
        ...score,
        pictures: { "predictions.png": await encodePng(sheet) },
        curve: lossCurve(`${model.name} on ${data.name}, epoch by epoch`, history),
      } satisfies Report;
    },
  };
}

/** What judges a model by test pictures; see {@linkcode Recipe.judge}. */
export const judgeClassifier = (model: Model, test: Dataset) => (where: Where): Promise<Score> =>
  scoreOf(model, test, where);

/** How a model does, class by class. */
async function scoreOf(model: Model, test: Dataset, where: Where): Promise<Score> {
  const { loss, accuracy } = await evaluate(model, test, where);
  return {
    table: classTable(test, await predict(model, test.inputs, where)),
    headline: `test accuracy ${percent(accuracy!)}`,
    detail: `loss ${loss.toFixed(4)}`,
    metrics: { testAccuracy: accuracy!, testLoss: loss },
  };
}

/** Pictures with what the model sees in them. */
async function predictionsOf(model: Model, shown: Dataset, where: Where) {
  return predictionSheet({
    images: shown.inputs,
    probabilities: await predict(model, shown.inputs, { ...where, probabilities: true }),
    labels: shown.targets.data,
    classNames: shown.classNames!,
  });
}

/** Loss over the epochs, as SVG. */
function lossCurve(title: string, history: History): string {
  return lineChart({
    title,
    x: history.map((r) => r.epoch),
    series: [
      { name: "training loss", values: history.map((r) => r.loss) },
      { name: "validation loss", values: history.map((r) => r.validationLoss!) },
    ],
  });
}
