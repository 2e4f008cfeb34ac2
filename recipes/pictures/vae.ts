/** `train vae`: pictures through a random variable and back, and new ones out of chance. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { Random } from "../../data/random.ts";
import { Dataset } from "../../data/dataset.ts";
import { numbers } from "../../data/field.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import type { Model } from "../../models/model.ts";
import { vae } from "../../models/vae.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { predict } from "../../training/fit/predict.ts";
import { bestWeights } from "../../training/callbacks/best_weights.ts";
import { earlyStopping } from "../../training/callbacks/early_stopping.ts";
import { train } from "../../training/loop/train.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { oneCycle } from "../../training/optimizers/schedules.ts";
import { lossCurve } from "../loss_curve.ts";
import type { OptionReader } from "../options/option_spec.ts";
import { batchSizeOption, epochsOption, seedOption } from "../options/training_options.ts";
import type { Host, Recipe, Report, Score, Task, Where } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { decodedPictures, likelihoodOf } from "./decoded_pictures.ts";
import { drawVae, vaeDrawer } from "./draw_vae.ts";
import { imageMaker } from "./image_maker.ts";
import { nearestPictures } from "./nearest_pictures.ts";
import { normalNoise } from "./normal_noise.ts";
import { judgedRows } from "./judged_rows.ts";
import { JUDGED, trainJudge } from "./picture_judge.ts";
import {
  loadPictureSet,
  type PicturePart,
  type PictureSet,
  pictureSetNeeds,
  pictureSetOptions,
  take,
} from "./picture_sets.ts";
import { pairSheet } from "./pair_sheet.ts";
import { sampleSheets } from "./sample_sheets.ts";
import { importanceWeighted, vaeStep } from "./vae_step.ts";

/** Pictures of a sheet, and pairs beside their nearest. */
const [SHEET, PAIRS] = [64, 16];
/** Latents for each picture in the better estimate of its likelihood, and the test pictures that it is made for. */
const [WEIGHTED, ESTIMATED] = [50, 1000];
/** Epochs without a better validation that end a training. */
const PATIENCE = 25;
/** The part of the training in which the divergence comes to count. */
const WARM_UP = 0.2;

/** How many pictures are seen in a training, if that takes no fewer and no more epochs than these. */
const SEEN = 600_000;
const [FEWEST_EPOCHS, MOST_EPOCHS] = [5, 300];

const { default: _, ...epochs } = epochsOption(0);

/** An autoencoder for any pictures. */
export const vaeRecipe: Recipe = {
  name: "vae",
  summary: "Train an autoencoder with a random variable on pictures; generate image makes new ones with it.",
  examples: "images",
  dataOptions: [
    ...pictureSetOptions,
    {
      name: "binary",
      help: "make every pixel on or off, by chance and once for all, as in published figures of MNIST",
    },
  ],
  options: [
    {
      name: "latents",
      value: "N",
      help: "numbers that stand for a picture",
      number: { whole: true, least: 1, most: 4096 },
      default: 20,
    },
    {
      name: "body",
      value: "NAME",
      help: "what it is made of",
      choices: ["convolutional", "dense"],
      default: "convolutional",
    },
    {
      name: "beta",
      value: "B",
      help: "what keeping to chance counts beside keeping to the picture",
      number: { above: 0, most: 1000 },
      default: 1,
    },
    {
      ...epochs,
      help: `times through the data; when left out, until some ${SEEN} images were seen, ` +
        `from ${FEWEST_EPOCHS} to ${MOST_EPOCHS}`,
    },
    batchSizeOption("images", 128),
    {
      name: "learning-rate",
      value: "R",
      help: "the highest; it rises for a tenth of the run, then falls",
      number: { above: 0, most: 10 },
      default: 0.002,
    },
    seedOption,
  ],
  needs: pictureSetNeeds,
  begin: async (values, host) => {
    const set = await load(values, host);
    const [, height, width, channels] = set.train.images.shape;
    const likelihood = likelihoodOf(channels);
    const body = values.text("body") as "convolutional" | "dense";
    if (body === "convolutional" && (height % 4 !== 0 || width % 4 !== 0)) {
      throw new UsageError(
        `Cannot train on pictures of ${width}x${height}: 4 has to divide both sides, or --body dense takes any`,
      );
    }
    const model = vae({
      inputShape: [height, width, channels],
      latents: values.number("latents")!,
      body,
      valuesPerChannel: likelihood === "bernoulli" ? 1 : 2,
      seed: values.number("seed")!,
    });
    model.info = { dataset: set.name, seed: values.number("seed")! };
    return vaeTask(set, model, values, host);
  },
  judge: async (model, values, host) => {
    const { test } = await load(values, host);
    return (where) => scoreOf(model, test, where);
  },
  maker: imageMaker,
};

async function load(values: OptionReader, host: Host): Promise<PictureSet> {
  const set = await loadPictureSet(values, host);
  if (!values.has("binary")) return set;
  if (set.train.images.shape[3] !== 1) {
    throw new UsageError(`Cannot make pictures of ${set.name} binary: they are in colour`);
  }
  return { ...set, train: binary(set.train, 0), test: binary(set.test, 1) };
}

/** Each pixel on with a probability of its brightness. */
function binary({ images, labels }: PicturePart, stream: number): PicturePart {
  const random = new Random(0, stream);
  return {
    labels,
    images: ndarray(
      "uint8",
      images.shape,
      images.data.map((value) => random.below(255) < value ? 255 : 0),
    ) as NdArray<"uint8">,
  };
}

const datasetOf = ({ images }: PicturePart, name: string) =>
  new Dataset({ fields: { image: numbers(images) }, name });

function vaeTask(set: PictureSet, model: Model, values: OptionReader, host: Host): Task {
  const [batchSize, seed] = ["batch-size", "seed"].map((name) => values.number(name)!);
  const optimizer = adam(oneCycle(values.number("learning-rate")!, { rise: 0.1 }));
  const data = datasetOf(set.train, set.name);
  const times = Math.round(SEEN / data.length);
  const epochs = values.number("epochs") ?? Math.min(MOST_EPOCHS, Math.max(FEWEST_EPOCHS, times));
  const steps = epochs * Math.ceil(data.length / batchSize);
  const likelihood = likelihoodOf(set.train.images.shape[3]);
  const beta = values.number("beta")!;
  const step = vaeStep(model, { likelihood, optimizer, beta, warmUp: Math.round(WARM_UP * steps) });
  const latents = normalNoise(SHEET, model.outputs.mean[0], 0);
  const sheets = sampleSheets((where) => vaeDrawer(model, latents, where), host);
  return {
    name: `vae-${set.name}`,
    settled: { epochs },
    model,
    method: `${optimizer.description}, beta ${beta}, the best epoch kept`,
    batchSize,
    seed,
    train: ({ callbacks, ...where }) =>
      train(step, data, {
        ...where,
        epochs,
        batchSize,
        seed,
        validation: datasetOf(set.test, `${set.name} test`),
        callbacks: [
          bestWeights({ monitor: "validationLoss" }),
          earlyStopping({ monitor: "validationLoss", patience: PATIENCE }),
          ...callbacks,
          sheets.callback,
        ],
      }),
    report: async ({ device, signal, history }): Promise<Report> => {
      const where = { device, signal };
      const score = await scoreOf(model, set.test, where);
      const made = await drawVae(model, normalNoise(JUDGED, model.outputs.mean[0], 1), where);
      const judge = await trainJudge(set, host, where);
      const judged = judge && await judge.judge(made);
      const metrics = judged
        ? { ...score.metrics, frechet: judged.frechet, sure: judged.sure }
        : score.metrics;
      model.info = { ...model.info, metrics };
      return {
        ...score,
        metrics,
        table: judged ? [...score.table, ...judgedRows(judged)] : score.table,
        files: {
          "reconstructed.png": await encodePng(await pairsOf(model, set.test, where)),
          "nearest.png": await encodePng(nearestPictures(first(made, PAIRS), set.train.images).sheet),
          ...await sheets.film(),
        },
        curve: lossCurve(`vae on ${set.name}, nats an image, epoch by epoch`, history),
      };
    },
  };
}

/** Some pictures of the test data, each with what comes back of it to its right. */
async function pairsOf(model: Model, { images }: PicturePart, where: Where): Promise<NdArray> {
  const given = first(images, PAIRS);
  const decoded = await predict(model, given, { ...where, output: "decoded" });
  return pairSheet(given, decodedPictures(decoded, likelihoodOf(images.shape[3])), ["given", "back"]);
}

const first = (images: NdArray, count: number) =>
  take(images, Array.from({ length: Math.min(count, images.shape[0]) }, (_, i) => i));

/** How well test pictures are foreseen, in nats a picture, and bits a number for those in colour. */
async function scoreOf(model: Model, test: PicturePart, where: Where): Promise<Score> {
  const [count, ...picture] = test.images.shape;
  const likelihood = likelihoodOf(picture[2]);
  const step = vaeStep(model, { likelihood });
  const { loss, reconstruction, divergence } = await evaluate(step, datasetOf(test, "test"), where);
  const some = { images: first(test.images, ESTIMATED) };
  const estimate = importanceWeighted(model, likelihood, WEIGHTED);
  const { nats } = await evaluate(estimate, datasetOf(some, "test"), { ...where, batchSize: 16 });
  const bits = loss / Math.LN2 / picture.reduce((product, n) => product * n, 1);
  return {
    table: [
      ["nats an image", ""],
      ["lower bound", loss.toFixed(2)],
      ["  of its pixels", reconstruction.toFixed(2)],
      ["  of its latent", divergence.toFixed(2)],
      [`by ${WEIGHTED} latents, ${Math.min(count, ESTIMATED)} images`, nats.toFixed(2)],
    ],
    headline: `test ${loss.toFixed(2)} nats an image`,
    detail: likelihood === "bernoulli"
      ? `over ${count} images`
      : `${bits.toFixed(3)} bits a number, over ${count} images`,
    metrics: { testNats: loss, testNatsByMany: nats },
  };
}
