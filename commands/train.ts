/** `train`: the worked example from data to a saved model. */
import { encodePng } from "../formats/png_encoder.ts";
import { lineChart } from "../formats/line_chart.ts";
import { predictionSheet } from "../formats/prediction_sheet.ts";
import type { Device } from "../engine/device.ts";
import { formatBytes, formatFlops } from "../engine/explain.ts";
import { writeAtomic } from "../data/write_atomic.ts";
import { DRIVER_VARIABLES } from "../devices/webgpu/driver_environment.ts";
import { cnn } from "../models/cnn.ts";
import { saveModel } from "../models/model_file.ts";
import type { Model } from "../models/model.ts";
import type { Precision } from "../models/precision.ts";
import { type Callback, checkpointFile } from "../training/callbacks.ts";
import { loadCheckpoint } from "../training/checkpoint.ts";
import { evaluate, predict } from "../training/evaluate.ts";
import { fit } from "../training/fit.ts";
import type { EpochRecord } from "../training/history.ts";
import { chooseData, type ChosenData, dataOptions } from "./choose_data.ts";
import { classTable } from "./class_table.ts";
import { type Command, UsageError } from "./command.ts";
import { deviceOptions, openDevice } from "./model_options.ts";
import { combineValues, type OptionSpec, type OptionValues, readConfig } from "./options.ts";
import { exists, files, newestFile, newRun, RUNS } from "./run_folder.ts";
import { keepTuning, recordedWays } from "./tuning.ts";
import { bar, bold, clock, count, faint, labelled, LiveLine, percent } from "./terminal.ts";
import { optimizerFrom, optimizerOptions } from "./train_optimizer.ts";

const runOptions: readonly OptionSpec[] = [
  ...dataOptions,
  ...deviceOptions,
  {
    name: "epochs",
    value: "N",
    help: "times through the data",
    number: { whole: true, least: 1, most: 1e6 },
    default: 10,
  },
  {
    name: "batch-size",
    value: "N",
    help: "images a step",
    number: { whole: true, least: 1, most: 65536 },
    default: 32,
  },
  ...optimizerOptions,
  {
    name: "label-smoothing",
    value: "S",
    help: "spread over all classes",
    number: { least: 0, most: 0.99 },
    default: 0,
  },
  {
    name: "precision",
    value: "NAME",
    help: "mixed keeps values between layers in half precision",
    choices: ["float32", "mixed"],
    default: "float32",
  },
  { name: "flip", help: "mirror half of the images at random" },
  {
    name: "shift",
    value: "N",
    help: "move images by up to N pixels",
    number: { whole: true, least: 0, most: 15 },
    default: 0,
  },
  {
    name: "seed",
    value: "N",
    help: "chooses weights and order",
    number: { whole: true, least: 0, most: 2 ** 32 - 1 },
    default: 0,
  },
];

/** The command. */
export const train: Command = {
  name: "train",
  summary: "Train the worked-example network on CIFAR-10, and see how it does.",
  permissions: { read: ["."], write: [".gesso", RUNS], net: ["www.cs.toronto.edu"], env: DRIVER_VARIABLES },
  options: [
    ...runOptions,
    { name: "out", value: "DIR", help: `where the results go; a new folder in ${RUNS}/ when left out` },
    {
      name: "resume",
      value: "[DIR]",
      help: "go on with a run; the newest when left out",
      valueIsOptional: true,
    },
    { name: "config", value: "FILE", help: "a JSON object with these options; flags come first" },
    { name: "explain", help: "print the kernels of a training step" },
  ],
  notes: [
    "Ctrl-C saves the run and exits with 130; --resume goes on as if nothing had happened.",
    `An --out elsewhere needs --allow-write for that folder.`,
  ],
  run: async (given) => {
    const interrupt = interruption();
    try {
      await runTraining(given, interrupt.signal);
    } finally {
      interrupt.end();
    }
  },
};

async function runTraining(given: OptionValues, signal: AbortSignal): Promise<void> {
  const resumed = given.has("resume") ? await findRun(given) : undefined;
  const values = resumed?.values ?? given;
  const data = await chooseData(values.text("dataset")!, values, signal);
  if (resumed && resumed.dataset !== data.name) {
    throw new Error(
      `Cannot go on with ${resumed.folder}: it was trained on ${resumed.dataset}, which is not there now`,
    );
  }
  const device = await openDevice(values, { times: true, recorded: resumed?.ways });
  const seed = values.number("seed")!;
  const model = cnn({ seed });
  const folder = resumed?.folder ?? values.text("out") ?? await newRun(`${model.name}-${data.name}`);
  const root = folder.startsWith(`${RUNS}/`) ? RUNS : folder;
  const write = (name: string, content: string | Uint8Array) =>
    writeAtomic(
      `${folder}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
      { root },
    );
  if (!resumed) {
    await write(files.options, JSON.stringify({ ...values.entries(), dataset: data.name }, null, 2) + "\n");
  }
  console.log(`\n${model.summary()}\n`);
  const options = fitOptions(values);
  const history = await fit(model, data.train, {
    ...options,
    validation: data.test,
    device,
    signal,
    resume: resumed && await loadCheckpoint(`${folder}/${files.checkpoint}`),
    callbacks: [
      {
        onStart: async () => {
          await keepTuning(device);
          const ways = device.tuning?.entries ?? {};
          await write(files.tuning, JSON.stringify({ device: device.description, ways }, null, 2) + "\n");
        },
      },
      narrate(options.optimizer.description, values, given.has("explain")),
      checkpointFile(`${folder}/${files.checkpoint}`, { root }),
      {
        onEpoch: (_record, run) =>
          write(files.history, run.history.map((r) => `${JSON.stringify(r)}\n`).join("")),
      },
      { onInterrupt: () => console.log(`saved ${folder}; go on with: train --resume ${folder}`) },
    ],
  });
  const written = await finish(model, data, device, folder, history, write, root);
  console.log(written.map((path) => labelled("wrote", path)).join("\n"));
  device.close();
}

function fitOptions(values: OptionValues) {
  return {
    epochs: values.number("epochs")!,
    batchSize: values.number("batch-size")!,
    optimizer: optimizerFrom(values),
    clipNorm: values.number("clip-norm"),
    labelSmoothing: values.number("label-smoothing")!,
    augmentation: { flip: values.has("flip"), shift: values.number("shift")! },
    seed: values.number("seed")!,
    precision: values.text("precision") as Precision,
  };
}

/** The folder to go on with, and the options that its run began with; refuses others. */
async function findRun(
  given: OptionValues,
): Promise<{ folder: string; values: OptionValues; dataset: string; ways: Record<string, string> }> {
  const folder = given.text("resume")?.replace(/\/+$/, "") ??
    (await newestFile(files.checkpoint, "run to go on with")).folder;
  const [path, checkpoint] = [`${folder}/${files.options}`, `${folder}/${files.checkpoint}`];
  if (!await exists(checkpoint)) {
    throw new UsageError(
      `Cannot go on with ${folder}: it has no ${files.checkpoint}; one is written after each epoch`,
    );
  }
  const values = combineValues(
    runOptions,
    readConfig([...runOptions, ...train.options], await Deno.readTextFile(path), path),
  );
  for (const name of ["out", ...runOptions.map((option) => option.name)]) {
    const [asked, had] = [given, values].map((v) => v.entries()[name] ?? false);
    if (!given.isGiven(name) || asked === had) continue;
    throw new UsageError(
      `Cannot go on with ${folder} and --${name} ${asked}: a run goes on with what it began with; ` +
        `leave the option out, or begin another run`,
    );
  }
  const ways = await recordedWays(`${folder}/${files.tuning}`);
  return { folder, values, dataset: values.text("dataset")!, ways };
}

/** Prints what is going on: the plan, a bar for each epoch, a line for each that is done. */
function narrate(optimizer: string, values: OptionValues, explains: boolean): Callback {
  const live = new LiveLine();
  return {
    onStart: (run) => {
      const { dispatches, submits, flops, plannedBytes, liveBytes } = run.summary;
      console.log(
        labelled(
          "plan",
          `${dispatches} dispatches and ${submits} submit a step, ${formatFlops(flops)} a step`,
        ),
      );
      console.log(
        labelled(
          "memory",
          `${formatBytes(plannedBytes)} for temporaries, ${formatBytes(liveBytes)} at least`,
        ),
      );
      const size = `${count(run.stepsPerEpoch)} steps of ${values.number("batch-size")} images`;
      console.log(
        labelled(
          "training",
          `${optimizer}, ${run.epochs} epochs of ${size}, seed ${values.number("seed")}\n`,
        ),
      );
      if (explains) console.log(`${run.explain()}\n`);
    },
    onProgress: (p) => {
      const done = bar(p.step / p.steps, 20);
      live.show(
        `epoch ${p.epoch}/${p.epochs} ${done} loss ${p.loss.toFixed(4)}  accuracy ${
          percent(p.accuracy ?? 0)
        }  ` +
          `${count(p.examplesPerSecond)} images/s  ${clock(p.secondsLeft)} left`,
      );
    },
    onEpoch: (r, run) => {
      live.clear();
      console.log(epochLine(r, run.epochs));
    },
    onInterrupt: () => live.clear(),
  };
}

function epochLine(r: EpochRecord, epochs: number): string {
  const speed = faint(`${clock(r.seconds)}  ${count(r.examplesPerSecond)} images/s`);
  return `epoch ${String(r.epoch).padStart(String(epochs).length)}/${epochs}  ` +
    `loss ${r.loss.toFixed(4)}  accuracy ${percent(r.accuracy!)}  ` +
    `validation loss ${r.validationLoss!.toFixed(4)}  accuracy ${percent(r.validationAccuracy!)}  ${speed}`;
}

/** Tests the model, shows how it does, and writes everything; gives the paths. */
async function finish(
  model: Model,
  data: ChosenData,
  device: Device,
  folder: string,
  history: readonly EpochRecord[],
  write: (name: string, content: string | Uint8Array) => Promise<void>,
  root: string,
): Promise<string[]> {
  const { test } = data;
  const { loss, accuracy } = await evaluate(model, test, { device });
  const logits = await predict(model, test.inputs, { device });
  console.log(`\n${classTable(test, logits)}\n`);
  console.log(bold(`test accuracy ${percent(accuracy!)}`) + `, loss ${loss.toFixed(4)}`);
  model.info = { ...model.info, dataset: data.name, metrics: { testAccuracy: accuracy!, testLoss: loss } };
  await saveModel(model, `${folder}/${files.model}`, { root });
  const shown = test.take(Math.min(40, test.length));
  const probabilities = await predict(model, shown.inputs, { device, probabilities: true });
  const sheet = predictionSheet({
    images: shown.inputs,
    probabilities,
    labels: shown.targets.data,
    classNames: test.classNames!,
  });
  await write(files.picture, await encodePng(sheet));
  const chart = lineChart({
    title: `${model.name} on ${data.name}`,
    x: history.map((r) => r.epoch),
    series: [
      { name: "training loss", values: history.map((r) => r.loss) },
      { name: "validation loss", values: history.map((r) => r.validationLoss!) },
    ],
  });
  await write(files.curve, chart);
  return [files.model, files.history, files.picture, files.curve].map((name) => `${folder}/${name}`);
}

/** A signal that Ctrl-C sets; a second Ctrl-C ends the process at once. */
function interruption(): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) Deno.exit(130);
    controller.abort();
  };
  Deno.addSignalListener("SIGINT", onSignal);
  return { signal: controller.signal, end: () => Deno.removeSignalListener("SIGINT", onSignal) };
}
