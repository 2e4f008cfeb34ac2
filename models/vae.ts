/** An autoencoder through a random variable: an encoder to the mean and spread of a latent, a decoder back. */
import { oneOf, sizesFrom, whole } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import type { Shape } from "../engine/shape.ts";
import { graph } from "./graph/graph.ts";
import { partOf } from "./graph/part_of.ts";
import { input } from "./graph/symbolic_tensor.ts";
import type { Layer } from "./layer.ts";
import { conv2d } from "./layers/convolution/conv2d.ts";
import { conv2dTranspose } from "./layers/convolution/conv2d_transpose.ts";
import { dense } from "./layers/core/dense.ts";
import { flatten } from "./layers/reshaping/flatten.ts";
import { reshapeTo } from "./layers/reshaping/reshape_to.ts";
import { type Model, sequential } from "./model.ts";

/** Options of {@linkcode vae}. */
export interface VaeOptions {
  /** Height, width and channels of a picture. */
  readonly inputShape: Shape;
  /** Numbers of the latent; 20 when left out. */
  readonly latents?: number;
  /**
   * What it is made of: `"convolutional"`, two strided convolutions and a dense layer each way, for sides that 4 divides; or
   * `"dense"`, two dense layers each way. `"convolutional"` when left out.
   */
  readonly body?: "convolutional" | "dense";
  /** The width: filters of the first convolution, 32 when left out, or units of the dense layers, 400 when left out. */
  readonly width?: number;
  /**
   * Numbers that the decoder gives for each channel of a pixel; 1, a logit or a value, when left out, 2 for a mean and the logarithm of
   * its scale.
   */
  readonly valuesPerChannel?: number;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/** How much smaller a side is behind both strided convolutions. */
const SHRUNK = 4;

/**
 * A variational autoencoder for pictures. From a picture its outputs are `mean` and `logVariance` of the latent `[latents]`, and `decoded`
 * `[height, width, channels * valuesPerChannel]`, what the decoder makes of that mean. For training, {@linkcode vaeParts} takes it
 * apart, and a latent is drawn in between. Source: https://arxiv.org/abs/1312.6114
 *
 * @throws {RangeError} when sides are not divided by 4 (`"convolutional"`), or an option is not what it has to be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * const model = models.vae({ inputShape: [28, 28, 1], latents: 8 });
 * assertEquals(model.outputs, { decoded: [28, 28, 1], mean: [8], logVariance: [8] });
 * const { decoder } = models.vaeParts(model);
 * assertEquals([decoder.inputShape, decoder.outputShape], [[8], [28, 28, 1]]);
 * ```
 */
export function vae(options: VaeOptions): Model {
  const { inputShape, latents, body, width, valuesPerChannel, seed } = readOptions("make vae", options, {
    inputShape: required(sizesFrom(1, 3)),
    latents: optional(whole(1), 20),
    body: optional(oneOf(["convolutional", "dense"]), "convolutional"),
    width: optional(whole(1)),
    valuesPerChannel: optional(whole(1), 1),
    seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
  });
  const [height, wide, channels] = inputShape;
  if (body === "convolutional" && (height % SHRUNK !== 0 || wide % SHRUNK !== 0)) {
    throw new RangeError(
      `Cannot make a convolutional vae for pictures of ${height}x${wide}: ${SHRUNK} has to divide both sides; body "dense" takes any`,
    );
  }
  const outputShape = [height, wide, channels * valuesPerChannel];
  const { down, up } = body === "dense"
    ? denseBody(outputShape, width ?? 400)
    : convolutionalBody(outputShape, width ?? 32);
  const image = input(inputShape, { name: "image" });
  const features = image.to(...down);
  const mean = features.to(dense({ units: latents, name: "mean" }));
  const logVariance = features.to(dense({ units: latents, name: "logVariance" }));
  const decoder = sequential(up, { inputShape: [latents], name: "decoder" });
  return graph({
    inputs: { image },
    outputs: { decoded: mean.to(decoder), mean, logVariance },
    name: "vae",
    seed,
  });
}

/**
 * The two halves of a {@linkcode vae}, which share their weights with it: the encoder, from a picture to `mean` and `logVariance`, and
 * the decoder, from a latent to what is `decoded`.
 *
 * @throws {RangeError} when the model is no such one.
 */
export function vaeParts(model: Model): { encoder: Model; decoder: Model } {
  const names = Object.keys(model.outputs);
  const last = model.graph.outputs.decoded?.from;
  if (!last || !("layer" in last) || !names.includes("mean") || !names.includes("logVariance")) {
    throw new RangeError(
      `Cannot take ${model.name} apart as a vae: it gives ${
        names.join(", ")
      }, not decoded, mean and logVariance`,
    );
  }
  return {
    encoder: partOf(model, { outputs: { mean: "mean", logVariance: "logVariance" }, name: "encoder" }),
    decoder: partOf(model, { inputs: { latent: "mean" }, outputs: last.layer, name: "decoder" }),
  };
}

/** What leads to the latent, and back. */
interface Body {
  readonly down: readonly Layer[];
  readonly up: readonly Layer[];
}

function denseBody(outputShape: Shape, units: number): Body {
  const hidden = () => [dense({ units, activation: "relu" }), dense({ units, activation: "relu" })];
  const pixels = outputShape.reduce((product, size) => product * size, 1);
  return {
    down: [flatten(), ...hidden()],
    up: [...hidden(), dense({ units: pixels }), reshapeTo(outputShape)],
  };
}

function convolutionalBody([height, width, values]: Shape, filters: number): Body {
  const [low, narrow] = [height / SHRUNK, width / SHRUNK];
  const strided = { kernelSize: 4, strides: 2, padding: "same", activation: "relu" } as const;
  const units = 8 * filters;
  return {
    down: [
      conv2d({ ...strided, filters }),
      conv2d({ ...strided, filters: 2 * filters }),
      flatten(),
      dense({ units, activation: "relu" }),
    ],
    up: [
      dense({ units, activation: "relu" }),
      dense({ units: low * narrow * 2 * filters, activation: "relu" }),
      reshapeTo([low, narrow, 2 * filters]),
      conv2dTranspose({ ...strided, filters }),
      conv2dTranspose({ ...strided, filters: values, activation: "linear" }),
    ],
  };
}
