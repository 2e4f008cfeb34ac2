/** What a FLAC file says of itself before its samples. Source: https://www.rfc-editor.org/rfc/rfc9639 */
import { FormatError } from "../format_error.ts";
import { MOST_SAMPLES } from "./sound.ts";

/** Whether bytes begin like a FLAC file. */
export const isFlac = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(0, 4)) === "fLaC";

/**
 * Looks at what a file claims, before memory is taken for its samples.
 *
 * @returns How many samples a channel has, 0 where its writer did not know, and how many bits one has.
 * @throws {FormatError} when it is short, or claims more than is read.
 */
export function readFlacHeader(bytes: Uint8Array, file: string): { length: number; bits: number } {
  const fail = (reason: string): never => {
    throw new FormatError("FLAC", file, reason);
  };
  if (!isFlac(bytes)) fail("it does not start like one");
  if (bytes.length < 42 || (bytes[4] & 0x7f) !== 0) fail("it does not say what it holds");
  const view = new DataView(bytes.buffer, bytes.byteOffset + 8, 34);
  // 20 bits of rate, 3 of channels, 5 of bits a sample, 36 of length.
  const channels = 1 + (view.getUint8(12) >> 1 & 7);
  const bits = 1 + ((view.getUint8(12) & 1) << 4 | view.getUint8(13) >> 4);
  const length = (view.getUint8(13) & 15) * 2 ** 32 + view.getUint32(14);
  if (length * channels > MOST_SAMPLES) {
    fail(`it claims ${length} samples of ${channels} channels, and at most ${MOST_SAMPLES} are read`);
  }
  return { length, bits };
}
