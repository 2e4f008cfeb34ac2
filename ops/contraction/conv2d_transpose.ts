/**
 * The transpose of a convolution: what `conv2d` gathers from a window into one place, this spreads from one place over a
 * window. It is the gradient of `conv2d` to its images.
 */
import { pairOf, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { type Conv2dOptions, convolution2d } from "./conv2d.ts";
import { type Pair, windowOptions, windowsOf } from "../window/window.ts";

/** Options of {@linkcode conv2dTranspose}, of the convolution that it turns round. */
export interface Conv2dTransposeOptions extends Conv2dOptions {
  /**
   * Rows and columns more at the end, fewer than a step: images of several sizes have as many windows. 0 when left out.
   */
  readonly outputPadding?: Pair;
}

function checkInputs(x: Tensor, w: Tensor, groups: number): void {
  if ([x, w].some((t) => t.dtype !== "float32" || t.rank !== 4)) {
    throw new TypeError(
      `Cannot apply conv2dTranspose to ${x.dtype} ${formatShape(x.shape)} and ${w.dtype} ${
        formatShape(w.shape)
      }: it takes float32 images [batch, height, width, channels] and weights [height, width, out, in]`,
    );
  }
  if (w.shape[3] !== x.shape[3]) {
    throw new RangeError(
      `Cannot apply conv2dTranspose to input ${formatShape(x.shape)} as weight ${
        formatShape(w.shape)
      } expects ` +
        `${w.shape[3]} channels: input has ${x.shape[3]}`,
    );
  }
  if (x.shape[3] % groups !== 0) {
    throw new RangeError(
      `Cannot apply conv2dTranspose to input ${formatShape(x.shape)} in ${groups} groups: ` +
        `${x.shape[3]} channels do not divide evenly`,
    );
  }
}

/**
 * A transposed (fractionally strided) convolution: images `[batch, height, width, channels]` grow by the strides. The
 * weight is `[height, width, filters / groups, channels]`, with what comes out before what goes in, as in Keras; it is that
 * of the convolution from the result back to the input.
 *
 * With padding `"same"` the result is `strides` times as large as the input; else it has
 * `(size - 1) * stride + (window - 1) * dilation + 1` rows, less what is padded, and `outputPadding` more.
 *
 * @throws {TypeError} when an input is not float32 with four axes.
 * @throws {RangeError} when channels do not fit, padding takes everything, or `outputPadding` is not below the strides.
 *
 * Source: https://arxiv.org/abs/1603.07285
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const y = ops.conv2dTranspose(tensor([[[[1], [2]]]]), ops.ones([1, 2, 1, 1]), { strides: [1, 2] });
 * assertEquals([...(await compute(y)).data], [1, 1, 2, 2]);
 * ```
 */
export function conv2dTranspose(x: Tensor, weight: Tensor, options: Conv2dTransposeOptions = {}): Tensor {
  const { groups, outputPadding, ...placed } = readOptions("apply conv2dTranspose", options, {
    ...windowOptions,
    groups: optional(whole(1), 1),
    outputPadding: optional(pairOf(whole()), [0, 0]),
  });
  checkInputs(x, weight, groups);
  const { strides, padding, dilations } = placed;
  const isSame = padding === "same";
  if (outputPadding.some((n, axis) => n >= (isSame ? 1 : strides[axis]))) {
    throw new RangeError(
      `Cannot apply conv2dTranspose with outputPadding ${formatShape(outputPadding)}: ` +
        (isSame
          ? `padding "same" says how large the result is`
          : `it has to be below the strides ${formatShape(strides)}`),
    );
  }
  const size = weight.shape.slice(0, 2);
  const around = windowsOf("conv2dTranspose", [0, 0], size, { ...placed, padding: isSame ? 0 : padding });
  const image = [0, 1].map((axis) => {
    const count = x.shape[1 + axis];
    if (isSame) return count * strides[axis];
    const whole = (count - 1) * strides[axis] + (size[axis] - 1) * dilations[axis] + 1;
    return whole - around.before[axis] - around.after[axis] + outputPadding[axis];
  });
  if (image.some((n) => n < 1)) {
    throw new RangeError(
      `Cannot apply conv2dTranspose to images ${formatShape(x.shape)} with padding ${
        JSON.stringify(padding)
      }: ` +
        `it would leave ${formatShape(image)} of the result`,
    );
  }
  const windows = windowsOf("conv2dTranspose", image, size, placed);
  const shape = [x.shape[0], ...image, weight.shape[2] * groups];
  return convolution2d.toInput(x, weight, shape, { windows, groups });
}
