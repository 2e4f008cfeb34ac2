/** What a WebP file says of itself before its pixels. Source: https://developers.google.com/speed/webp/docs/riff_container */
import { FormatError } from "../format_error.ts";
import { checkImageSize } from "../image/image_size.ts";
import { isWebp, textAt } from "./webp_signature.ts";

/** Pixels that a file may have whatever its length: they do no harm. */
const HARMLESS = 4_000_000;
/** A larger picture has at least one byte for so many pixels; photographs have some twenty times as many bytes and more. */
const MOST_PIXELS_PER_BYTE = 1024;

/** The size of a picture. */
export interface WebpSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Looks at what a file claims, before memory is taken for its pixels.
 *
 * @throws {FormatError} when it is short, is of no known kind, moves, or is larger than a picture of so many bytes may be.
 */
export function checkWebpHeader(bytes: Uint8Array, file: string): WebpSize {
  const fail = (reason: string): never => {
    throw new FormatError("WebP", file, reason);
  };
  if (!isWebp(bytes)) return fail("it does not start like one");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const promised = bytes.length < 12 ? 0 : view.getUint32(4, true) + 8;
  if (promised > bytes.length) fail(`it promises ${promised} bytes and holds ${bytes.length}`);
  let [canvas, picture]: (WebpSize | undefined)[] = [];
  for (let at = 12; at + 8 <= promised && !picture;) {
    const [kind, length] = [textAt(bytes, at), view.getUint32(at + 4, true)];
    const [begin, end] = [at + 8, at + 8 + length];
    if (end > promised) fail(`its part ${JSON.stringify(kind)} ends after the file does`);
    if (kind === "ANIM" || kind === "ANMF") fail("it is a moving picture, of which none is read");
    if (kind === "VP8X" && length >= 10) {
      canvas = { width: 1 + uint24(view, begin + 4), height: 1 + uint24(view, begin + 7) };
    }
    if (kind === "VP8 " && length >= 10) {
      picture = {
        width: view.getUint16(begin + 6, true) & 0x3fff,
        height: view.getUint16(begin + 8, true) & 0x3fff,
      };
    }
    if (kind === "VP8L" && length >= 5) {
      const bits = view.getUint32(begin + 1, true);
      picture = { width: 1 + (bits & 0x3fff), height: 1 + (bits >>> 14 & 0x3fff) };
    }
    at = end + length % 2;
  }
  if (!picture) return fail("there is no picture in it");
  for (const { width, height } of [picture, canvas ?? picture]) {
    checkImageSize("WebP", file, height, width);
    const pixels = width * height;
    if (pixels > HARMLESS && pixels > MOST_PIXELS_PER_BYTE * bytes.length) {
      fail(`it claims ${width} x ${height} pixels and holds ${bytes.length} bytes`);
    }
  }
  return picture;
}

const uint24 = (view: DataView, at: number): number =>
  view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
