/** The numbers of single precision in a range. Those below the normal ones are left out, as GPUs may take them for zero. */

const SMALLEST_NORMAL = 2 ** -126;

/** The next number above (1) or below (-1). */
function next(value: number, side: 1 | -1): number {
  if (value === 0) return side * SMALLEST_NORMAL;
  const float = Float32Array.of(value);
  // As bits, numbers of one sign are in the order of their sizes.
  new Int32Array(float.buffer)[0] += value > 0 ? side : -side;
  return float[0];
}

/** A number itself, or the nearest that is normal or zero on one side of it. */
function normal(value: number, side: 1 | -1): number {
  if (value === 0 || Math.abs(value) >= SMALLEST_NORMAL) return value;
  return Math.sign(value) === side ? side * SMALLEST_NORMAL : 0;
}

/** The smallest number from `low` up, and the largest below `high`; there is none if the first is above the second. */
export function floatsBetween(low: number, high: number): { least: number; most: number } {
  const [first, last] = [Math.fround(low), Math.fround(high)];
  return {
    least: normal(first < low ? next(first, 1) : first, 1),
    most: normal(last < high ? last : next(last, -1), -1),
  };
}
