/** y[n] = sum_k x[k] h(n * rate / newRate - k), where h is a sinc within a Kaiser window, and mixing of channels */
import { allocate, ndarray } from "../../engine/array.ts";
import { HIGHEST_RATE, MOST_SAMPLES, type Sound } from "./sound.ts";

/** Where the sinc is cut off, in zeros from its middle. */
const ZEROS = 64;
/** Values of the kernel from one zero to the next; those between lie on straight lines, which are off by a millionth. */
const STEPS = 1024;
/** The middle of the slope from what is kept to what is gone, as a part of the highest frequency that the lower rate has. */
const CUTOFF = 0.95;
/** How steep the window is: what is beyond the slope is 90 dB lower. */
const BETA = 9;
/** Filters between two samples that are kept; other ratios make theirs anew for each sample. */
const MOST_FILTERS = 2048;

/**
 * A sound at another rate. Frequencies below nine tenths of half the lower rate are kept, what the new rate can't hold is taken
 * away, so nothing is mirrored into what is heard. Any two rates go.
 *
 * @param rate Samples a second of the result, from 1 to 10 million.
 * @returns As long in seconds; silence is taken to be before and behind. The sound itself where it has that rate.
 * @throws {RangeError} when there is no such rate, or the result would have more than 268 million samples.
 *
 * @example
 * ```ts
 * import { formats, ndarray } from "@gesso/gesso";
 *
 * const second = { samples: ndarray("float32", [44100, 2], new Float32Array(88200)), rate: 44100 };
 * console.log(formats.resampleSound(second, 16000).samples.shape); // [16000, 2]
 * ```
 */
export function resampleSound(sound: Sound, rate: number): Sound {
  const { samples: { shape: [length, channels], data }, rate: from } = sound;
  const attempt = `Cannot resample ${length} samples at ${from} Hz to ${rate} Hz`;
  for (const given of [rate, from]) {
    if (Number.isInteger(given) && given >= 1 && given <= HIGHEST_RATE) continue;
    throw new RangeError(`${attempt}: rates are whole numbers from 1 to ${HIGHEST_RATE}`);
  }
  if (rate === from) return sound;
  const newLength = Math.ceil(length * rate / from);
  if (newLength * channels > MOST_SAMPLES) {
    throw new RangeError(`${attempt}: ${newLength * channels} samples are more than ${MOST_SAMPLES}`);
  }
  const divisor = greatestCommonDivisor(rate, from);
  const [up, down] = [rate / divisor, from / divisor];
  const filterAt = filters(up, down);
  const out = allocate("float32", newLength * channels);
  const half = filterAt(0).length / 2;
  // With silence around it, a channel has a sample for each weight.
  const line = new Float32Array(length + 2 * half);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < length; i++) line[half + i] = data[i * channels + channel];
    for (let n = 0; n < newLength; n++) {
      const place = n * down;
      const middle = Math.floor(place / up);
      out[n * channels + channel] = dot(filterAt(place - middle * up), line, middle + 1);
    }
  }
  return { samples: ndarray("float32", [newLength, channels], out), rate };
}

/** The sum of products of weights, as many as four divides, with the samples from a place on; four sums at a time wait less. */
function dot(weights: Float64Array, line: Float32Array, start: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let k = 0, at = start; k < weights.length; k += 4, at += 4) {
    a += weights[k] * line[at];
    b += weights[k + 1] * line[at + 1];
    c += weights[k + 2] * line[at + 2];
    d += weights[k + 3] * line[at + 3];
  }
  return a + b + (c + d);
}

/** What gives the weights of the samples around a place that lies so many parts of `up` behind a sample. */
function filters(up: number, down: number): (part: number) => Float64Array {
  // A lower rate holds less: its kernel is as much wider.
  const width = Math.max(1, down / up) / CUTOFF;
  const half = 2 * Math.ceil(ZEROS * width / 2);
  const make = (part: number) => {
    const filter = new Float64Array(2 * half);
    let sum = 0;
    for (let k = 0; k < filter.length; k++) {
      const distance = Math.abs(k - (half - 1) - part / up) / width;
      sum += filter[k] = kernelAt(distance);
    }
    for (let k = 0; k < filter.length; k++) filter[k] /= sum; // what does not change stays as it is
    return filter;
  };
  if (up > MOST_FILTERS) return make;
  const kept = new Map<number, Float64Array>();
  return (part) => {
    const known = kept.get(part) ?? make(part);
    kept.set(part, known);
    return known;
  };
}

let table: Float64Array | undefined;

/** The kernel, so many zeros from its middle. */
function kernelAt(distance: number): number {
  table ??= Float64Array.from({ length: ZEROS * STEPS + 2 }, (_, i) => {
    const x = i / STEPS;
    if (x >= ZEROS) return 0;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * besselI0(BETA * Math.sqrt(1 - (x / ZEROS) ** 2)) / besselI0(BETA);
  });
  if (distance >= ZEROS) return 0;
  const at = distance * STEPS;
  const before = Math.floor(at);
  return table[before] + (at - before) * (table[before + 1] - table[before]);
}

/** The modified Bessel function of order 0, by its series. */
function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-17; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

const greatestCommonDivisor = (a: number, b: number): number => b === 0 ? a : greatestCommonDivisor(b, a % b);

/**
 * The mean of a sound's channels, as one.
 *
 * @returns The sound itself where it has one channel.
 *
 * @example
 * ```ts
 * import { formats, ndarray } from "@gesso/gesso";
 *
 * const { samples } = formats.mixToMono({ samples: ndarray("float32", [2, 2], [1, 0, 0.5, 0.5]), rate: 8000 });
 * console.log(samples.shape, [...samples.data]); // [2, 1] [0.5, 0.5]
 * ```
 */
export function mixToMono(sound: Sound): Sound {
  const { samples: { shape: [length, channels], data }, rate } = sound;
  if (channels === 1) return sound;
  const out = allocate("float32", length);
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += data[i * channels + channel];
    out[i] = sum / channels;
  }
  return { samples: ndarray("float32", [length, 1], out), rate };
}
