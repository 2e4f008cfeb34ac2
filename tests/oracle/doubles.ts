/** Arrays of doubles and plain loops over them. Oracles are made from these and from nothing of the source. */

/** Doubles with a shape, row-major. */
export interface Doubles {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

/** The number of elements. */
export const countOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Every multi-index of a shape, the last axis fastest. */
export function indicesOf(shape: readonly number[]): number[][] {
  let all: number[][] = [[]];
  for (const size of shape) {
    all = all.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i]));
  }
  return all;
}

/** An array from the value at each multi-index. */
export function doubles(shape: readonly number[], valueAt: (index: number[]) => number): Doubles {
  return { shape, data: Float64Array.from(indicesOf(shape), valueAt) };
}

/** The position of a multi-index in row-major order. */
export function positionOf(shape: readonly number[], index: readonly number[]): number {
  let position = 0;
  for (let axis = 0; axis < shape.length; axis++) position = position * shape[axis] + index[axis];
  return position;
}

/** The element at a multi-index. */
export const elementAt = ({ data, shape }: Doubles, index: readonly number[]): number =>
  data[positionOf(shape, index)];

/** The shape that shapes are stretched to, aligned at the last axis. */
export function stretchedShape(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((s) => s[axis - rank + s.length] ?? 1);
    return sizes.find((n) => n !== 1) ?? 1;
  });
}

/** The element that a stretched array has at an index of the larger shape. */
export function stretchedAt(x: Doubles, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length);
  return elementAt(x, own.map((i, axis) => x.shape[axis] === 1 ? 0 : i));
}

/** A function of numbers applied element by element, with stretching. */
export function elementByElement(f: (...values: number[]) => number, ...inputs: Doubles[]): Doubles {
  const shape = stretchedShape(...inputs.map((x) => x.shape));
  return doubles(shape, (index) => f(...inputs.map((x) => stretchedAt(x, index))));
}

/** A function of all elements along some axes, which are given in rising order of position. */
export function alongAxes(
  x: Doubles,
  axes: readonly number[],
  f: (values: number[]) => number,
  keepDims = false,
): Doubles {
  const kept = x.shape.flatMap((n, axis) => axes.includes(axis) ? keepDims ? [1] : [] : [n]);
  const inner = indicesOf(axes.map((axis) => x.shape[axis]));
  return doubles(kept, (index) => {
    const values = inner.map((over) => {
      let next = 0;
      const place = x.shape.map((_, axis) => {
        if (axes.includes(axis)) {
          if (keepDims) next++;
          return over[axes.indexOf(axis)];
        }
        return index[next++];
      });
      return elementAt(x, place);
    });
    return f(values);
  });
}
