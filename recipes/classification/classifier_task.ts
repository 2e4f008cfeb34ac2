/** Training and judging what tells classes of pictures apart. */
import type { Dataset, TrainAndTest } from "../../data/dataset.ts";
import { predictionSheet } from "../../formats/drawing/prediction_sheet.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import type { Model } from "../../models/model.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { predict } from "../../training/fit/predict.ts";
import { fit, type FitOptions } from "../../training/fit/fit.ts";
import type { Optimizer } from "../../training/optimizers/optimizer.ts";
import { lossCurve } from "../loss_curve.ts";
import { percent } from "../number_text.ts";
import type { Report, Score, Task, Where } from "../recipe.ts";
import { classTable, rightPart } from "./class_table.ts";
import { probabilitiesOf } from "./probabilities.ts";

/** The most pictures that are shown with what the model sees in them. */
export const SHOWN = 40;

/** What a classifier is trained with. */
export interface ClassifierPlan {
  readonly data: TrainAndTest & { readonly name: string };
  readonly settled: Task["settled"];
  readonly model: Model;
  /** Pictures that are shown with what the model sees in them; the first test pictures when left out. */
  readonly shown?: Dataset;
  /** See {@linkcode Recipe.seesMirrored}; false when left out. */
  readonly mirrored?: boolean;
  /** What goes to `fit`. */
  readonly fit: FitOptions & {
    readonly optimizer: Optimizer;
    readonly batchSize: number;
    readonly seed: number;
  };
}

/** A task that is trained by `fit`, judged after each epoch by the test pictures, and shown on some of them. */
export function classifierTask(plan: ClassifierPlan): Task {
  const { data, settled, model, shown, mirrored = false, fit: options } = plan;
  return {
    name: `${model.name}-${data.name}`,
    settled,
    model,
    method: methodOf(options),
    batchSize: options.batchSize,
    seed: options.seed,
    train: (where) => fit(model, data.train, { ...options, ...where, validation: data.test }),
    report: async ({ device, signal, history }) => {
      const score = await scoreOf(model, data.test, mirrored, { device, signal });
      const pictures = shown ?? data.test.take(Math.min(SHOWN, data.test.length));
      const sheet = await predictionsOf(model, pictures, mirrored, { device, signal });
      model.info = { ...model.info, dataset: data.name, metrics: score.metrics };
      return {
        ...score,
        files: { "predictions.png": await encodePng(sheet) },
        curve: lossCurve(`${model.name} on ${data.name}, epoch by epoch`, history),
      } satisfies Report;
    },
  };
}

/** What judges a model by test pictures, which it may see mirrored, too; see {@linkcode Recipe.judge}. */
export const judgeClassifier =
  (model: Model, test: Dataset, mirrored = false) => (where: Where): Promise<Score> =>
    scoreOf(model, test, mirrored, where);

/** How a classifier is trained. Smoothed labels are named: they keep its training loss above that of test pictures. */
const methodOf = ({ optimizer, labelSmoothing = 0 }: ClassifierPlan["fit"]): string =>
  optimizer.description + (labelSmoothing > 0 ? `, label smoothing ${labelSmoothing}` : "");

/** How a model does, class by class. */
async function scoreOf(model: Model, test: Dataset, mirrored: boolean, where: Where): Promise<Score> {
  const { loss, accuracy } = await evaluate(model, test, where);
  const said = mirrored
    ? await probabilitiesOf(model, test.inputs, true, where)
    : await predict(model, test.inputs, where);
  const part = mirrored ? rightPart(test, said) : accuracy!;
  const single = mirrored ? `each image seen mirrored, too; ${percent(accuracy!)} without, ` : "";
  return {
    table: classTable(test, said),
    headline: `test accuracy ${percent(part)}`,
    detail: `${single}loss ${loss.toFixed(4)}`,
    metrics: { testAccuracy: part, testLoss: loss },
  };
}

/** Pictures with what the model sees in them. */
async function predictionsOf(model: Model, shown: Dataset, mirrored: boolean, where: Where) {
  return predictionSheet({
    images: shown.inputs,
    probabilities: await probabilitiesOf(model, shown.inputs, mirrored, where),
    labels: shown.targets.data,
    classNames: shown.classNames!,
  });
}
