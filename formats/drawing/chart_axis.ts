/** Axes of charts: round numbers along a range of values, and where values lie in pixels. */

/** What a quotient may miss a whole number by and still count as it. */
const slack = 1e-9;

/** The least and the greatest of values, those aside that are not finite; infinities where there is none. */
export function rangeOf(values: readonly number[]): [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** Shorter ranges count as long as this, so that a part of it is not rounded to zero. */
const shortest = 1e-300;

/** Maps a range of values onto a range of pixels; a single value goes to the middle. Tenths of a pixel will do. */
export function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  return (value) => {
    const share = to === from ? 0.5 : (value - from) / (to - from);
    return Math.round(10 * (start + share * (end - start))) / 10;
  };
}

/** Round numbers inside a range, about `count` or a little fewer, `leastStep` apart at least. */
export function ticksWithin(least: number, most: number, count: number, leastStep: number): number[] {
  const step = Math.max(leastStep, roundStep(least, most, count));
  return multiples(step, Math.ceil(least / step - slack), Math.floor(most / step + slack));
}

/** Round numbers of which the first and the last enclose a range. */
export function ticksAround(least: number, most: number, count: number): number[] {
  const step = roundStep(least, most, count);
  return multiples(step, Math.floor(least / step + slack), Math.ceil(most / step - slack));
}

/** A distance of 1, 2 or 5 times a power of ten that fits about `count` times, or a little less, into a range. */
function roundStep(least: number, most: number, count: number): number {
  const range = Math.max(shortest, most - least || Math.abs(most) || 1);
  const rough = range / Math.max(count, 2);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
}

function multiples(step: number, first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** A number of an axis as text. */
export function axisLabel(value: number): string {
  const size = Math.abs(value);
  const rounded = Number(value.toPrecision(6));
  return size >= 1000 && size < 1e9 ? rounded.toLocaleString("en") : `${rounded}`;
}
