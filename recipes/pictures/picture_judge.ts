/** A classifier that made pictures are judged by: what they show, how surely, and how far they are from real ones. */
import type { NdArray } from "../../engine/array.ts";
import type { Shape } from "../../engine/shape.ts";
import { Dataset } from "../../data/dataset.ts";
import { permutation } from "../../data/permutation.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { activation } from "../../models/layers/core/activation.ts";
import { conv2d } from "../../models/layers/convolution/conv2d.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { flatten } from "../../models/layers/reshaping/flatten.ts";
import { maxPool2d } from "../../models/layers/pooling/pooling.ts";
import { partOf } from "../../models/graph/part_of.ts";
import { type Model, sequential } from "../../models/model.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { fit } from "../../training/fit/fit.ts";
import { predict } from "../../training/fit/predict.ts";
import {
  frechetDistance,
  kernelDistance,
  precisionAndRecall,
} from "../../training/metrics/feature_distances.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { oneCycle } from "../../training/optimizers/schedules.ts";
import { percent } from "../number_text.ts";
import type { Host, Where } from "../recipe.ts";
import { type PictureSet, take } from "./picture_sets.ts";

/** Features that it finds in a picture. */
const FEATURES = 64;
/** Pictures that it is trained on, in all, if that is not more than so many times all there are. */
const [SEEN, MOST_EPOCHS] = [100_000, 60];
/** Of few pictures, a step takes no more than makes so many steps an epoch. */
const [BATCH, LEAST_BATCH, STEPS] = [128, 16, 40];
/** The pictures that are compared, at most: distances take time with their square. */
export const JUDGED = 1000;
/** From this probability on it is sure. */
const SURE = 0.9;

/** What was found in made pictures. */
export interface Judgement {
  /** Which part the classifier is sure of. */
  readonly sure: number;
  /** Which part shows each class. */
  readonly shares: readonly number[];
  /** The entropy of the shares, in nats: the logarithm of the number of classes where all are equal. */
  readonly entropy: number;
  /** Frechet distance of features to those of real pictures, and of two halves of real ones beside it. */
  readonly frechet: number;
  readonly frechetOfReal: number;
  readonly kernel: number;
  readonly precision: number;
  readonly recall: number;
}

/** What judges pictures. */
export interface PictureJudge {
  /** How the classifier does on real test pictures. */
  readonly accuracy: number;
  /** Judges pictures, uint8 `[count, height, width, channels]`; some {@linkcode JUDGED} are best. */
  judge(made: NdArray): Promise<Judgement>;
}

/** Trains a classifier on the same data, and says how good it is; `undefined` where there are no classes. */
export async function trainJudge(
  { train, test, classNames }: PictureSet,
  host: Host,
  where: Where,
): Promise<PictureJudge | undefined> {
  if (!classNames || !train.labels || !test.labels) return undefined;
  const [examples, height, width, channels] = train.images.shape;
  const model = network([height, width, channels], classNames.length);
  const data = (part: typeof train) =>
    new Dataset({ inputs: part.images, targets: part.labels!, classNames });
  const epochs = Math.max(1, Math.min(MOST_EPOCHS, Math.round(SEEN / examples)));
  await fit(model, data(train), {
    ...where,
    epochs,
    batchSize: Math.min(BATCH, Math.max(LEAST_BATCH, Math.round(examples / STEPS))),
    optimizer: adam(oneCycle(0.004, { rise: 0.25 })),
    seed: 1,
  });
  const { accuracy = 0 } = await evaluate(model, data(test), where);
  host.say(
    "judge",
    `a classifier of its own, ${percent(accuracy)} right on real test pictures, judges what is made`,
  );
  const features = partOf(model, { outputs: "features" });
  const ask = async (images: NdArray) => ({
    features: await predict(features, images, where),
    logits: await predict(model, images, where),
  });
  // Two halves of test pictures that have none in common.
  const order = permutation(test.images.shape[0], 1);
  const half = Math.min(JUDGED, Math.floor(order.length / 2));
  const real = await ask(take(test.images, order.slice(0, half)));
  const other = await ask(take(test.images, order.slice(half, 2 * half)));
  return {
    accuracy,
    judge: async (made) => {
      const { features, logits } = await ask(made);
      const { sure, shares } = seen(logits);
      return {
        sure,
        shares,
        entropy: -shares.reduce((sum, share) => share > 0 ? sum + share * Math.log(share) : sum, 0),
        frechet: frechetDistance(features, real.features),
        frechetOfReal: frechetDistance(other.features, real.features),
        kernel: kernelDistance(features, real.features),
        ...precisionAndRecall(features, real.features),
      };
    },
  };
}

/** The classifier; what its layer `features` gives is compared. */
function network(inputShape: Shape, classes: number): Model {
  const convolution = (filters: number) => [
    conv2d({ filters, kernelSize: 3, padding: "same", useBias: false }),
    batchNormalization(),
    activation("relu"),
    maxPool2d(),
  ];
  return sequential([
    ...convolution(16),
    ...convolution(32),
    ...convolution(64),
    flatten(),
    dense({ units: FEATURES, activation: "relu", name: "features" }),
    dense({ units: classes }),
  ], { inputShape, name: "judge", seed: 1 });
}

/** What the classifier is sure of, and which part shows what. */
function seen({ data, shape: [count, classes] }: NdArray): { sure: number; shares: number[] } {
  const counts = new Array<number>(classes).fill(0);
  let sure = 0;
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * classes, (i + 1) * classes);
    const largest = row.indexOf(Math.max(...row));
    counts[largest]++;
    const total = Array.from(row).reduce((sum, logit) => sum + Math.exp(logit - row[largest]), 0);
    if (1 / total > SURE) sure++;
  }
  return { sure: sure / count, shares: counts.map((n) => n / count) };
}
