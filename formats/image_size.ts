import { FormatError } from "./format_error.ts";

const maxPixels = 100_000_000;

/**
 * Checks the size that the header of a picture claims, before memory is taken for its pixels.
 *
 * @param format The picture's format, for messages.
 * @param file The picture's name, for messages.
 * @throws {FormatError} when a side is 0, or the picture has more than 100 million pixels.
 */
export function checkImageSize(format: string, file: string, height: number, width: number): void {
  if (height > 0 && width > 0 && height * width <= maxPixels) return;
  throw new FormatError(
    format,
    file,
    `it is ${width} pixels wide and ${height} high, and 1 to ${maxPixels / 1e6} million pixels are read`,
  );
}
