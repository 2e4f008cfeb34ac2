/** Shapes: sizes of axes, row-major, all known when a program is traced. */

/** The size of each axis. */
export type Shape = readonly number[];

/** The number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** `[2, 3]` */
export const formatShape = (shape: Shape): string => `[${shape.join(", ")}]`;

/** Whether two shapes are the same. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/**
 * The shape that all the given ones stretch to, by the rules of NumPy: aligned at the last axis, an axis of
 * size 1 takes the other's size. Gives `undefined` where they do not fit.
 */
export function broadcastShapes(...shapes: Shape[]): number[] | undefined {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const axis = rank - shape.length + i;
      if (shape[i] === 1 || shape[i] === result[axis]) continue;
      if (result[axis] !== 1) return undefined;
      result[axis] = shape[i];
    }
  }
  return result;
}

/**
 * The most elements that a tensor may have, stored or not: places are counted in 32 bits with a sign, and loops take
 * strides beyond the end before they stop.
 */
export const MOST_ELEMENTS: number = 2 ** 31 - 2 ** 20;

/**
 * Throws unless every size is a non-negative integer, and there are not too many elements.
 *
 * @param attempt What is being done, for messages: `make iota`.
 */
export function checkShape(attempt: string, shape: unknown): asserts shape is Shape {
  if (!Array.isArray(shape) || !Array.from(shape).every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new RangeError(
      `Cannot ${attempt}: its shape has to be a list of whole numbers, received ${describeShape(shape)}`,
    );
  }
  const size = sizeOf(shape);
  if (size > MOST_ELEMENTS) {
    throw new RangeError(
      `Cannot ${attempt}: its shape ${formatShape(shape)} has ${size} elements, ` +
        `more than the ${MOST_ELEMENTS} that can be counted; take it in parts`,
    );
  }
}

/** Unlike JSON, with NaN and undefined as what they are. */
const describeShape = (shape: unknown): string =>
  Array.isArray(shape) ? formatShape(shape.map((n) => Array.isArray(n) ? `[${n}]` : n)) : String(shape);

/**
 * One of the axes of a shape, from 0 on; negative numbers count from the end.
 *
 * @param rank How many axes there are to choose from.
 */
export function normalizeAxis(what: string, shape: Shape, axis: number, rank: number = shape.length): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(normal) && normal >= 0 && normal < rank) return normal;
  throw new RangeError(
    `Cannot apply ${what} to ${formatShape(shape)} along axis ${axis}: ` +
      (rank === 0 ? "it has none" : `it has to be one of ${-rank} to ${rank - 1}`),
  );
}

/** Axis numbers made non-negative, in rising order; throws when one is out of range or twice there. */
export function normalizeAxes(
  what: string,
  shape: Shape,
  axes: number | readonly number[] | undefined,
): number[] {
  if (axes !== undefined && typeof axes !== "number" && !Array.isArray(axes)) {
    throw new TypeError(`Cannot apply ${what} to axes ${axes}: it takes an axis, or a list of axes`);
  }
  const given = axes === undefined ? shape.map((_, i) => i) : typeof axes === "number" ? [axes] : [...axes];
  const normal = given.map((a) => a < 0 ? a + shape.length : a).sort((a, b) => a - b);
  normal.forEach((a, i) => {
    if (!Number.isInteger(a) || a < 0 || a >= shape.length || a === normal[i - 1]) {
      throw new RangeError(
        `Cannot apply ${what} to axes ${formatShape(given)} of an input ${formatShape(shape)}: ` +
          `each axis has to be one of ${-shape.length} to ${shape.length - 1}, named once`,
      );
    }
  });
  return normal;
}
