/** Reads sounds from files of any kind. */
import { FormatError } from "../format_error.ts";
import { isWav } from "../wav/wav_header.ts";
import { decodeWav } from "../wav/wav_decoder.ts";
import { isFlac } from "./flac_header.ts";
import type { Sound } from "./sound.ts";

/**
 * Reads a WAV, FLAC or MP3 file, whichever its first bytes say it is. FLAC and MP3 need Deno; the first one loads a library from
 * npm, once for all programs, which needs no permission.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @returns The sound. That of an MP3 file has two channels in any case, which are equal where it has one.
 * @throws {FormatError} naming the file, when it is none, short or damaged, or has more than 268 million samples.
 * @throws {Error} when a library can't be had.
 *
 * @example
 * ```ts
 * import { formats, ndarray } from "@gesso/gesso";
 *
 * const click = formats.encodeWav({ samples: ndarray("float32", [2, 1], [1, 0]), rate: 8000 });
 * const { samples, rate } = await formats.decodeSound(click, "click.wav");
 * console.log(samples.shape, rate); // [2, 1] 8000
 * ```
 */
export async function decodeSound(bytes: Uint8Array, file = "bytes"): Promise<Sound> {
  const format = soundFormat(bytes);
  if (format === "WAV") return decodeWav(bytes, file);
  if (format === undefined) {
    const reason = bytes.length === 0 ? "it is empty" : "it starts like no WAV, FLAC or MP3 file";
    throw new FormatError("sound", file, reason);
  }
  const { readCompressed } = await import("./compressed_sound.ts"); // most programs read none
  return await readCompressed(bytes, file, format);
}

/** What the first bytes of a file say it is; `undefined` for what {@linkcode decodeSound} does not read. */
export function soundFormat(bytes: Uint8Array): "WAV" | "FLAC" | "MP3" | undefined {
  if (isWav(bytes)) return "WAV";
  if (isFlac(bytes)) return "FLAC";
  return isMp3(bytes) ? "MP3" : undefined;
}

/** Words about the sound come first, or a frame does: eleven bits, then version, layer, bit rate and rate that there are. */
function isMp3(bytes: Uint8Array): boolean {
  if (String.fromCharCode(...bytes.subarray(0, 3)) === "ID3") return true;
  const [sync, kind, rates] = bytes;
  return bytes.length >= 4 && sync === 0xff && kind >> 5 === 7 && (kind >> 3 & 3) !== 1 &&
    (kind >> 1 & 3) === 1 &&
    rates >> 4 !== 15 && (rates >> 2 & 3) !== 3;
}
