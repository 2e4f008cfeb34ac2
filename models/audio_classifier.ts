/** A small network that tells sounds apart. */
import { whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { activation } from "./layers/core/activation.ts";
import { conv2d } from "./layers/convolution/conv2d.ts";
import { dense } from "./layers/core/dense.ts";
import { dropout } from "./layers/core/dropout.ts";
import { flatten } from "./layers/reshaping/flatten.ts";
import { reshapeTo } from "./layers/reshaping/reshape_to.ts";
import { batchNormalization } from "./layers/normalization/batch_normalization.ts";
import { instanceNormalization } from "./layers/normalization/group_normalization.ts";
import { averagePool2d, maxPool2d } from "./layers/pooling/pooling.ts";
import { logMel } from "./layers/signal/log_mel.ts";
import { concatLayers } from "./layers/merging/merging.ts";
import { graph } from "./graph/graph.ts";
import { input, merge } from "./graph/symbolic_tensor.ts";
import type { Model } from "./model.ts";

/** Options of {@linkcode audioClassifier}. */
export interface AudioClassifierOptions {
  /** Samples of a sound. */
  readonly length: number;
  /** Samples a second, in Hz. */
  readonly rate: number;
  /** The number of classes. */
  readonly classes: number;
  /** Mel bands that it hears; 40 when left out. */
  readonly bands?: number;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/** Seconds of a frame, about. */
const FRAME = 0.032;
/** How much shorter time and bands are behind the pools. */
const POOLS = 4;

/**
 * A small network that classifies sounds `[length]`, such as {@linkcode audioFolder} gives: loudness of mel bands, 32 ms a frame,
 * brought to one scale, three convolutions of 3x3 with 16, 32 and 64 filters, each with batch normalization and relu, a maximum pool of
 * 2x2 behind the first two, the largest value and the mean of each band and filter over all time, and one output a class, as logits. Where a sound lies in time
 * matters little, which bands it has and how long it lasts do.
 *
 * @throws {RangeError} when sounds have fewer than four frames, or an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * const model = models.audioClassifier({ length: 16000, rate: 16000, classes: 7 });
 * assertEquals([model.inputShape, model.outputShape], [[16000], [7]]);
 * ```
 */
export function audioClassifier(options: AudioClassifierOptions): Model {
  const { length, rate, classes, bands, seed } = readOptions("make audioClassifier", options, {
    length: required(whole(1)),
    rate: required(whole(1)),
    classes: required(whole(1)),
    bands: optional(whole(POOLS), 40),
    seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
  });
  // A power of two is the cheapest size of a frame.
  const size = 2 ** Math.max(4, Math.round(Math.log2(rate * FRAME)));
  const mel = logMel({ rate, size, bands });
  const [frames] = mel.outputShape([length]);
  if (frames < POOLS) {
    throw new RangeError(
      `Cannot make audioClassifier for sounds of ${length} samples at ${rate} a second: they have ${frames} frames of ${size} ` +
        `samples, ${POOLS} are needed`,
    );
  }
  const sound = input([length], { name: "sound" });
  const heard = sound.to(
    mel,
    reshapeTo([frames, bands, 1]),
    instanceNormalization(),
    ...convolution(16),
    maxPool2d(),
    ...convolution(32),
    maxPool2d(),
    ...convolution(64),
  );
  const poolSize: [number, number] = [Math.floor(frames / POOLS), 1];
  const overTime = merge(concatLayers(), [
    heard.to(maxPool2d({ poolSize }), flatten()),
    heard.to(averagePool2d({ poolSize }), flatten()),
  ]);
  const logits = overTime.to(dropout(0.5), dense({ units: classes }));
  return graph({ inputs: sound, outputs: logits, name: "audio classifier", seed });
}

const convolution = (filters: number) => [
  conv2d({ filters, kernelSize: 3, padding: "same", useBias: false }),
  batchNormalization(),
  activation("relu"),
];
