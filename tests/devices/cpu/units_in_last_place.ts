/** How far single-precision results are off, in units in the last place. */

/** The bits of a float as an integer. */
const words = new DataView(new ArrayBuffer(4));

/** The float with these bits. */
export function floatOf(bits: number): number {
  words.setUint32(0, bits);
  return words.getFloat32(0);
}

/** Floats from `low` to `high`, evenly apart. */
export const evenly = (low: number, high: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => low + (high - low) * i / (count - 1));

/** Floats of every exponent in a range (denormal numbers are exponent 0), some of each, of both signs if wanted. */
export function everyExponent(
  low: number,
  high: number,
  each: number,
  signs: readonly (0 | 1)[],
): Float32Array {
  const found: number[] = [];
  for (let exponent = low; exponent <= high; exponent++) {
    for (let i = 0; i < each; i++) {
      const mantissa = Math.floor((i + 0.5) * 2 ** 23 / each);
      for (const sign of signs) found.push(floatOf((sign << 31 | exponent << 23 | mantissa) >>> 0));
    }
  }
  return new Float32Array(found);
}

/** The distance between a result and the exact value, in units of the last place of the exact value. */
export function ulpsOff(actual: number, exact: number): number {
  if (Object.is(actual, exact) || Math.fround(exact) === actual) return 0;
  if (Number.isNaN(actual) || Number.isNaN(exact) || !Number.isFinite(exact)) return Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
  const reached = Number.isFinite(actual) ? actual : Math.sign(actual) * 2 ** 128;
  return Math.abs(reached - exact) / 2 ** (Math.min(exponent, 127) - 23);
}
