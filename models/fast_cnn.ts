/** A convolutional network that learns much in a few epochs. */
import { listOf, sizesFrom, whole } from "../engine/option_kinds.ts";
import { optional, readOptions } from "../engine/options.ts";
import type { Shape } from "../engine/shape.ts";
import type { Layer } from "./layer.ts";
import { activation } from "./layers/core/activation.ts";
import { batchNormalization } from "./layers/normalization/batch_normalization.ts";
import { conv2d } from "./layers/convolution/conv2d.ts";
import { dense } from "./layers/core/dense.ts";
import { globalMaxPool2d, maxPool2d } from "./layers/pooling/pooling.ts";
import { type Model, sequential } from "./model.ts";

/** Options of {@linkcode fastCnn}. */
export interface FastCnnOptions {
  /** The shape of an image; `[32, 32, 3]` when left out. */
  readonly inputShape?: Shape;
  /** The number of classes; 10 when left out. */
  readonly classes?: number;
  /** The channels of each group of two convolutions; `[32, 96, 128]` when left out. Each group halves the image. */
  readonly widths?: readonly number[];
  /** Steps between the windows of the first convolution, which are twice as wide; 1 when left out. */
  readonly stride?: number;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/** What follows a convolution. The running statistics are of some ten steps, as trainings are short. */
const settle = (): Layer[] => [batchNormalization({ momentum: 0.9 }), activation("relu")];

/** Two convolutions of 3x3; the pool comes before the normalization, so that there is less to normalize. */
function group(filters: number): Layer[] {
  const convolution = () =>
    conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, kernelInitializer: "heNormal" });
  return [convolution(), maxPool2d(), ...settle(), convolution(), ...settle()];
}

/**
 * A network that classifies images and learns in few epochs: a first convolution with 24 filters, then groups of two
 * convolutions of 3x3 with batch normalization and relu, each of which halves the image, then the largest value of each channel
 * and one output a class, as logits. Its shape is that of airbench (https://arxiv.org/abs/2404.00498), with fewer channels.
 *
 * @throws {RangeError} when the image is too small for so many groups.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * assertEquals(models.fastCnn().parameterCount, 388_418);
 * assertEquals(models.fastCnn({ inputShape: [64, 64, 3], stride: 2, classes: 3 }).outputShape, [3]);
 * ```
 */
export function fastCnn(options: FastCnnOptions = {}): Model {
  const { inputShape, classes, widths, stride, seed } = readOptions("make fastCnn", options, {
    inputShape: optional(sizesFrom(1, 3), [32, 32, 3]),
    classes: optional(whole(1), 10),
    widths: optional(listOf(whole(1)), [32, 96, 128]),
    stride: optional(whole(1), 1),
    seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
  });
  return sequential([
    conv2d({
      filters: 24,
      kernelSize: 2 * stride,
      strides: stride,
      activation: "relu",
      kernelInitializer: "heNormal",
    }),
    ...widths.flatMap(group),
    globalMaxPool2d(),
    dense({ units: classes }),
  ], { inputShape, name: "fast-cnn", seed });
}
