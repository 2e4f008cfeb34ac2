/** Reads picture files of any size as pictures of one. */
import type { NdArray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import type { Background } from "../../formats/image/background.ts";
import { decodeImage, pictureFormat, resizeImage } from "../../formats/image/image.ts";

/** How pictures are made one size. */
export interface PictureForm {
  readonly height: number;
  readonly width: number;
  readonly fit: "cover" | "contain";
  readonly background: Background;
}

/** Pictures are read with so many pixels, in both directions, for each that they will have: then resizing blends enough. */
const FINER = 2;

/** Larger files are not read: no picture of 100 million pixels needs as much. */
const MOST_BYTES = 1 << 28;
/** Most pictures of data sets are shorter; of others, it shows whether they are pictures. */
const FIRST_BYTES = 1 << 16;
const first = new Uint8Array(FIRST_BYTES);

/** The bytes of a file, or why it is not read. At once, as waiting for a small file takes longer than reading it. */
export function readPicture(path: string): Uint8Array<ArrayBuffer> | string {
  try {
    const file = Deno.openSync(path);
    try {
      const count = readFull(file, first);
      if (!pictureFormat(first.subarray(0, count))) {
        return count === 0 ? "it is empty" : "it starts like no PNG, JPEG or WebP file";
      }
      if (count < FIRST_BYTES) return first.slice(0, count);
      const { size } = file.statSync();
      if (size > MOST_BYTES) return `it has ${size} bytes, and at most ${MOST_BYTES} are read`;
      const bytes = new Uint8Array(Math.max(size, count));
      bytes.set(first);
      return bytes.subarray(0, count + readFull(file, bytes.subarray(count)));
    } finally {
      file.close();
    }
  } catch (error) {
    // One that went meanwhile, or may not be read by this user.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return error.message;
    }
    throw error;
  }
}

/** Fills bytes as far as the file has some; gives how many. */
function readFull(file: Deno.FsFile, bytes: Uint8Array): number {
  let length = 0;
  for (let count; length < bytes.length && (count = file.readSync(bytes.subarray(length))) !== null;) {
    length += count;
  }
  return length;
}

/** The picture in a file, uint8 `[height, width, 3]`, or why there is none. */
export async function pictureIn(
  bytes: Uint8Array,
  file: string,
  form: PictureForm,
): Promise<NdArray | string> {
  const { height, width, fit, background } = form;
  try {
    const leastSide = FINER * Math.max(height, width);
    const image = await decodeImage(bytes, file, { background, leastSide });
    return resizeImage(image, height, width, { fit, background });
  } catch (error) {
    if (error instanceof FormatError) return error.reason;
    throw error;
  }
}

/** What is done to pictures, in words. */
export function describeForm({ height, width, fit, background }: PictureForm): string {
  const kept = fit === "cover"
    ? "the shorter side fits and the middle is kept"
    : `the longer side fits and the rest is ${colorName(background)}`;
  return `pictures become ${width} x ${height}: ${kept}; behind what is transparent is ${
    colorName(background)
  }`;
}

const colorName = (background: Background): string => {
  const [first] = background;
  const isGrey = background.every((part) => part === first);
  if (isGrey && first === 255) return "white";
  return isGrey && first === 0 ? "black" : `rgb(${background.join(", ")})`;
};
