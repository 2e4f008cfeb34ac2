/** Writes moving pictures as GIF files. Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt */
import type { NdArray } from "../../engine/array.ts";
import { loadGifLibrary } from "./gif_library.ts";

/** Options of {@linkcode encodeGif}. */
export interface EncodeGifOptions {
  /** Pictures a second, at most 50, as players show more at their own pace; 12 when left out. GIF counts hundredths of a second. */
  readonly rate?: number;
  /** How many times it is shown; without end when left out. */
  readonly loops?: number;
  /** A text in the file, such as how it was made. */
  readonly comment?: string;
}

/** Colours in a file. */
const COLORS = 256;
/** Pixels that colours are chosen by; of more, some are left out evenly. */
const LOOKED_AT = 1 << 20;
/** Bytes of one piece of a text. */
const PIECE = 255;

/**
 * Writes pictures as one moving GIF. Shades of grey stay as they are. Coloured pictures share 256 colours, chosen by what is in
 * them; if there are no more, and none nearly equal, these stay as they are, too. The first one loads a library from npm, once for all programs, which needs no permission.
 *
 * @param frames uint8 `[frames, height, width, channels]`, 0 to 255: 1 channel is grey, 3 are red, green and blue.
 * @returns The file's bytes; the same for the same pictures and options.
 * @throws {TypeError} when the dtype is not uint8.
 * @throws {RangeError} when the shape is not that of pictures, a side is above 65,535, or an option is not what it has to be.
 * @throws {Error} when the library can't be had.
 *
 * @example
 * ```ts ignore
 * import { formats, ndarray } from "@gesso/gesso";
 *
 * const blink = ndarray("uint8", [2, 1, 1, 1], [0, 255]);
 * await Deno.writeFile("blink.gif", await formats.encodeGif(blink, { rate: 2 }));
 * ```
 */
export async function encodeGif(
  frames: NdArray,
  options: EncodeGifOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const attempt = "write a GIF";
  const { rate = 12, loops, comment = "" } = options;
  if (!(rate > 0 && rate <= 50)) {
    throw new RangeError(
      `Cannot ${attempt} of ${rate} pictures a second: the rate has to be above 0 and up to 50`,
    );
  }
  if (loops !== undefined && !(Number.isInteger(loops) && loops >= 1 && loops <= 65_536)) {
    throw new RangeError(
      `Cannot ${attempt} that is shown ${loops} times: loops has to be a whole number from 1 to 65536`,
    );
  }
  const [count, height, width, channels] = frames.shape;
  if (frames.dtype !== "uint8") {
    throw new TypeError(`Cannot ${attempt}: uint8 is needed, received ${frames.dtype}`);
  }
  const isMovie = frames.shape.length === 4 && (channels === 1 || channels === 3) && frames.data.length > 0;
  if (!isMovie || Math.max(height, width) > 65_535) {
    throw new RangeError(
      `Cannot ${attempt} of shape [${
        frames.shape.join(", ")
      }]: [frames, height, width, channels] is needed, with 1 or 3 ` +
        "channels, at least one pixel, and sides up to 65535",
    );
  }
  const { GIFEncoder, quantize, applyPalette } = await loadGifLibrary();
  const size = height * width;
  const palette = channels === 1
    ? Array.from({ length: COLORS }, (_, shade) => [shade, shade, shade])
    : quantize(someOf(frames, size * count), COLORS, { format: "rgb565" });
  const file = GIFEncoder({ auto: false });
  file.writeHeader();
  for (let i = 0; i < count; i++) {
    const indices = channels === 1
      ? frames.data.subarray(i * size, (i + 1) * size) as Uint8Array
      : applyPalette(withOpacity(frames, i * size, size, 1), palette, "rgb565");
    file.writeFrame(indices, width, height, {
      first: i === 0,
      palette: i === 0 ? palette : undefined,
      delay: 1000 / rate,
      // The number of times that it is shown again; 0 is without end.
      repeat: loops === undefined ? 0 : loops === 1 ? -1 : loops - 1,
    });
  }
  if (comment) {
    file.stream.writeBytes([0x21, 0xfe]);
    const bytes = new TextEncoder().encode(comment);
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      file.stream.writeByte(piece.length);
      file.stream.writeBytes(piece);
    }
    file.stream.writeByte(0);
  }
  file.finish();
  return file.bytes();
}

/** Some pixels of all pictures. */
const someOf = (frames: NdArray, pixels: number): Uint8Array => {
  const stride = Math.ceil(pixels / LOOKED_AT);
  return withOpacity(frames, 0, Math.floor((pixels - 1) / stride) + 1, stride);
};

/** Every so many pixels from one on, as red, green, blue and opacity. */
function withOpacity({ data }: NdArray, from: number, count: number, stride: number): Uint8Array {
  const pixels = new Uint8Array(4 * count).fill(255);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = data[(from + i * stride) * 3 + c];
  }
  return pixels;
}
