/** Images of another size: along rows, then along columns, each place is made from the nearest one, two or four */
import { flag, oneOf, sizesFrom } from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { resample, type Taps, TapTable } from "./resample.ts";

/** Options of {@linkcode resize}. */
export interface ResizeImagesOptions {
  /** From what pixels are made; `"bilinear"` when left out. */
  readonly method?: "nearest" | "bilinear" | "bicubic";
  /** Whether the centres of the corner pixels stay where they are (`align_corners`); false when left out. */
  readonly alignCorners?: boolean;
  /**
   * Whether pixels are squares whose edges stay where they are, and not points (`half_pixel_centers`); true when left out,
   * unless corners are aligned.
   */
  readonly halfPixelCenters?: boolean;
}

type Placement = "corners" | "centers" | "points";

/** Where place `i` of `output` lies among `input` places. A whole number is one, so that nothing is off by rounding. */
function sourceOf(i: number, input: number, output: number, placement: Placement): number {
  if (placement === "corners") return output === 1 ? 0 : i * (input - 1) / (output - 1);
  return placement === "centers" ? ((2 * i + 1) * input - output) / (2 * output) : i * input / output;
}

const inside = (place: number, size: number) => Math.min(Math.max(place, 0), size - 1);

/** The cubic convolution of Keys with the slope that PyTorch, OpenCV and ONNX take. */
const SLOPE = -0.75;
function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((SLOPE + 2) * d - (SLOPE + 3)) * d * d + 1;
  return d < 2 ? ((d - 5) * d + 8) * d * SLOPE - 4 * SLOPE : 0;
}

const methods: Record<
  "nearest" | "bilinear" | "bicubic",
  (at: number, size: number, placement: Placement) => Taps
> = {
  nearest: (at, size, placement) => [[inside(Math.floor(placement === "points" ? at : at + 0.5), size), 1]],
  bilinear: (at, size) => {
    const from = inside(at, size);
    const first = Math.floor(from);
    return [[first, 1 - (from - first)], [inside(first + 1, size), from - first]];
  },
  bicubic: (at, size) => {
    const first = Math.floor(at);
    return [-1, 0, 1, 2].map((t) => [inside(first + t, size), cubic(at - first - t)] as const);
  },
};

/**
 * Images `[batch, height, width, channels]` at another size. When images become smaller, pixels between those that are taken do
 * not count: see `averagePool2d` for that.
 *
 * `"bilinear"` and `"bicubic"` are PyTorch's `interpolate` with `align_corners` as here; its `"nearest-exact"`, and all of
 * TensorFlow's `"nearest"`, is `"nearest"`, while its `"nearest"` is that with `halfPixelCenters: false`.
 *
 * @param x float32.
 * @param size `[height, width]` of the result.
 *
 * @throws {TypeError} when `x` is not float32 with four axes, or there is no such method.
 * @throws {RangeError} when a size is not a whole number from 1, there are no pixels, or both placements are asked for.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const image = tensor([[[[0], [4]]]]);
 * assertEquals([...(await compute(ops.resize(image, [1, 4]))).data], [0, 1, 3, 4]);
 * ```
 */
export function resize(
  x: Tensor,
  size: readonly [number, number],
  options: ResizeImagesOptions = {},
): Tensor {
  const { method, alignCorners, halfPixelCenters } = readOptions("apply resize", options, {
    method: optional(oneOf(["nearest", "bilinear", "bicubic"]), "bilinear"),
    alignCorners: optional(flag, false),
    halfPixelCenters: optional(flag),
  });
  const sizes = readValue("apply resize", "size", size, sizesFrom(1, 2));
  if (x.dtype !== "float32" || x.rank !== 4) {
    throw new TypeError(
      `Cannot apply resize to ${x.dtype} ${
        formatShape(x.shape)
      }: it takes float32 [batch, height, width, channels] (see cast)`,
    );
  }
  if (x.shape[1] === 0 || x.shape[2] === 0) {
    throw new RangeError(`Cannot apply resize to ${formatShape(x.shape)}: there are no pixels to take from`);
  }
  if (alignCorners && halfPixelCenters) {
    throw new RangeError(
      `Cannot apply resize with both alignCorners and halfPixelCenters: pixels lie in one way or the other`,
    );
  }
  const placement = alignCorners ? "corners" : halfPixelCenters ?? true ? "centers" : "points";
  return sizes.reduce((y, output, a) => {
    const [axis, input] = [a + 1, x.shape[a + 1]];
    if (input === output) return y;
    const taps = Array.from(
      { length: output },
      (_, i) => methods[method](sourceOf(i, input, output, placement), input, placement),
    );
    return resample(y, axis, new TapTable(taps, input));
  }, x);
}
