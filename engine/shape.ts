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

/** Throws unless every size is a non-negative integer. */
export function checkShape(what: string, shape: Shape): void {
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new RangeError(
      `Cannot make ${what}: its shape has to be a list of whole numbers, received ${JSON.stringify(shape)}`,
    );
  }
}

/** Axis numbers made non-negative, in rising order; throws when one is out of range or twice there. */
export function normalizeAxes(
  what: string,
  shape: Shape,
  axes: number | readonly number[] | undefined,
): number[] {
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
