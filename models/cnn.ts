/** The convolutional network of the worked example. */
import { sizesFrom, whole } from "../engine/option_kinds.ts";
import { optional, readOptions } from "../engine/options.ts";
import type { Shape } from "../engine/shape.ts";
import { conv2d } from "./layers/convolution/conv2d.ts";
import { dense } from "./layers/core/dense.ts";
import { flatten } from "./layers/reshaping/flatten.ts";
import { maxPool2d } from "./layers/pooling/pooling.ts";
import { type Model, sequential } from "./model.ts";

/** Options of {@linkcode cnn}. */
export interface CnnOptions {
  /** The shape of an image; `[32, 32, 3]` when left out. */
  readonly inputShape?: Shape;
  /** The number of classes; 10 when left out. */
  readonly classes?: number;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/**
 * A small network that classifies images: three convolutions of 3x3 with 32, 64 and 64 filters and relu, a maximum pool
 * of 2x2 behind the first two, a dense layer of 64 with relu, and one output a class, as logits. With the defaults it
 * is the network of TensorFlow's CIFAR-10 tutorial (https://www.tensorflow.org/tutorials/images/cnn).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cnn } from "@gesso/gesso";
 *
 * assertEquals(cnn().parameterCount, 122_570);
 * ```
 */
export function cnn(options: CnnOptions = {}): Model {
  const { inputShape, classes, seed } = readOptions("make cnn", options, {
    inputShape: optional(sizesFrom(1, 3), [32, 32, 3]),
    classes: optional(whole(1), 10),
    seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
  });
  return sequential([
    conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
    maxPool2d(),
    conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
    maxPool2d(),
    conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
    flatten(),
    dense({ units: 64, activation: "relu" }),
    dense({ units: classes }),
  ], { inputShape, name: "cnn", seed });
}
