/** Channels into blocks of pixels, and back: y[n, i r + k, j r + l, c] = x[n, i, j, (c, k, l)] */
import { oneOf, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { reshape } from "../movement/reshape.ts";
import { transpose } from "../movement/transpose.ts";

/** Options of {@linkcode pixelShuffle} and {@linkcode pixelUnshuffle}. */
export interface PixelShuffleOptions {
  /**
   * How the channels of a block follow each other, as ONNX names it: `"CRD"`, all pixels of the first channel, then of the
   * second, as in PyTorch's `pixel_shuffle`; or `"DCR"`, all channels of the first pixel, then of the next, as in
   * TensorFlow's `depth_to_space`. `"CRD"` when left out.
   */
  readonly mode?: "CRD" | "DCR";
}

function read(what: string, x: Tensor, block: number, options: PixelShuffleOptions) {
  const attempt = `apply ${what}`;
  const { mode } = readOptions(attempt, options, { mode: optional(oneOf(["CRD", "DCR"]), "CRD") });
  readValue(attempt, "block", block, whole(1));
  if (x.rank !== 4) {
    throw new RangeError(
      `Cannot apply ${what} to ${formatShape(x.shape)}: it takes [batch, height, width, channels]`,
    );
  }
  return mode;
}

/**
 * Makes images `[batch, height, width, channels]` `block` times as high and wide, of as many fewer channels: each pixel's
 * channels become a block of pixels. Costs nothing where it is used by other ops. Source: https://arxiv.org/abs/1609.05158
 *
 * @throws {RangeError} when channels do not divide by `block` squared, or there are not four axes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const y = await compute(ops.pixelShuffle(tensor([[[[1, 2, 3, 4], [5, 6, 7, 8]]]]), 2));
 * assertEquals([y.shape, [...y.data]], [[1, 2, 4, 1], [1, 2, 5, 6, 3, 4, 7, 8]]);
 * ```
 */
export function pixelShuffle(x: Tensor, block: number, options: PixelShuffleOptions = {}): Tensor {
  const mode = read("pixelShuffle", x, block, options);
  const [batch, height, width, all] = x.shape;
  const channels = all / (block * block);
  if (!Number.isInteger(channels)) {
    throw new RangeError(
      `Cannot apply pixelShuffle to ${formatShape(x.shape)} in blocks of ${block} x ${block}: ` +
        `${all} channels do not divide by ${block * block}`,
    );
  }
  const blocks = mode === "CRD"
    ? transpose(reshape(x, [batch, height, width, channels, block, block]), [0, 1, 4, 2, 5, 3])
    : transpose(reshape(x, [batch, height, width, block, block, channels]), [0, 1, 3, 2, 4, 5]);
  return reshape(blocks, [batch, height * block, width * block, channels]);
}

/**
 * The inverse of {@linkcode pixelShuffle}: blocks of pixels become channels of one pixel (TensorFlow's `space_to_depth` with
 * mode `"DCR"`).
 *
 * @throws {RangeError} when height and width do not divide by `block`, or there are not four axes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const y = await compute(ops.pixelUnshuffle(tensor([[[[1], [2]], [[3], [4]]]]), 2));
 * assertEquals([y.shape, [...y.data]], [[1, 1, 1, 4], [1, 2, 3, 4]]);
 * ```
 */
export function pixelUnshuffle(x: Tensor, block: number, options: PixelShuffleOptions = {}): Tensor {
  const mode = read("pixelUnshuffle", x, block, options);
  const [batch, height, width, channels] = x.shape;
  if (height % block !== 0 || width % block !== 0) {
    throw new RangeError(
      `Cannot apply pixelUnshuffle to ${formatShape(x.shape)} in blocks of ${block} x ${block}: ` +
        `height and width do not divide evenly`,
    );
  }
  const [rows, columns] = [height / block, width / block];
  const blocks = reshape(x, [batch, rows, block, columns, block, channels]);
  const order = mode === "CRD" ? [0, 1, 3, 5, 2, 4] : [0, 1, 3, 2, 4, 5];
  return reshape(transpose(blocks, order), [batch, rows, columns, channels * block * block]);
}
