/** Reads WAV files. */
import { allocate, ndarray } from "../../engine/array.ts";
import type { Sound } from "../sound/sound.ts";
import { readWavHeader, type WavHeader } from "./wav_header.ts";

/**
 * Reads a WAV file: whole numbers of 8 to 32 bits, which become -1 to 1, or floats of 32 or 64 bits, which stay as they are; any
 * number of channels, any rate.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @returns The sound; it has a length of 0 where the file has no samples.
 * @throws {FormatError} naming the file, when it is none, short, or its samples are compressed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats, ndarray } from "@gesso/gesso";
 *
 * const file = formats.encodeWav({ samples: ndarray("float32", [3, 1], [0, 0.5, -1]), rate: 8000 });
 * const { samples, rate } = formats.decodeWav(file, "click.wav");
 * assertEquals([samples.shape, [...samples.data], rate], [[3, 1], [0, 0.5, -1], 8000]);
 * ```
 */
export function decodeWav(bytes: Uint8Array, file = "bytes"): Sound {
  const header = readWavHeader(bytes, file);
  const { channels, length, rate } = header;
  const count = length * channels;
  const data = allocate("float32", count);
  const view = new DataView(bytes.buffer, bytes.byteOffset + header.start, count * header.width);
  const read = readerOf(header, view);
  for (let i = 0; i < count; i++) data[i] = read(i * header.width);
  return { samples: ndarray("float32", [length, channels], data), rate };
}

/** What gives the sample at a byte. */
function readerOf({ isFloat, width }: WavHeader, view: DataView): (at: number) => number {
  if (isFloat) {
    return width === 4 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  }
  switch (width) {
    case 1: // bytes alone have no sign
      return (at) => (view.getUint8(at) - 128) / 2 ** 7;
    case 2:
      return (at) => view.getInt16(at, true) / 2 ** 15;
    case 3:
      return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
    default:
      return (at) => view.getInt32(at, true) / 2 ** 31;
  }
}
