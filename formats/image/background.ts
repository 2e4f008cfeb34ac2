/** The colour behind what is transparent, and beside what does not fill a picture. */

/** Red, green and blue, whole numbers from 0 to 255. */
export type Background = readonly [red: number, green: number, blue: number];

/** Paper. */
const WHITE: Background = [255, 255, 255];

/** White if nothing is said; throws a `RangeError` for what is no colour. */
export function readBackground(attempt: string, background: Background = WHITE): Background {
  const isColor = Array.isArray(background) && background.length === 3 &&
    background.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  if (isColor) return background;
  throw new RangeError(
    `Cannot ${attempt} with background ${
      JSON.stringify(background)
    }: it takes red, green and blue from 0 to 255`,
  );
}
