/** Pools over sequences: those over images of one row */
import { whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { averagePool2d } from "./average_pool2d.ts";
import { maxPool2d, type Pool2dOptions } from "./max_pool2d.ts";
import { asRow, asSequence, rowPadding, windowOptions1d, type WindowPadding1d } from "./window1d.ts";

/** Options of pools over sequences. */
export interface Pool1dOptions {
  /** The size of a window; 2 when left out. */
  readonly poolSize?: number;
  /** Steps between windows; as large as the window when left out. */
  readonly strides?: number;
  /** What is added around the sequence; `"valid"` (nothing) when left out. Added places never count. */
  readonly padding?: WindowPadding1d;
}

/** The options of pools over sequences, as they are read. */
export const poolOptions1d = {
  poolSize: optional(whole(1), 2),
  strides: optional(whole(1)),
  padding: windowOptions1d.padding,
};

function pooled(
  what: string,
  x: Tensor,
  options: Pool1dOptions,
  pool: (x: Tensor, options: Pool2dOptions) => Tensor,
): Tensor {
  const { poolSize, strides = poolSize, padding } = readOptions(`apply ${what}`, options, poolOptions1d);
  if (x.dtype !== "float32" || x.rank !== 3) {
    throw new TypeError(
      `Cannot apply ${what} to ${x.dtype} ${
        formatShape(x.shape)
      }: it takes float32 [batch, length, channels]`,
    );
  }
  const placed = {
    poolSize: [1, poolSize],
    strides: [1, strides],
    padding: rowPadding(padding, poolSize),
  } as const;
  return asSequence(pool(asRow(x), placed));
}

/**
 * The largest element of each window of sequences `[batch, length, channels]`, channel by channel.
 *
 * @throws {TypeError} when `x` is not float32 with three axes.
 * @throws {RangeError} when a window is longer than the sequence.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.maxPool1d(tensor([[[1], [3], [2], [0]]])))).data], [3, 2]);
 * ```
 */
export function maxPool1d(x: Tensor, options: Pool1dOptions = {}): Tensor {
  return pooled("maxPool1d", x, options, maxPool2d);
}

/** The mean of each window of sequences; padding does not count. See {@linkcode maxPool1d}. */
export function averagePool1d(x: Tensor, options: Pool1dOptions = {}): Tensor {
  return pooled("averagePool1d", x, options, averagePool2d);
}
