/** WAV files of every kind, part by part. */
import { concat } from "../data/make_tar.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
const shorts = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);

/** A part of a file: its name, its size and its bytes, at even places. */
export const part = (kind: string, data: Uint8Array, size = data.length): Uint8Array =>
  concat([ascii(kind), words(size), data, new Uint8Array(data.length % 2)]);

/** A file of parts. */
export const riff = (...parts: Uint8Array[]): Uint8Array => {
  const inner = concat([ascii("WAVE"), ...parts]);
  return concat([ascii("RIFF"), words(inner.length), inner]);
};

/** How samples lie. */
export interface Format {
  readonly format?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly frame?: number;
}

/** The part that says how samples lie. */
export function formatPart({ format = 1, channels = 1, rate = 8000, bits = 16, frame }: Format): Uint8Array {
  const bytes = frame ?? channels * Math.ceil(bits / 8);
  return part("fmt ", concat([shorts(format, channels), words(rate, rate * bytes), shorts(bytes, bits)]));
}

/** The same in the longer form, with the number of the format within an identifier. */
export function extensiblePart({ format = 1, channels = 1, rate = 8000, bits = 16 }: Format): Uint8Array {
  const bytes = channels * Math.ceil(bits / 8);
  const rest = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
  return part(
    "fmt ",
    concat([
      shorts(0xfffe, channels),
      words(rate, rate * bytes),
      shorts(bytes, bits, 22, bits),
      words(0),
      shorts(format),
      Uint8Array.from(rest),
    ]),
  );
}

/** A file with these bytes as samples. */
export const makeWav = (format: Format, samples: Uint8Array): Uint8Array =>
  riff(formatPart(format), part("data", samples));
