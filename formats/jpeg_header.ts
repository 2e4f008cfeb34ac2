/** What has to be known of a JPEG file before its pixels are decoded. Source: ITU-T T.81, and Exif 2.32, 4.6.4 */
import { FormatError } from "./format_error.ts";
import { checkImageSize } from "./image_size.ts";

/** What the markers in front of the pixels say. */
export interface JpegHeader {
  /** Pixels from top to bottom, as stored. */
  readonly height: number;
  /** Pixels from left to right, as stored. */
  readonly width: number;
  /** True when the three components are red, green and blue, and not brightness and two colour differences. */
  readonly isRgb: boolean;
  /** How the camera was held, 1 to 8, as in Exif; 1 is upright. */
  readonly orientation: number;
}

/** The first bytes of every JPEG file. */
export const jpegSignature: readonly number[] = [0xff, 0xd8, 0xff];

const frames = new Map([[0xc0, "baseline"], [0xc1, "extended"], [0xc2, "progressive"]]);
const otherFrames = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);

/**
 * Reads the header of a JPEG file.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @throws {FormatError} when there is none, or it is of a kind that is not read: not 8 bits a sample, arithmetic
 * or lossless coding, more than 100 million pixels.
 */
export function readJpegHeader(bytes: Uint8Array, file: string): JpegHeader {
  if (!jpegSignature.every((byte, i) => bytes[i] === byte)) {
    throw new FormatError("JPEG", file, "it does not start like a JPEG file");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let orientation = 1;
  let adobeTransform: number | undefined;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) {
      throw new FormatError("JPEG", file, `byte ${at} should start a part and does not`);
    }
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    const part = bytes.subarray(at + 4, end);
    if (end > bytes.length) break;
    if (frames.has(marker)) return { ...readFrame(part, adobeTransform, file), orientation };
    if (otherFrames.has(marker)) {
      throw new FormatError("JPEG", file, `its coding is of kind ${marker - 0xc0}, and only 0 to 2 are read`);
    }
    if (marker === 0xe1 && startsWith(part, "Exif\0\0")) orientation = readOrientation(part.subarray(6));
    if (marker === 0xee && startsWith(part, "Adobe")) adobeTransform = part[11];
    at = end;
  }
  throw new FormatError("JPEG", file, `it is cut: its header does not end within ${bytes.length} bytes`);
}

function readFrame(part: Uint8Array, adobeTransform: number | undefined, file: string) {
  const [precision, h1, h0, w1, w0, components] = part;
  if (part.length < 6 + 3 * components) throw new FormatError("JPEG", file, "its header is too short");
  if (precision !== 8) {
    throw new FormatError("JPEG", file, `it has ${precision} bits a sample, and only 8 are read`);
  }
  const height = h1 << 8 | h0;
  const width = w1 << 8 | w0;
  checkImageSize("JPEG", file, height, width);
  const names = String.fromCharCode(part[6], part[9], part[12]);
  return { height, width, isRgb: components === 3 && (adobeTransform === 0 || names === "RGB") };
}

function startsWith(part: Uint8Array, text: string): boolean {
  return [...text].every((character, i) => part[i] === character.charCodeAt(0));
}

/** Finds the orientation in an Exif block; 1 where there is none, or the block is broken. */
function readOrientation(exif: Uint8Array): number {
  if (exif.length < 8) return 1;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.length);
  const little = exif[0] === 0x49;
  const directory = view.getUint32(4, little);
  const entries = directory + 2 <= exif.length ? view.getUint16(directory, little) : 0;
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > exif.length) break;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
