/** Reads FLAC and MP3 files, piece by piece, so that a small file can't become a large sound unseen. */
import { allocate, ndarray } from "../../engine/array.ts";
import { FormatError } from "../format_error.ts";
import { readFlacHeader } from "./flac_header.ts";
import { MOST_SAMPLES, type Sound } from "./sound.ts";
import { openDecoder, type SoundDecoder } from "./sound_libraries.ts";

/** Bytes that are decoded at a time: even of silence they make no more than some 200 MB. */
const PIECE = 4096;

/** The sound in a file. */
export async function readCompressed(
  bytes: Uint8Array,
  file: string,
  format: "FLAC" | "MP3",
): Promise<Sound> {
  const promised = format === "FLAC" ? readFlacHeader(bytes, file) : undefined;
  const decoder = await openDecoder(format, file);
  try {
    const { pieces, channels, rate } = await decodePieces(decoder, bytes, (reason) => {
      throw new FormatError(format, file, reason);
    });
    const length = pieces.reduce((sum, [first]) => sum + first.length, 0);
    if (length === 0) throw new FormatError(format, file, "no sound can be read from it");
    if (promised && promised.length > 0 && promised.length !== length) {
      throw new FormatError(
        format,
        file,
        `it promises ${promised.length} samples, and ${length} can be read`,
      );
    }
    const scaled = promised ? wholeOf(promised.bits) : (sample: number) => sample;
    const data = allocate("float32", length * channels);
    let start = 0;
    for (const piece of pieces) {
      piece.forEach((samples, channel) =>
        samples.forEach((sample, i) => data[(start + i) * channels + channel] = scaled(sample))
      );
      start += piece[0].length;
    }
    return { samples: ndarray("float32", [length, channels], data), rate };
  } finally {
    decoder.free();
  }
}

/** The library divides by the largest whole number, 32767 say; as in WAV files, it is 32768. */
function wholeOf(bits: number): (sample: number) => number {
  const [most, all] = [2 ** (bits - 1) - 1, 2 ** (bits - 1)];
  return (sample) => Math.round(sample * most) / all;
}

async function decodePieces(
  decoder: SoundDecoder,
  bytes: Uint8Array,
  fail: (reason: string) => never,
): Promise<{ pieces: (readonly Float32Array[])[]; channels: number; rate: number }> {
  const pieces: (readonly Float32Array[])[] = [];
  let [channels, rate, count] = [0, 0, 0];
  for (let at = 0; at <= bytes.length; at += PIECE) {
    const isLast = at + PIECE > bytes.length;
    const given = at < bytes.length ? [await decoder.decode(bytes.subarray(at, at + PIECE))] : [];
    if (isLast && decoder.flush) given.push(await decoder.flush());
    for (const { channelData, samplesDecoded, sampleRate, errors } of given) {
      if (errors.length > 0) fail(`it is damaged: ${errors[0].message}`);
      if (samplesDecoded === 0) continue;
      const isOther = channels > 0 && (channelData.length !== channels || sampleRate !== rate);
      if (isOther) fail("its channels or its rate change on the way");
      [channels, rate] = [channelData.length, sampleRate];
      count += samplesDecoded * channels;
      if (count > MOST_SAMPLES) fail(`it has more than ${MOST_SAMPLES} samples, which are not read`);
      pieces.push(channelData.map((samples) => samples.slice(0, samplesDecoded)));
    }
  }
  return { pieces, channels, rate };
}
