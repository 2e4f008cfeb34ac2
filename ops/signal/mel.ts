/** How loud bands are whose pitches are evenly apart: products with triangles, their logarithms, and the cosines of these */
import { allocate } from "../../engine/array.ts";
import { above, flag, from, oneOf, whole } from "../../engine/option_kinds.ts";
import { optional, pickOptions, required } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { matmul } from "../contraction/matmul.ts";
import { tensor } from "../creation/full.ts";
import { add } from "../elementwise/add.ts";
import { log } from "../elementwise/log.ts";
import { square } from "../elementwise/square.ts";
import { stft, type StftOptions } from "./stft.ts";

/** Options of {@linkcode melFilterBank}. */
export interface MelOptions {
  /** Samples a second, in Hz. */
  readonly rate: number;
  /**
   * Samples of a frame of the transform.
   *
   * @default {512}
   */
  readonly size?: number;
  /**
   * How many bands there are.
   *
   * @default {40}
   */
  readonly bands?: number;
  /** Where the lowest band begins, in Hz; 0 when left out. */
  readonly low?: number;
  /** Where the highest band ends, in Hz; half the rate when left out. */
  readonly high?: number;
  /**
   * What is evenly apart: `"htk"`, 2595 log10(1 + f / 700); `"slaney"`, frequencies below 1000 Hz, and logarithms above.
   *
   * @default {"htk"}
   */
  readonly scale?: "htk" | "slaney";
  /** Whether all triangles have the same area, so that wide bands are no louder; else all are 1 high. As `scale` is slaney when left out. */
  readonly normalize?: boolean;
}

const scales = {
  htk: {
    toMel: (hertz: number) => 2595 * Math.log10(1 + hertz / 700),
    toHertz: (mel: number) => 700 * (10 ** (mel / 2595) - 1),
  },
  // 200/3 Hz a step up to 1000 Hz, then 27 steps from one frequency to 6.4 times that.
  slaney: {
    toMel: (hertz: number) =>
      hertz < 1000 ? hertz * 3 / 200 : 15 + 27 * Math.log(hertz / 1000) / Math.log(6.4),
    toHertz: (mel: number) => mel < 15 ? mel * 200 / 3 : 1000 * Math.exp((mel - 15) * Math.log(6.4) / 27),
  },
};

/** Weights of a filter bank, 256 MB of them; it takes a few thousand. */
const MOST_WEIGHTS = 1 << 26;

const melOptions = {
  rate: required(above(0)),
  size: optional(whole(2), 512),
  bands: optional(whole(1), 40),
  low: optional(from(0), 0),
  high: optional(above(0)),
  scale: optional(oneOf(["htk", "slaney"]), "htk"),
  normalize: optional(flag),
};

/**
 * Triangles over the bins of a Fourier transform, float32 `[size / 2 + 1, bands]`, each from the middle of the band below to that of
 * the band above: a spectrum times these is how loud each band is.
 *
 * @throws {TypeError} when an option is not what it has to be.
 * @throws {RangeError} when the bands would lie above half the rate, or one of them would have no bin: frames have to be longer then,
 * or bands fewer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ops } from "@gesso/gesso";
 *
 * assertEquals([...ops.melFilterBank({ rate: 16000, size: 512, bands: 40 }).shape], [257, 40]);
 * ```
 */
export function melFilterBank(options: MelOptions): Tensor {
  const attempt = "make a mel filter bank";
  const { rate, size, bands, low, high = rate / 2, scale, normalize = scale === "slaney" } = pickOptions(
    attempt,
    options,
    melOptions,
  );
  if (low >= high || high > rate / 2) {
    throw new RangeError(
      `Cannot ${attempt} from ${low} to ${high} Hz at ${rate} samples a second: these are from 0 to ${
        rate / 2
      }, the lower one first`,
    );
  }
  const { toMel, toHertz } = scales[scale];
  const [first, last] = [toMel(low), toMel(high)];
  const edgeAt = (i: number) => toHertz(first + (last - first) * i / (bands + 1));
  const bins = Math.floor(size / 2) + 1;
  if (bands > bins || bins * bands > MOST_WEIGHTS) {
    throw new RangeError(
      `Cannot ${attempt} of ${bands} bands for ${bins} bins: each band needs one at least, and all together ${MOST_WEIGHTS} ` +
        "weights are the most",
    );
  }
  const bank = allocate("float32", bins * bands);
  for (let band = 0; band < bands; band++) {
    const [begin, middle, end] = [edgeAt(band), edgeAt(band + 1), edgeAt(band + 2)];
    const height = normalize ? 2 / (end - begin) : 1;
    let isEmpty = true;
    for (let bin = 0; bin < bins; bin++) {
      const hertz = bin * rate / size;
      const value = Math.min((hertz - begin) / (middle - begin), (end - hertz) / (end - middle));
      if (value <= 0) continue;
      bank[bin * bands + band] = height * value;
      isEmpty = false;
    }
    if (isEmpty) {
      throw new RangeError(
        `Cannot ${attempt} of ${bands} bands for frames of ${size} samples at ${rate} a second: band ${band}, from ${
          begin.toFixed(1)
        } to ${end.toFixed(1)} Hz, has no bin; longer frames or fewer bands are needed`,
      );
    }
  }
  return tensor(bank, [bins, bands]);
}

/** Options of {@linkcode melSpectrogram}. */
export interface MelSpectrogramOptions extends MelOptions, Omit<StftOptions, "size"> {}

/**
 * How much power each band of a sound has, frame by frame: `[..., length]` to `[..., frames, bands]`.
 *
 * @param options Those of {@linkcode stft} and of {@linkcode melFilterBank}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ops } from "@gesso/gesso";
 *
 * const bands = ops.melSpectrogram(ops.zeros([2, 16000]), { rate: 16000, size: 400, hop: 160, bands: 40 });
 * assertEquals([...bands.shape], [2, 101, 40]);
 * ```
 */
export function melSpectrogram(x: Tensor, options: MelSpectrogramOptions): Tensor {
  const bank = melFilterBank(options);
  const { real, imaginary } = stft(x, options);
  return matmul(add(square(real), square(imaginary)), bank);
}

/** Options of {@linkcode mfcc}. */
export interface MfccOptions extends MelSpectrogramOptions {
  /**
   * How many coefficients are kept; at most as many as there are bands.
   *
   * @default {13}
   */
  readonly coefficients?: number;
}

/** What is added to power before its logarithm is taken, as silence has none. */
const FLOOR = 1e-10;

/**
 * Mel-frequency cepstral coefficients, `[..., length]` to `[..., frames, coefficients]`: the cosine transform (orthonormal, of the
 * second kind) of the logarithms of what {@linkcode melSpectrogram} gives.
 *
 * @throws {RangeError} when there are fewer bands than coefficients.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ops } from "@gesso/gesso";
 *
 * assertEquals([...ops.mfcc(ops.zeros([16000]), { rate: 16000, hop: 160 }).shape], [101, 13]);
 * ```
 */
export function mfcc(x: Tensor, options: MfccOptions): Tensor {
  const attempt = `apply mfcc to ${formatShape(x.shape)}`;
  const { coefficients } = pickOptions(attempt, options, { coefficients: optional(whole(1), 13) });
  const loudness = log(add(melSpectrogram(x, options), FLOOR));
  const bands = loudness.shape.at(-1)!;
  if (coefficients > bands) {
    throw new RangeError(`Cannot ${attempt} with ${coefficients} coefficients: there are ${bands} bands`);
  }
  const cosines = Float32Array.from({ length: bands * coefficients }, (_, at) => {
    const [band, i] = [Math.floor(at / coefficients), at % coefficients];
    return Math.sqrt((i === 0 ? 1 : 2) / bands) * Math.cos(Math.PI * i * (2 * band + 1) / (2 * bands));
  });
  return matmul(loudness, tensor(cosines, [bands, coefficients]));
}
