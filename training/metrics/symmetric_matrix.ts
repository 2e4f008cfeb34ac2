/** The square root of a symmetric matrix, by its eigenvalues. */

/** Sweeps over all pairs, at most; it takes some ten. */
const MOST_SWEEPS = 60;

/**
 * The symmetric matrix that gives a positive semidefinite one when it is multiplied by itself; eigenvalues that are negative, as rounding
 * makes them, count as zero.
 *
 * @param matrix `[size, size]`; what is below its diagonal is not looked at.
 */
export function squareRoot(matrix: Float64Array, size: number): Float64Array {
  const { values, vectors } = eigen(matrix, size);
  const root = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    const value = Math.sqrt(Math.max(0, values[k]));
    for (let i = 0; i < size; i++) {
      const factor = value * vectors[i * size + k];
      for (let j = 0; j < size; j++) root[i * size + j] += factor * vectors[j * size + k];
    }
  }
  return root;
}

/** Eigenvalues, and eigenvectors as columns, by Jacobi's rotations. */
function eigen(matrix: Float64Array, size: number): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(matrix, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return matrix[Math.min(i, j) * size + Math.max(i, j)];
  });
  const vectors = Float64Array.from({ length: size * size }, (_, at) => at % (size + 1) === 0 ? 1 : 0);
  const total = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rest = 0;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rest += a[p * size + q] ** 2;
    if (rest <= total * 1e-30) break;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, size, p, q);
  }
  return { values: Float64Array.from({ length: size }, (_, i) => a[i * (size + 1)]), vectors };
}

/** Turns rows and columns p and q, so that the element where they meet becomes zero. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const apart = a[p * size + q];
  if (apart === 0) return;
  const slope = (a[q * (size + 1)] - a[p * (size + 1)]) / (2 * apart);
  const tangent = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.hypot(slope, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  const turn = (of: Float64Array, at: number, other: number) => {
    const [x, y] = [of[at], of[other]];
    of[at] = cosine * x - sine * y;
    of[other] = sine * x + cosine * y;
  };
  for (let i = 0; i < size; i++) turn(a, i * size + p, i * size + q);
  for (let i = 0; i < size; i++) turn(a, p * size + i, q * size + i);
  for (let i = 0; i < size; i++) turn(vectors, i * size + p, i * size + q);
}
