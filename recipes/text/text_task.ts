/** Training on a text, with a line of it to see after each epoch, and a report at the end. */
import type { Dataset } from "../../data/dataset.ts";
import type { Model } from "../../models/model.ts";
import { bestWeights } from "../../training/callbacks/best_weights.ts";
import { earlyStopping } from "../../training/callbacks/early_stopping.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import { fit, type FitOptions } from "../../training/fit/fit.ts";
import type { Optimizer } from "../../training/optimizers/optimizer.ts";
import { lossCurve } from "../loss_curve.ts";
import type { Host, Report, Task } from "../recipe.ts";
import { copiedText, unitOf } from "./copied_text.ts";
import { sideBySide } from "./side_by_side.ts";
import type { TextData } from "./text_data.ts";
import { textScore } from "./text_figures.ts";
import { writeSamples } from "./written_text.ts";

/** What samples are drawn with at the end, and in previews. */
const TEMPERATURES = [0.5, 0.8, 1];
const USUAL = 0.8;
/** Tokens of samples, and of previews. */
const [SAMPLE, PREVIEW] = [2000, 72];

/** Epochs without a better one after which a training ends: it learns by heart what there is. */
const PATIENCE = 8;

/** What a text is learned with. */
export interface TextPlan {
  readonly data: TextData;
  readonly windows: { readonly train: Dataset; readonly validation: Dataset };
  readonly settled: Task["settled"];
  readonly model: Model;
  readonly host: Host;
  /** What goes to `fit`. */
  readonly fit: FitOptions & {
    readonly optimizer: Optimizer;
    readonly batchSize: number;
    readonly seed: number;
  };
}

/** A task that keeps the epoch which foresees the last part of the text best, and shows what is written meanwhile. */
export function textTask(plan: TextPlan): Task {
  const { data, windows, settled, model, host, fit: options } = plan;
  const { vocabulary } = data;
  model.info = { ...model.info, vocabulary: vocabulary.toJSON() };
  const preview: Callback = {
    onEpoch: async ({ epoch }, run) => {
      const where = { device: run.device, signal: host.signal };
      const settings = { temperatures: [USUAL], length: PREVIEW, seed: epoch, where };
      const [tokens] = await writeSamples(model, vocabulary, settings);
      host.say("sample", [...vocabulary.decode(tokens).trim()].slice(0, PREVIEW).join(""));
    },
  };
  return {
    name: `${model.name}-${data.name}`,
    settled,
    model,
    method: options.optimizer.description,
    batchSize: options.batchSize,
    seed: options.seed,
    train: (where) =>
      fit(model, windows.train, {
        ...options,
        ...where,
        validation: windows.validation,
        callbacks: [
          bestWeights({ monitor: "validationLoss" }),
          earlyStopping({ monitor: "validationLoss", patience: PATIENCE }),
          ...where.callbacks,
          preview, // below the line of its epoch
        ],
      }),
    report: async ({ device, signal, history }) => {
      const where = { device, signal };
      const score = await textScore(model, data, where);
      const settings = { temperatures: TEMPERATURES, length: SAMPLE, seed: options.seed, where };
      const samples = (await writeSamples(model, vocabulary, settings)).map((tokens, i) => ({
        title: `temperature ${TEMPERATURES[i]}`,
        tokens,
      }));
      const columns = samples.map(({ title, tokens }) => ({ title, text: vocabulary.decode(tokens) }));
      const copied = copiedText(data, samples);
      model.info = { ...model.info, dataset: data.name, metrics: score.metrics };
      return {
        ...score,
        detail: `${score.detail}; copies at most ${copied.longest} ${unitOf(vocabulary)} in a row`,
        files: {
          "samples.txt": new TextEncoder().encode(sideBySide(columns)),
          "copied.txt": new TextEncoder().encode(copied.text),
        },
        curve: lossCurve(`${model.name} on ${data.name}, nats a token, epoch by epoch`, history),
      } satisfies Report;
    },
  };
}
