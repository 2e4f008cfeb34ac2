/** Draws what frequencies a sound has, from left to right. */
import type { NdArray } from "../../engine/array.ts";
import { Canvas, type Color, textHeight, textWidth } from "./canvas.ts";
import { colorOfLoudness } from "./loudness_image.ts";
import { axisLabel, rangeOf, ticksWithin } from "./chart_axis.ts";

/** What {@linkcode spectrogramPicture} shows. */
export interface SpectrogramOptions {
  /** How much there is of each frequency, float32 `[frames, bins]`: magnitudes of {@linkcode stft}, or bands. */
  readonly magnitudes: NdArray;
  /** Samples a second of the sound, in Hz. */
  readonly rate: number;
  /** Samples from one frame to the next. */
  readonly hop: number;
  /** What is written above. */
  readonly title?: string;
  /**
   * How much quieter than the loudest place, in dB, what is black is.
   *
   * @default {80}
   */
  readonly range?: number;
  /**
   * What lies along the vertical axis: bins that are evenly apart in Hz up to half the rate, or bands, which are numbered.
   *
   * @default {"hertz"}
   */
  readonly axis?: "hertz" | "bands";
  /**
   * Pixels that the picture is wide at least; it is wider where there are more frames.
   *
   * @default {720}
   */
  readonly width?: number;
}

const paper: Color = [255, 255, 255];
const ink: Color = [60, 60, 60];
const margin = { left: 56, top: 30, right: 16, bottom: 34 };
/** Pixels from the lowest frequency to the highest, where there are no more bins. */
const plotHeight = 320;

/**
 * A picture of a sound: time from left to right in seconds, frequencies from bottom to top, brighter where there is more. Loudness is
 * in decibels below the loudest place, as ears have it.
 *
 * @returns uint8 `[height, width, 3]`, for {@linkcode encodePng}.
 * @throws {RangeError} when magnitudes are not `[frames, bins]`, or one is below 0 or no number, or the rate, the hop or the range is
 * not above 0.
 *
 * @example
 * ```ts
 * import { compute, formats, ops } from "@gesso/gesso";
 *
 * const click = ops.stft(ops.tensor(Float32Array.from({ length: 4000 }, (_, i) => i === 2000 ? 1 : 0)), { size: 256 });
 * const magnitudes = await compute(ops.magnitude(click));
 * const picture = formats.spectrogramPicture({ magnitudes, rate: 8000, hop: 64, title: "a click" });
 * const file = await formats.encodePng(picture);
 * console.log(file.length > 100); // true
 * ```
 */
export function spectrogramPicture(options: SpectrogramOptions): NdArray {
  const { magnitudes, rate, hop, title = "", range = 80, axis = "hertz", width = 720 } = options;
  checkSpectrogram(options, range);
  const [frames, bins] = magnitudes.shape;
  const across = Math.max(1, Math.floor((width - margin.left - margin.right) / frames));
  const up = Math.max(1, Math.round(plotHeight / bins));
  const plot = { width: frames * across, height: bins * up };
  const canvas = new Canvas(
    margin.top + plot.height + margin.bottom,
    Math.max(margin.left + plot.width + margin.right, margin.left + textWidth(title) + margin.right),
    paper,
  );
  canvas.drawText(title, { x: margin.left, y: (margin.top - textHeight()) / 2 }, ink);

  const [, loudest] = rangeOf(Array.from(magnitudes.data));
  magnitudes.data.forEach((value, i) => {
    const [frame, bin] = [Math.floor(i / bins), i % bins];
    const below = loudest > 0 ? -20 * Math.log10(value / loudest) : Infinity;
    const place = { x: margin.left + frame * across, y: margin.top + plot.height - (bin + 1) * up };
    canvas.fillRectangle(place, up, across, colorOfLoudness(1 - Math.min(1, below / range)));
  });

  const bottom = margin.top + plot.height;
  const seconds = frames * hop / rate;
  for (const time of ticksWithin(0, seconds, plot.width / 90, 0)) {
    const x = margin.left + Math.round(time / seconds * (plot.width - 1));
    const text = `${axisLabel(time)} s`;
    canvas.fillRectangle({ x, y: bottom }, 5, 1, ink);
    canvas.drawText(text, { x: Math.max(0, Math.round(x - textWidth(text) / 2)), y: bottom + 9 }, ink);
  }
  const highest = axis === "hertz" ? rate / 2 : bins;
  for (const value of ticksWithin(0, highest, plot.height / 45, 1)) {
    const y = bottom - 1 - Math.round(value / highest * (plot.height - 1));
    const text = axis === "hertz" ? hertz(value) : `${value}`;
    canvas.fillRectangle({ x: margin.left - 5, y }, 1, 5, ink);
    const top = Math.min(Math.round(y - textHeight() / 2), bottom - textHeight());
    canvas.drawText(text, { x: margin.left - 9 - textWidth(text), y: top }, ink);
  }
  return canvas.image;
}

const hertz = (value: number) => value >= 1000 ? `${axisLabel(value / 1000)} kHz` : `${axisLabel(value)} Hz`;

function checkSpectrogram({ magnitudes, rate, hop }: SpectrogramOptions, range: number): void {
  const fail = (reason: string) => {
    throw new RangeError(`Cannot draw a spectrogram of [${magnitudes.shape.join(", ")}]: ${reason}`);
  };
  if (magnitudes.shape.length !== 2 || magnitudes.data.length === 0) fail("[frames, bins] is needed");
  for (const [name, value] of Object.entries({ rate, hop, range })) {
    if (!(value > 0 && value < Infinity)) fail(`${name} is ${value}, and has to be above 0`);
  }
  const wrong = magnitudes.data.findIndex((value) => !(value >= 0 && value < Infinity));
  if (wrong >= 0) fail(`element ${wrong} is ${magnitudes.data[wrong]}`);
}
