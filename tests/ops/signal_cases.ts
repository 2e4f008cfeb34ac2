/** Sound: frames, Fourier transforms of frames and back, magnitudes, mel bands; all by their formulas. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt } from "../oracle/doubles.ts";
import { exactly, floats } from "./inputs.ts";

/** Tables of cosines are in single precision. */
const oracleTolerance = 2e-6;
const tolerance = 1e-5;

type Options = { size: number; hop: number; windowSize?: number; center?: boolean };

/** A periodic Hann window in the middle of a frame. */
function windowOf({ size, windowSize = size }: Options): number[] {
  const before = Math.floor((size - windowSize) / 2);
  return Array.from({ length: size }, (_, t) => {
    const i = t - before;
    return i >= 0 && i < windowSize ? Math.sin(Math.PI * i / windowSize) ** 2 : 0;
  });
}

const startOf = ({ size, hop, center = true }: Options, frame: number) =>
  frame * hop - (center ? Math.floor(size / 2) : 0);

function framesOf(length: number, { size, hop, center = true }: Options): number {
  return Math.floor((Math.max(size, length + (center ? 2 * Math.floor(size / 2) : 0)) - size) / hop) + 1;
}

/** `[2, batch, frames, bins]`: real, then imaginary parts. */
function transformed(x: Doubles, options: Options): Doubles {
  const [batch, length] = x.shape;
  const { size } = options;
  const window = windowOf(options);
  const shape = [2, batch, framesOf(length, options), Math.floor(size / 2) + 1];
  return doubles(shape, ([part, n, f, k]) => {
    let sum = 0;
    for (let t = 0; t < size; t++) {
      const at = startOf(options, f) + t;
      if (at < 0 || at >= length) continue;
      const angle = -2 * Math.PI * ((k * t) % size) / size;
      sum += window[t] * elementAt(x, [n, at]) * (part === 0 ? Math.cos(angle) : Math.sin(angle));
    }
    return sum;
  });
}

/** Frames by the inverse transform, times the window, added up, over the sum of squared windows. */
function soundOf(real: Doubles, imaginary: Doubles, length: number, options: Options): Doubles {
  const { size } = options;
  const [batch, frames, bins] = real.shape;
  const window = windowOf(options);
  return doubles([batch, length], ([n, s]) => {
    let [sum, seen] = [0, 0];
    for (let f = 0; f < frames; f++) {
      const t = s - startOf(options, f);
      if (t < 0 || t >= size) continue;
      let value = 0;
      for (let k = 0; k < bins; k++) {
        const angle = 2 * Math.PI * ((k * t) % size) / size;
        const both = elementAt(real, [n, f, k]) * Math.cos(angle) -
          elementAt(imaginary, [n, f, k]) * Math.sin(angle);
        value += (k === 0 || 2 * k === size ? 1 : 2) * both / size;
      }
      sum += window[t] * value;
      seen += window[t] ** 2;
    }
    return sum / seen;
  });
}

const sounds: [number[], Options][] = [
  [[2, 21], { size: 8, hop: 3 }],
  [[2, 20], { size: 9, hop: 4, center: false }],
  [[1, 9], { size: 12, hop: 3, windowSize: 7 }],
  [[3, 1], { size: 7, hop: 2 }],
  // Transforms in two products: of a square, and of two factors of which one is odd.
  [[2, 100], { size: 64, hop: 24 }],
  [[1, 130], { size: 90, hop: 30, center: false }],
  [[1, 75], { size: 75, hop: 30, center: false }],
];

const told = (options: object) => JSON.stringify(options).replaceAll('"', "");

/** Triangles that are evenly apart on the HTK scale, here with natural logarithms. */
function bank(rate: number, size: number, bands: number): number[][] {
  const most = 1127 * Math.log(1 + rate / 1400);
  const edges = Array.from(
    { length: bands + 2 },
    (_, i) => 700 * (Math.exp(most * i / (bands + 1) / 1127) - 1),
  );
  return Array.from({ length: bands }, (_, m) =>
    Array.from({ length: Math.floor(size / 2) + 1 }, (_, k) => {
      const f = k * rate / size;
      const [a, b, c] = edges.slice(m, m + 3);
      return f <= a || f >= c ? 0 : f < b ? (f - a) / (b - a) : (c - f) / (c - b);
    }));
}

const mel = { size: 16, hop: 8, rate: 8000, bands: 4 };

function bandsOf(x: Doubles): Doubles {
  const both = transformed(x, mel);
  const triangles = bank(mel.rate, mel.size, mel.bands);
  const [, batch, frames] = both.shape;
  return doubles(
    [batch, frames, mel.bands],
    ([n, f, m]) =>
      triangles[m].reduce(
        (sum, weight, k) =>
          sum + weight * (elementAt(both, [0, n, f, k]) ** 2 + elementAt(both, [1, n, f, k]) ** 2),
        0,
      ),
  );
}

/** All cases of sound. */
export const signalCases: OpCase[] = [
  ...([[4, 3], [2, 5], [11, 1], [1, 1]] as const).map(([size, hop]): OpCase => ({
    name: `frame() of ${size} every ${hop}`,
    inputs: [floats(2, 11)],
    build: (x) => g.frame(x, size, hop),
    oracle: (x) =>
      doubles([2, Math.floor((11 - size) / hop) + 1, size], ([n, f, t]) => elementAt(x, [n, f * hop + t])),
  })),
  ...([[4, 3], [2, 5], [5, 1], [3, 3]] as const).map(([size, hop]): OpCase => ({
    name: `overlapAdd() of ${size} every ${hop}`,
    inputs: [floats(2, 3, size)],
    build: (y) => g.overlapAdd(y, hop),
    oracle: (y) =>
      doubles([2, 2 * hop + size], ([n, s]) =>
        [0, 1, 2].reduce((sum, f) => {
          const t = s - f * hop;
          return t >= 0 && t < size ? sum + elementAt(y, [n, f, t]) : sum;
        }, 0)),
  })),
  ...sounds.map(([shape, options]): OpCase => ({
    name: `stft() of [${shape.join(", ")}] with ${told(options)}`,
    inputs: [floats(...shape)],
    build: (x) => {
      const { real, imaginary } = g.stft(x, options);
      return g.stack([real, imaginary]);
    },
    oracle: (x) => transformed(x, options),
    oracleTolerance,
    tolerance,
  })),
  ...sounds.filter(([, { center }]) => center !== false).map(([[batch, length], options]): OpCase => ({
    name: `istft() to [${batch}, ${length}] with ${told(options)}`,
    inputs: [0, 1].map(() => floats(batch, framesOf(length, options), Math.floor(options.size / 2) + 1)),
    build: (real, imaginary) => g.istft({ real, imaginary }, length, options),
    oracle: (real, imaginary) => soundOf(real, imaginary, length, options),
    oracleTolerance: 1e-5,
    tolerance: 2e-5,
  })),
  {
    name: "magnitude()",
    inputs: [floats(3, 4), floats(3, 4)],
    build: (real, imaginary) => g.magnitude({ real, imaginary }),
    oracle: (a, b) => a.data.map((value, i) => Math.hypot(value, b.data[i])),
  },
  {
    name: "magnitude() of zero",
    inputs: [exactly([0, 1]), exactly([0, 0])],
    build: (real, imaginary) => g.magnitude({ real, imaginary }),
    oracle: () => [0, 1],
    smooth: false,
  },
  {
    name: "melSpectrogram()",
    inputs: [floats(2, 30)],
    build: (x) => g.melSpectrogram(x, mel),
    oracle: bandsOf,
    oracleTolerance,
    tolerance,
  },
  {
    name: "mfcc()",
    inputs: [floats(2, 30)],
    build: (x) => g.mfcc(x, { ...mel, coefficients: 3 }),
    oracle: (x) => {
      const bands = bandsOf(x);
      const [batch, frames] = bands.shape;
      return doubles([batch, frames, 3], ([n, f, i]) => {
        let sum = 0;
        for (let m = 0; m < mel.bands; m++) {
          sum += Math.log(elementAt(bands, [n, f, m]) + 1e-10) *
            Math.cos(Math.PI * i * (m + 0.5) / mel.bands);
        }
        return sum * Math.sqrt((i === 0 ? 1 : 2) / mel.bands);
      });
    },
    oracleTolerance: 1e-5,
    tolerance: 5e-5,
  },
];
