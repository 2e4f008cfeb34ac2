/** Writes WAV files. */
import type { Sound } from "../sound/sound.ts";

/** How {@linkcode encodeWav} writes. */
export interface EncodeWavOptions {
  /**
   * `"int16"`: what is beyond -1 to 1 is cut off there, and every program plays it. `"float32"`: nothing is changed.
   *
   * @default {"int16"}
   */
  readonly format?: "int16" | "float32";
}

const HEADER = 44;
const MOST_BYTES = 0xffffffff;

/**
 * The bytes of a WAV file with a sound. What was read from whole numbers of 16 bits is written as it was.
 *
 * @throws {RangeError} when the samples are not `[length, channels]` with at least one channel, a sample is not finite, the rate is
 * no whole number above 0, or the file would be larger than 4 GB.
 * @throws {TypeError} when samples are no `float32`, or there is no such format.
 *
 * @example
 * ```ts
 * import { formats, ndarray } from "@gesso/gesso";
 *
 * // A second of 440 Hz.
 * const wave = Float32Array.from({ length: 16000 }, (_, i) => 0.5 * Math.sin(2 * Math.PI * 440 * i / 16000));
 * const file = formats.encodeWav({ samples: ndarray("float32", [16000, 1], wave), rate: 16000 });
 * console.log(file.length); // 32044
 * ```
 */
export function encodeWav({ samples, rate }: Sound, options: EncodeWavOptions = {}): Uint8Array<ArrayBuffer> {
  const { format = "int16" } = options;
  const attempt = `Cannot write ${samples.dtype} [${samples.shape.join(", ")}] at ${rate} Hz as WAV`;
  if (format !== "int16" && format !== "float32") {
    throw new TypeError(`${attempt} of ${JSON.stringify(format)}: there are int16 and float32`);
  }
  if (samples.dtype !== "float32") throw new TypeError(`${attempt}: samples are float32`);
  const [length, channels] = samples.shape;
  if (samples.shape.length !== 2 || channels < 1 || channels > 65535) {
    throw new RangeError(`${attempt}: samples are [length, channels], of 1 to 65535 channels`);
  }
  const width = format === "int16" ? 2 : 4;
  const [frame, size] = [width * channels, width * channels * length];
  if (frame > 0xffff) throw new RangeError(`${attempt}: one sample of each channel takes ${frame} bytes`);
  if (!Number.isInteger(rate) || rate < 1 || rate * frame > MOST_BYTES) {
    throw new RangeError(`${attempt}: a rate is a whole number from 1 to ${Math.floor(MOST_BYTES / frame)}`);
  }
  if (HEADER + size > MOST_BYTES) {
    throw new RangeError(`${attempt}: it takes ${size} bytes, and 4 GB are the most`);
  }
  const wrong = samples.data.findIndex((sample) => !Number.isFinite(sample));
  if (wrong >= 0) throw new RangeError(`${attempt}: sample ${wrong} is ${samples.data[wrong]}`);

  const bytes = new Uint8Array(HEADER + size);
  const view = new DataView(bytes.buffer);
  const text = (at: number, four: string) => bytes.set(new TextEncoder().encode(four), at);
  text(0, "RIFF");
  view.setUint32(4, HEADER - 8 + size, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, format === "int16" ? 1 : 3, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * frame, true);
  view.setUint16(32, frame, true);
  view.setUint16(34, 8 * width, true);
  text(36, "data");
  view.setUint32(40, size, true);
  samples.data.forEach((sample, i) => {
    const at = HEADER + i * width;
    if (format === "float32") view.setFloat32(at, sample, true);
    else view.setInt16(at, Math.max(-32768, Math.min(32767, Math.round(sample * 32768))), true);
  });
  return bytes;
}
