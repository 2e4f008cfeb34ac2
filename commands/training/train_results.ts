/** What a training ends with: how the model does, and its files. */
import type { Device } from "../../engine/device.ts";
import { lineChart } from "../../formats/drawing/line_chart.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { predictionSheet } from "../../formats/drawing/prediction_sheet.ts";
import { encodeModel } from "../../models/model_file.ts";
import type { Model } from "../../models/model.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { predict } from "../../training/fit/predict.ts";
import type { EpochRecord } from "../../training/loop/history.ts";
import type { ChosenData } from "../options/choose_data.ts";
import { classTable } from "../terminal/class_table.ts";
import { bold, print } from "../terminal/print.ts";
import { files } from "../run_folders/run_folder.ts";
import { percent } from "../terminal/terminal.ts";

/** What it ends with. */
export interface Results {
  readonly model: Model;
  readonly data: ChosenData;
  readonly device: Device;
  readonly history: readonly EpochRecord[];
  /** Stops before the files are written. */
  readonly signal: AbortSignal;
  /** Writes a file of the run. */
  readonly write: (name: string, content: string | Uint8Array) => Promise<void>;
}

/** Tests the model, shows how it does, and writes everything; gives the names of the files. */
export async function finishTraining(results: Results): Promise<string[]> {
  const { model, data, device, history, signal, write } = results;
  const { test } = data;
  const { loss, accuracy } = await evaluate(model, test, { device, signal });
  const logits = await predict(model, test.inputs, { device, signal });
  print("", ...classTable(test, logits).split("\n"), "");
  print(bold(`test accuracy ${percent(accuracy!)}`) + `, loss ${loss.toFixed(4)}`);
  model.info = { ...model.info, dataset: data.name, metrics: { testAccuracy: accuracy!, testLoss: loss } };
  const shown = test.take(Math.min(40, test.length));
  const probabilities = await predict(model, shown.inputs, { device, probabilities: true, signal });
  const sheet = predictionSheet({
    images: shown.inputs,
    probabilities,
    labels: shown.targets.data,
    classNames: test.classNames!,
  });
  const chart = lineChart({
    title: `${model.name} on ${data.name}, epoch by epoch`,
    x: history.map((r) => r.epoch),
    series: [
      { name: "training loss", values: history.map((r) => r.loss) },
      { name: "validation loss", values: history.map((r) => r.validationLoss!) },
    ],
  });
  await write(files.model, encodeModel(model));
  await write(files.picture, await encodePng(sheet));
  await write(files.curve, chart);
  return [files.model, files.history, files.picture, files.curve];
}
