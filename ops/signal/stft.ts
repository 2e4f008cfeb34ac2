/** X[f, k] = sum_t w[t] x[f hop + t] e^(-2 pi i k t / n), and its inverse */
import { flag, oneOf, whole } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { grad } from "../control/grad.ts";
import { tensor, zeros } from "../creation/full.ts";
import { add } from "../elementwise/add.ts";
import { mul } from "../elementwise/mul.ts";
import { pad } from "../movement/pad.ts";
import { sum } from "../reduction/reduce.ts";
import { countFrames, frame } from "./frame.ts";
import { type Complex, factorsOf, LONGEST_FACTOR, realFourier } from "./real_fourier.ts";

/** Windows that frames are multiplied by. */
export type WindowName = "hann" | "hamming" | "blackman" | "rectangular";

const windows: Readonly<Record<WindowName, (part: number) => number>> = {
  hann: (part) => 0.5 - 0.5 * Math.cos(2 * Math.PI * part),
  hamming: (part) => 0.54 - 0.46 * Math.cos(2 * Math.PI * part),
  blackman: (part) => 0.42 - 0.5 * Math.cos(2 * Math.PI * part) + 0.08 * Math.cos(4 * Math.PI * part),
  rectangular: () => 1,
};

/** Options of {@linkcode stft} and {@linkcode istft}. */
export interface StftOptions {
  /**
   * Samples of a frame: any whole number from 2. Such as 400 or 512 are cheap, as they have two factors of one size.
   *
   * @default {512}
   */
  readonly size?: number;
  /** Samples from one frame to the next; a quarter of `size` when left out. */
  readonly hop?: number;
  /**
   * What frames are multiplied by; periodic, so that frames that overlap add up evenly.
   *
   * @default {"hann"}
   */
  readonly window?: WindowName;
  /** Samples that the window has, in the middle of a frame; others are multiplied by 0. `size` when left out. */
  readonly windowSize?: number;
  /**
   * Whether the middle of the first frame is the first sample, and zeros are before and behind the sound. Else the first frame
   * begins with the first sample, and a last one that is not whole is left out.
   *
   * @default {true}
   */
  readonly center?: boolean;
}

/** Options as they are used. */
interface Frames {
  readonly size: number;
  readonly hop: number;
  readonly window: Float32Array;
  readonly center: boolean;
}

function readFrames(attempt: string, options: StftOptions): Frames {
  const { size, hop, window, windowSize, center } = pickOptions(attempt, options, {
    size: optional(whole(2), 512),
    hop: optional(whole(1)),
    window: optional(oneOf(["hann", "hamming", "blackman", "rectangular"]), "hann"),
    windowSize: optional(whole(1)),
    center: optional(flag, true),
  });
  const [factor] = factorsOf(size);
  if (factor > LONGEST_FACTOR) {
    throw new RangeError(
      `Cannot ${attempt} with size ${size}: of its two factors, the larger one is ${factor}, and ${LONGEST_FACTOR} is the most; ` +
        "powers of two have the smallest ones",
    );
  }
  const own = windowSize ?? size;
  if (own > size) {
    throw new RangeError(`Cannot ${attempt} with windowSize ${own}: it is larger than size ${size}`);
  }
  const before = Math.floor((size - own) / 2);
  const values = new Float32Array(size);
  for (let i = 0; i < own; i++) values[before + i] = windows[window](i / own);
  return { size, hop: hop ?? Math.max(1, Math.floor(size / 4)), window: values, center };
}

/** The shape of a sound, once it is sure that it has a frame. */
function lengthOf(attempt: string, x: Tensor, { size, center }: Frames): number {
  if (x.dtype !== "float32") throw new TypeError(`Cannot ${attempt}: float32 is needed`);
  const length = x.shape.at(-1) ?? 0;
  if (length < 1 || !center && length < size) {
    throw new RangeError(
      `Cannot ${attempt}: the last axis is the sound, of ${
        center ? "one sample" : `a frame of ${size}`
      } at least`,
    );
  }
  return length;
}

function transformed(x: Tensor, { size, hop, window, center }: Frames): Complex {
  const half = Math.floor(size / 2);
  const around = center ? pad(x, x.shape.map((_, axis) => axis === x.rank - 1 ? [half, half] : [0, 0])) : x;
  // Half a frame on both sides is not a whole one if its size is odd and the sound is one sample.
  const missing = size - around.shape.at(-1)!;
  const long = missing > 0
    ? pad(around, around.shape.map((_, i) => i === x.rank - 1 ? [0, missing] : [0, 0]))
    : around;
  return realFourier(mul(frame(long, size, hop), tensor(window)));
}

/**
 * The short-time Fourier transform: which frequencies a sound has, frame by frame, `[..., length]` to two tensors
 * `[..., frames, size / 2 + 1]`, the real and the imaginary parts. Bin k is k * rate / size Hz.
 *
 * @throws {TypeError} when `x` is not float32, or an option is not what it has to be.
 * @throws {RangeError} when there is no sample, or no whole frame where `center` is false.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * // 1000 Hz at 8000 samples a second: bin 32 of frames of 256.
 * const wave = ops.sin(ops.mul(ops.cast(ops.iota(4000), "float32"), 2 * Math.PI / 8));
 * const { real, imaginary } = ops.stft(wave, { size: 256, hop: 128 });
 * const loudest = ops.argMax(ops.magnitude({ real, imaginary }), 1);
 * assertEquals((await compute(loudest)).data[10], 32);
 * ```
 */
export function stft(x: Tensor, options: StftOptions = {}): Complex {
  const attempt = `apply stft to ${x.dtype} ${formatShape(x.shape)}`;
  const frames = readFrames(attempt, options);
  lengthOf(attempt, x, frames);
  return transformed(x, frames);
}

/**
 * The sound whose short-time Fourier transform this is, `[..., length]`. What {@linkcode stft} gave becomes what it came from; of
 * other numbers, the sound whose transform is closest.
 *
 * @param length How long the sound was.
 * @param options Those that `stft` had.
 * @throws {TypeError} when the parts are not float32, or an option is not what it has to be.
 * @throws {RangeError} when the parts are of other shapes than `stft` gives of such a sound, or there are samples that no window
 * sees: then they cannot be known.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const spectrum = ops.stft(tensor([1, 2, 3, 4, 5]), { size: 4 });
 * const { data } = await compute(ops.istft(spectrum, 5, { size: 4 }));
 * assertAlmostEquals(data[4], 5, 1e-5);
 * ```
 */
export function istft({ real, imaginary }: Complex, length: number, options: StftOptions = {}): Tensor {
  const attempt = `apply istft to ${real.dtype} ${formatShape(real.shape)} and ${imaginary.dtype} ${
    formatShape(imaginary.shape)
  }`;
  const frames = readFrames(attempt, options);
  const { size, hop } = frames;
  const x = zeros([...real.shape.slice(0, -2), length]);
  lengthOf(attempt, x, frames);
  const forward = transformed(x, frames);
  for (const part of [real, imaginary]) {
    if (part.dtype !== "float32") throw new TypeError(`Cannot ${attempt}: float32 is needed`);
    if (formatShape(part.shape) === formatShape(forward.real.shape)) continue;
    throw new RangeError(
      `Cannot ${attempt}: of ${length} samples, frames of ${size} with a hop of ${hop} give ${
        formatShape(forward.real.shape)
      }`,
    );
  }
  // All bins but the first, and the last one if there is one in the middle, stand for two.
  const twice = Float32Array.from(
    { length: Math.floor(size / 2) + 1 },
    (_, k) => (k === 0 || 2 * k === size ? 1 : 2) / size,
  );
  const weights = tensor(twice);
  // The transform is linear, so its gradient is its transpose: that of the transform of a frame is the inverse, but for these
  // weights; that of taking frames adds them where they overlap.
  const [back] = grad(
    add(sum(mul(forward.real, mul(real, weights))), sum(mul(forward.imaginary, mul(imaginary, weights)))),
    [x],
  );
  return mul(back, tensor(reciprocals(attempt, length, frames)));
}

/** What each sample is divided by, since windows overlap: the sum of their squares there. */
function reciprocals(attempt: string, length: number, { size, hop, window, center }: Frames): Float32Array {
  const before = center ? Math.floor(size / 2) : 0;
  const total = Math.max(length + 2 * before, size);
  const seen = new Float64Array(total);
  for (let f = 0; f < countFrames(total, size, hop); f++) {
    for (let t = 0; t < size; t++) seen[f * hop + t] += window[t] ** 2;
  }
  const own = seen.subarray(before, before + length);
  const unseen = own.findIndex((value) => value < 1e-10);
  if (unseen >= 0) {
    throw new RangeError(
      `Cannot ${attempt} for ${length} samples: no window sees sample ${unseen}; windows of ${size} need a shorter hop than ` +
        `${hop}, or center`,
    );
  }
  return Float32Array.from(own, (value) => 1 / value);
}
