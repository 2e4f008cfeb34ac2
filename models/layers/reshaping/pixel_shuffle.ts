/** Channels into blocks of pixels */
import { oneOf, text, whole } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions } from "../../../engine/options.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { pixelShuffle as shuffle, zeros } from "../../../ops/mod.ts";
import type { Layer } from "../../layer.ts";
import { checkImage } from "../core/check_layer.ts";

/** Options of {@linkcode pixelShuffle}. */
export interface PixelShuffleLayerOptions {
  /** How many times as high and wide images become; 2 when left out. */
  readonly block?: number;
  /** How the channels of a block follow each other: `"CRD"` as in PyTorch (when left out), or `"DCR"` as in TensorFlow. */
  readonly mode?: "CRD" | "DCR";
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A layer that makes images larger out of their channels, as in super resolution: `[height, width, channels]` to
 * `[height * block, width * block, channels / (block * block)]`. Source: https://arxiv.org/abs/1609.05158
 *
 * @throws {RangeError} when channels do not divide by `block` squared.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * assertEquals(sequential([layers.pixelShuffle()], { inputShape: [8, 8, 12] }).outputShape, [16, 16, 3]);
 * ```
 */
export function pixelShuffle(options: PixelShuffleLayerOptions = {}): Layer {
  const { block, mode, name } = readOptions("make pixelShuffle", options, {
    block: optional(whole(1), 2),
    mode: optional(oneOf(["CRD", "DCR"]), "CRD"),
    name: optional(text),
  });
  const apply = (x: Tensor) => shuffle(x, block, { mode });
  return {
    type: "pixelShuffle",
    name,
    config: givenOptions({ block, mode }),
    outputShape: (input) => {
      checkImage("pixelShuffle", input);
      return apply(zeros([1, ...input])).shape.slice(1);
    },
    weights: () => [],
    apply,
  };
}
