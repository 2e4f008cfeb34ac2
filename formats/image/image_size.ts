import { FormatError } from "../format_error.ts";

const maxPixels = 100_000_000;
/** So that a single row is never much of a picture's memory. */
const maxSide = 1_000_000;

/**
 * Checks the size that the header of a picture claims, before memory is taken for its pixels.
 *
 * @param format The picture's format, for messages.
 * @param file The picture's name, for messages.
 * @throws {FormatError} when a side is 0 or more than a million, or the picture has more than 100 million pixels.
 */
export function checkImageSize(format: string, file: string, height: number, width: number): void {
  const isRight = [height, width].every((side) => side > 0 && side <= maxSide) && height * width <= maxPixels;
  if (isRight) return;
  throw new FormatError(
    format,
    file,
    `it is ${width} pixels wide and ${height} high, and 1 to ${maxPixels / 1e6} million pixels, ` +
      `at most ${maxSide / 1e6} million a side, are read`,
  );
}
