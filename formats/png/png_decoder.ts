/** Reads PNG files of every kind. Source: https://www.w3.org/TR/png-3/ */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { FormatError } from "../format_error.ts";
import { type PngParts, readChunks } from "./png_chunks.ts";
import { readHeader } from "./png_header.ts";
import { PngRows } from "./png_rows.ts";

/**
 * Reads a PNG file: grey, colour or palette, 1 to 16 bits a sample, with and without opacity, interlaced or not.
 *
 * Rows go to their places as they are unpacked, which ends with the last one; beside the picture, memory is needed for
 * two rows and a few unpacked pieces.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @returns uint8 `[height, width, channels]`, 0 to 255: 1 channel for grey, 3 for colour, 4 where the file has
 * opacities. 16 bits are rounded to 8.
 * @throws {FormatError} naming the file, when it is short, changed, or larger than 100 million pixels or
 * a million a side.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const red = { dtype: "uint8", shape: [1, 2, 3], data: new Uint8Array([255, 0, 0, 255, 0, 0]) } as const;
 * const image = await formats.decodePng(await formats.encodePng(red));
 * console.log(image.shape); // [1, 2, 3]
 * ```
 */
export async function decodePng(bytes: Uint8Array, file = "bytes"): Promise<NdArray> {
  const parts = readChunks(bytes, file);
  const header = readHeader(parts.header, file);
  try {
    const rows = new PngRows(header, parts.palette, parts.transparency);
    await inflate(parts, rows);
    return ndarray("uint8", [header.height, header.width, rows.channels], rows.data);
  } catch (cause) {
    throw new FormatError("PNG", file, (cause as Error).message, { cause });
  }
}

/** Bytes that deflate makes of one at most; a file that claims more pixels than that is refused unread. */
const mostInflation = 1032;
/** Bytes that are decompressed at a time: all that they give, 4 MiB at most, comes at once. */
const pieceBytes = 1 << 12;

/** Decompresses rows until there are enough; a file that would give more is not followed further. */
async function inflate({ pixelBytes, pixels }: PngParts, rows: PngRows): Promise<void> {
  const needed = rows.bytesLeft;
  if (needed > pixelBytes * mostInflation) {
    throw new RangeError(`its pixels need ${needed} bytes and it holds ${pixelBytes}, compressed`);
  }
  rows.begin();
  const pieces = pixels(pieceBytes);
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      const { value, done } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
  try {
    for await (const unpacked of source.pipeThrough(new DecompressionStream("deflate"))) {
      rows.take(unpacked);
      if (rows.bytesLeft === 0) return;
    }
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new RangeError("its compressed pixels are damaged, or something follows them", { cause });
  }
  throw new RangeError(`its pixels need ${needed} bytes and it holds ${needed - rows.bytesLeft}`);
}
