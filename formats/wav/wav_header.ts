/** What a WAV file says of itself. Source: https://learn.microsoft.com/en-us/windows/win32/api/mmreg/ns-mmreg-waveformatextensible */
import { FormatError } from "../format_error.ts";
import { HIGHEST_RATE, MOST_SAMPLES } from "../sound/sound.ts";

/** How samples lie in a file. */
export interface WavHeader {
  /** Whether samples are floats; else they are whole numbers. */
  readonly isFloat: boolean;
  /** Samples of one point in time. */
  readonly channels: number;
  /** Samples a second. */
  readonly rate: number;
  /** Bytes of one sample. */
  readonly width: number;
  /** Where the samples begin, in bytes. */
  readonly start: number;
  /** Points in time. */
  readonly length: number;
}

/** Bytes of samples of files whose writer could not say how long they get, as it wrote into a pipe. */
const UNKNOWN = 0xffffffff;
/** How a format that needs more words is numbered; its own number begins the identifier behind these. */
const EXTENSIBLE = 0xfffe;
/** The rest of the identifiers that hold a plain number. */
const IDENTIFIER = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

const kinds: Readonly<Record<number, string>> = {
  2: "ADPCM",
  6: "A-law",
  7: "mu-law",
  17: "ADPCM",
  85: "MP3",
};

/** Whether bytes begin like a WAV file. */
export const isWav = (bytes: Uint8Array): boolean =>
  textAt(bytes, 0) === "RIFF" && textAt(bytes, 8) === "WAVE";

const textAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

/**
 * Goes through the parts of a file up to its samples, whose number is judged by what the file holds.
 *
 * @throws {FormatError} when it is none, its samples are of a kind that is not read, or they end after the file does.
 */
export function readWavHeader(bytes: Uint8Array, file: string): WavHeader {
  const fail = (reason: string): never => {
    throw new FormatError("WAV", file, reason);
  };
  if (!isWav(bytes)) return fail("it does not start like one");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let format: Omit<WavHeader, "start" | "length"> | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const [kind, said, start] = [textAt(bytes, at), view.getUint32(at + 4, true), at + 8];
    const isOpen = kind === "data" && said === UNKNOWN;
    const size = isOpen ? bytes.length - start : said;
    if (start + size > bytes.length) {
      fail(`its part ${JSON.stringify(kind)} has ${size} bytes, of which ${bytes.length - start} are there`);
    }
    if (kind === "fmt ") {
      if (format) fail("it says twice how samples lie");
      format = readFormat(new DataView(bytes.buffer, bytes.byteOffset + start, size), fail);
    }
    if (kind === "data") {
      if (!format) return fail("its samples come before it is said how they lie");
      const frame = format.width * format.channels;
      if (size % frame !== 0 && !isOpen) {
        fail(`its samples take ${size} bytes, and one of each channel takes ${frame}`);
      }
      const length = Math.floor(size / frame);
      const count = length * format.channels;
      if (count > MOST_SAMPLES) fail(`it has ${count} samples, and at most ${MOST_SAMPLES} are read`);
      return { ...format, start, length };
    }
    at = start + size + size % 2; // parts begin at even places
  }
  return fail(format ? "there are no samples in it" : "it does not say how samples lie");
}

function readFormat(view: DataView, fail: (reason: string) => never): Omit<WavHeader, "start" | "length"> {
  if (view.byteLength < 16) {
    return fail(`its part "fmt " has ${view.byteLength} bytes, at least 16 are needed`);
  }
  const [channels, rate] = [view.getUint16(2, true), view.getUint32(4, true)];
  const [frame, bits] = [view.getUint16(12, true), view.getUint16(14, true)];
  const said = view.getUint16(0, true);
  const number = said === EXTENSIBLE ? extendedFormat(view) : said;
  const what = number === undefined ? "an unknown kind" : kinds[number] ?? `kind ${number}`;
  if (number !== 1 && number !== 3) {
    return fail(`its samples are ${what}; whole numbers and floats are read`);
  }
  if (channels === 0) fail("it has no channels");
  if (rate === 0 || rate > HIGHEST_RATE) {
    fail(`it has ${rate} samples a second; 1 to ${HIGHEST_RATE} are read`);
  }
  const width = Math.ceil(bits / 8);
  const isFloat = number === 3;
  const isKnown = isFloat ? bits === 32 || bits === 64 : width >= 1 && width <= 4;
  if (!isKnown) fail(`its ${isFloat ? "floats" : "whole numbers"} have ${bits} bits`);
  if (frame !== width * channels) {
    fail(`${channels} channels of ${bits} bits take ${width * channels} bytes, and it says ${frame}`);
  }
  return { isFloat, channels, rate, width };
}

/** The number within an identifier; `undefined` for one without. */
function extendedFormat(view: DataView): number | undefined {
  if (view.byteLength < 40) return undefined;
  return IDENTIFIER.every((byte, i) => view.getUint8(26 + i) === byte) ? view.getUint16(24, true) : undefined;
}
