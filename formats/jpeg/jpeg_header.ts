/** What has to be known of a JPEG file before its pixels are decoded. Source: ITU-T T.81, and Exif 2.32, 4.6.4 */
import { FormatError } from "../format_error.ts";
import { checkImageSize } from "../image/image_size.ts";
import { jpegSignature } from "./jpeg_signature.ts";

/** One of the one to four values that a pixel has in the file. */
export interface JpegComponent {
  /** How scans name it. */
  readonly id: number;
  /** Samples across and down, for each that the coarsest component has: 1 to 4. */
  readonly across: number;
  readonly down: number;
  /** The number of its quantization table. */
  readonly table: number;
  /** Blocks of 8 x 8 samples that hold pixels. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
}

/** What the markers in front of the pixels say. */
export interface JpegHeader {
  /** Pixels from top to bottom, as stored. */
  readonly height: number;
  /** Pixels from left to right, as stored. */
  readonly width: number;
  /** Whether the coefficients come in several scans, coarse ones first. */
  readonly isProgressive: boolean;
  /** One for grey, three for colour, four for inks. */
  readonly components: readonly JpegComponent[];
  /** The most samples across and down of any component. */
  readonly across: number;
  readonly down: number;
  /** What the values of a pixel are: grey; brightness and two colour differences; and so on. Inks may be stored inverted. */
  readonly colors: "grey" | "ycc" | "rgb" | "cmyk" | "inverted cmyk" | "inverted ycck";
  /** How the camera was held, 1 to 8, as in Exif; 1 is upright. */
  readonly orientation: number;
}

const frames = new Map([[0xc0, "baseline"], [0xc1, "extended"], [0xc2, "progressive"]]);
const otherFrames = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);

/** A part of a file: a marker, and the bytes that belong to it. */
export interface JpegPart {
  /** The second byte of the marker. */
  readonly marker: number;
  readonly bytes: Uint8Array;
  /** Where the next part begins, or what a scan holds. */
  readonly end: number;
}

/**
 * Reads the part that begins at `at`.
 *
 * @param within What is being read, for messages.
 * @throws {FormatError} when no part begins there, or it is cut.
 */
export function readJpegPart(file: Uint8Array, at: number, name: string, within = "its header"): JpegPart {
  while (file[at] === 0xff && file[at + 1] === 0xff) at++; // any number of these may come before a marker
  if (at + 2 > file.length) throw cutJpeg(file, name, within);
  if (file[at] !== 0xff) throw new FormatError("JPEG", name, `byte ${at} should start a part and does not`);
  const marker = file[at + 1];
  const isAlone = marker === 0xd9 || marker >= 0xd0 && marker <= 0xd8;
  if (isAlone) return { marker, bytes: file.subarray(0, 0), end: at + 2 };
  if (at + 4 > file.length) throw cutJpeg(file, name, within);
  const length = file[at + 2] << 8 | file[at + 3];
  const end = at + 2 + length;
  if (end > file.length) throw cutJpeg(file, name, within);
  if (length < 2) throw new FormatError("JPEG", name, `the part at byte ${at} has a length of ${length}`);
  return { marker, bytes: file.subarray(at + 4, end), end };
}

/** The error for a file that ends too early. */
export function cutJpeg(file: Uint8Array, name: string, within: string): FormatError {
  return new FormatError("JPEG", name, `it is cut: ${within} does not end within ${file.length} bytes`);
}

/**
 * Reads the header of a JPEG file.
 *
 * @param file The whole file.
 * @param name Its name for messages.
 * @throws {FormatError} when there is none, or it is of a kind that is not read (not 8 bits a sample, arithmetic
 * or lossless coding, more than 100 million pixels), or claims more pixels than the file can hold.
 */
export function readJpegHeader(file: Uint8Array, name: string): JpegHeader {
  if (!jpegSignature.every((byte, i) => file[i] === byte)) {
    throw new FormatError("JPEG", name, "it does not start like a JPEG file");
  }
  let orientation = 1;
  let adobeTransform: number | undefined;
  for (let at = 2;;) {
    const { marker, bytes, end } = readJpegPart(file, at, name);
    if (frames.has(marker)) {
      const header = readFrame(bytes, adobeTransform, name);
      checkLength(header, file.length, name);
      return { ...header, isProgressive: marker === 0xc2, orientation };
    }
    if (otherFrames.has(marker)) {
      throw new FormatError("JPEG", name, `its coding is of kind ${marker - 0xc0}, and only 0 to 2 are read`);
    }
    if (marker === 0xda || marker === 0xd9) throw new FormatError("JPEG", name, "it does not say its size");
    if (marker === 0xe1 && startsWith(bytes, "Exif\0\0")) orientation = readOrientation(bytes.subarray(6));
    if (marker === 0xee && startsWith(bytes, "Adobe")) adobeTransform = bytes[11];
    at = end;
  }
}

function readFrame(part: Uint8Array, adobeTransform: number | undefined, name: string) {
  const [precision, h1, h0, w1, w0, count] = part;
  if (![1, 3, 4].includes(count)) {
    throw new FormatError("JPEG", name, `it has ${count} components, and 1, 3 or 4 are read`);
  }
  if (part.length !== 6 + 3 * count) {
    throw new FormatError("JPEG", name, "its header is too short or too long");
  }
  if (precision !== 8) {
    throw new FormatError("JPEG", name, `it has ${precision} bits a sample, and only 8 are read`);
  }
  const height = h1 << 8 | h0;
  const width = w1 << 8 | w0;
  checkImageSize("JPEG", name, height, width);
  const sampled = Array.from({ length: count }, (_, i) => {
    const [id, factors, table] = part.subarray(6 + 3 * i);
    return { id, across: factors >> 4, down: factors & 15, table };
  });
  for (const { across, down, table } of sampled) {
    if (across >= 1 && across <= 4 && down >= 1 && down <= 4 && table <= 3) continue;
    throw new FormatError("JPEG", name, `a component has ${across} x ${down} samples and the table ${table}`);
  }
  if (new Set(sampled.map(({ id }) => id)).size < count) {
    throw new FormatError("JPEG", name, "two of its components have one name");
  }
  const across = Math.max(...sampled.map((component) => component.across));
  const down = Math.max(...sampled.map((component) => component.down));
  const components = sampled.map((component): JpegComponent => ({
    ...component,
    blocksAcross: Math.ceil(Math.ceil(width * component.across / across) / 8),
    blocksDown: Math.ceil(Math.ceil(height * component.down / down) / 8),
  }));
  return { height, width, components, across, down, colors: colorsOf(sampled, adobeTransform) };
}

function colorsOf(components: readonly { id: number }[], adobeTransform?: number): JpegHeader["colors"] {
  if (components.length === 1) return "grey";
  if (components.length === 4) {
    if (adobeTransform === undefined) return "cmyk";
    return adobeTransform === 2 ? "inverted ycck" : "inverted cmyk";
  }
  const isNamedRgb = String.fromCharCode(...components.map(({ id }) => id)) === "RGB";
  return adobeTransform === 0 || adobeTransform === undefined && isNamedRgb ? "rgb" : "ycc";
}

/** A block takes a bit at least, so that memory for the pixels is a few hundred times the file's size at most. */
function checkLength({ components }: { components: readonly JpegComponent[] }, length: number, name: string) {
  const least = Math.ceil(components.reduce((sum, c) => sum + c.blocksAcross * c.blocksDown, 0) / 8);
  if (length < least) {
    throw new FormatError("JPEG", name, `its pixels need ${least} bytes at least and it holds ${length}`);
  }
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
    const isLong = view.getUint16(at + 2, little) === 4;
    const value = isLong ? view.getUint32(at + 8, little) : view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
