/**
 * The quantiles of the normal distribution as a table of integers. Between two rows the quantile is a parabola in
 * fixed point: only integer arithmetic, so every device gives the same bits.
 *
 * An odd number t below 2^24 stands for the probability t / 2^25 of one tail. A row of the table is for an eighth of an
 * octave of t (its exponent and the three bits behind); the next 16 bits are the place within the row.
 */

/** Fractional bits of the quantiles. */
export const FRACTION_BITS = 19;
/** Rows for each octave of t. */
export const ROWS_PER_OCTAVE = 8;
const OCTAVES = 24;

let table: Uint32Array | undefined;

/** Three numbers a row: the quantile at its start, how far it falls, and how much of that the curve takes back. */
export function normalTable(): Uint32Array {
  if (table) return table;
  const rows = new Uint32Array(OCTAVES * ROWS_PER_OCTAVE * 3);
  for (let octave = 0; octave < OCTAVES; octave++) {
    for (let part = 0; part < ROWS_PER_OCTAVE; part++) {
      const at = (place: number) =>
        2 ** FRACTION_BITS * tailQuantile(2 ** octave * (1 + (part + place) / ROWS_PER_OCTAVE) / 2 ** 25);
      const [start, middle, end] = [at(0), at(0.5), at(1)];
      const curve = 2 * (start - 2 * middle + end);
      rows.set([start, start - end + curve, curve].map(Math.round), (octave * ROWS_PER_OCTAVE + part) * 3);
    }
  }
  return table = rows;
}

/** The z that a normal variable exceeds with probability p, for p from 2^-26 to 1/2. */
function tailQuantile(p: number): number {
  if (p >= 0.5) return 0;
  let z = Math.sqrt(-2 * Math.log(2 * p));
  for (let i = 0; i < 60; i++) {
    const density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    const step = (tailProbability(z) - p) / density;
    z += Math.max(-0.5, Math.min(0.5, step));
    if (Math.abs(step) < 1e-14) break;
  }
  return z;
}

/** The probability that a normal variable exceeds z, for z >= 0: a series near zero, a continued fraction beyond. */
function tailProbability(z: number): number {
  const density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let [sum, term] = [0, z];
    for (let n = 1; Math.abs(term) > 1e-18; n += 2) {
      sum += term;
      term *= z * z / (n + 2);
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let n = 200; n >= 1; n--) fraction = z + n / fraction;
  return density / fraction;
}
