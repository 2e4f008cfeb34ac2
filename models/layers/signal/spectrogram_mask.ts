/** In training, a stretch of frames and one of bands are set to zero at random */
import { text, whole } from "../../../engine/option_kinds.ts";
import { optional, readOptions } from "../../../engine/options.ts";
import { formatShape, type Shape } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import {
  add,
  cast,
  greaterEqual,
  iota,
  less,
  logicalOr,
  mul,
  reshape,
  sub,
  where,
} from "../../../ops/mod.ts";
import type { Layer, LayerContext } from "../../layer.ts";
import { needsWhole } from "../core/whole_sequences.ts";

/** Options of {@linkcode spectrogramMask}. */
export interface SpectrogramMaskOptions {
  /** Frames that are hidden at most; 8 when left out. */
  readonly frames?: number;
  /** Bands that are hidden at most; 8 when left out. */
  readonly bands?: number;
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A layer that hides a part of spectrograms `[frames, bands, ...]` while training: a stretch of frames and one of bands, each of a
 * random length up to what the options say and anywhere, become zero in each example; afterwards it changes nothing. It is placed
 * behind a normalization, so that zero is the mean. Source: https://arxiv.org/abs/1904.08779
 *
 * @throws {RangeError} when an option is no whole number from 0, or there are fewer frames or bands than would be hidden.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * assertEquals(sequential([layers.spectrogramMask()], { inputShape: [63, 40, 1] }).outputShape, [63, 40, 1]);
 * ```
 */
export function spectrogramMask(options: SpectrogramMaskOptions = {}): Layer {
  const { name, frames, bands } = readOptions("make spectrogramMask", options, {
    frames: optional(whole(), 8),
    bands: optional(whole(), 8),
    name: optional(text),
  });
  return {
    type: "spectrogramMask",
    name,
    config: { frames, bands },
    outputShape: (input) => {
      if (input.length < 2 || input[0] < frames || input[1] < bands) {
        throw new RangeError(
          `Cannot use spectrogramMask on ${
            formatShape(input)
          }: it takes [frames, bands, ...], with at least the ${frames} and ${bands} that it may hide`,
        );
      }
      return [...input];
    },
    weights: () => [],
    carry: needsWhole("it hides a part of the whole"),
    apply: (x, { training, random }) => training ? hidden(hidden(x, 1, frames, random), 2, bands, random) : x,
  };
}

function hidden(x: Tensor, axis: number, most: number, random: LayerContext["random"]): Tensor {
  if (most === 0) return x;
  const [examples, length] = [x.shape[0], x.shape[axis]];
  const size = mul(random.uniform([examples, 1]), most);
  const start = mul(random.uniform([examples, 1]), sub(length, size));
  const place = reshape(cast(iota(length), "float32"), [1, length]);
  const isSeen = logicalOr(less(place, start), greaterEqual(place, add(start, size)));
  const shape: Shape = x.shape.map((n, i) => i === 0 || i === axis ? n : 1);
  return where(reshape(isSeen, shape), x, 0);
}
