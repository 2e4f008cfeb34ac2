/** Reads picture files of any size as pictures of one. */
import type { NdArray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import type { Background } from "../../formats/image/background.ts";
import { decodeImage, pictureFormat, resizeImage } from "../../formats/image/image.ts";
import type { FileKind } from "../folder/read_file.ts";

/** How pictures are made one size. */
export interface PictureForm {
  readonly height: number;
  readonly width: number;
  readonly fit: "cover" | "contain";
  readonly background: Background;
}

/** Pictures are read with so many pixels, in both directions, for each that they will have: then resizing blends enough. */
const FINER = 2;

/** Files that are read; no picture of 100 million pixels needs more bytes. */
export const pictureFile: FileKind = {
  mostBytes: 1 << 28,
  refusal: (start) => pictureFormat(start) ? undefined : "it starts like no PNG, JPEG or WebP file",
};

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
