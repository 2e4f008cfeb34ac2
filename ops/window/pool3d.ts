/** Pools over volumes: over rows and columns, then over depth, since a window's maximum or mean is that of its layers' */
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { averagePool2d } from "./average_pool2d.ts";
import { maxPool2d, type Pool2dOptions } from "./max_pool2d.ts";
import { reshape } from "../movement/reshape.ts";
import { windowsOf } from "./window.ts";
import { type Triple, windowOptions3d, type WindowPadding3d, windowSizes3d } from "./window3d.ts";

/** Options of pools over volumes. */
export interface Pool3dOptions {
  /** The size of a window; 2 when left out. */
  readonly poolSize?: Triple;
  /** Steps between windows; as large as the window when left out. */
  readonly strides?: Triple;
  /** What is added around the volume; `"valid"` (nothing) when left out. Added places never count. */
  readonly padding?: WindowPadding3d;
}

/** The options of pools over volumes, as they are read. */
export const poolOptions3d = {
  poolSize: optional(windowSizes3d, [2, 2, 2]),
  strides: optional(windowSizes3d),
  padding: windowOptions3d.padding,
};

function pooled(
  what: string,
  x: Tensor,
  options: Pool3dOptions,
  pool: (x: Tensor, options: Pool2dOptions) => Tensor,
): Tensor {
  const { poolSize, strides = poolSize, padding } = readOptions(`apply ${what}`, options, poolOptions3d);
  if (x.dtype !== "float32" || x.rank !== 5) {
    throw new TypeError(
      `Cannot apply ${what} to ${x.dtype} ${
        formatShape(x.shape)
      }: it takes float32 [batch, depth, height, width, channels]`,
    );
  }
  const [batch, depth, height, width, channels] = x.shape;
  const image = [depth, height, width];
  const { before, after } = windowsOf(what, image, poolSize, { strides, padding, dilations: [1, 1, 1] });
  const layers = pool(reshape(x, [batch * depth, height, width, channels]), {
    poolSize: [poolSize[1], poolSize[2]],
    strides: [strides[1], strides[2]],
    padding: [[before[1], after[1]], [before[2], after[2]]],
  });
  const [, rows, columns] = layers.shape;
  const y = pool(reshape(layers, [batch, depth, rows * columns, channels]), {
    poolSize: [poolSize[0], 1],
    strides: [strides[0], 1],
    padding: [[before[0], after[0]], [0, 0]],
  });
  return reshape(y, [batch, y.shape[1], rows, columns, channels]);
}

/**
 * The largest element of each window of volumes `[batch, depth, height, width, channels]`, channel by channel.
 *
 * @throws {TypeError} when `x` is not float32 with five axes.
 * @throws {RangeError} when a window is larger than the volume.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const volume = tensor([[[[[1], [2]], [[3], [4]]], [[[5], [6]], [[8], [7]]]]]);
 * assertEquals([...(await compute(ops.maxPool3d(volume))).data], [8]);
 * ```
 */
export function maxPool3d(x: Tensor, options: Pool3dOptions = {}): Tensor {
  return pooled("maxPool3d", x, options, maxPool2d);
}

/** The mean of each window of volumes; padding does not count. See {@linkcode maxPool3d}. */
export function averagePool3d(x: Tensor, options: Pool3dOptions = {}): Tensor {
  return pooled("averagePool3d", x, options, averagePool2d);
}
