/** What ops that only move elements give, in plain loops. */
import { type Doubles, doubles, elementAt } from "./doubles.ts";

/** The same elements under another shape. */
export const reshaped = ({ data }: Doubles, shape: readonly number[]): Doubles => ({ data, shape });

/** Axis `i` of the result is axis `order[i]`. */
export function transposed(x: Doubles, order: readonly number[]): Doubles {
  return doubles(order.map((axis) => x.shape[axis]), (index) => {
    const place: number[] = [];
    order.forEach((axis, i) => place[axis] = index[i]);
    return elementAt(x, place);
  });
}

/** `sizes[i]` elements from `starts[i]` on in steps of `strides[i]`. */
export function sliced(
  x: Doubles,
  starts: readonly number[],
  sizes: readonly number[],
  strides: readonly number[] = starts.map(() => 1),
): Doubles {
  return doubles(sizes, (index) => elementAt(x, index.map((i, axis) => starts[axis] + i * strides[axis])));
}

/** Arrays one after another along an axis. */
export function concatenated(inputs: readonly Doubles[], axis: number): Doubles {
  const size = inputs.reduce((sum, x) => sum + x.shape[axis], 0);
  return doubles(inputs[0].shape.map((n, a) => a === axis ? size : n), (index) => {
    const place = [...index];
    for (const x of inputs) {
      if (place[axis] < x.shape[axis]) return elementAt(x, place);
      place[axis] -= x.shape[axis];
    }
    throw new Error("unreachable");
  });
}

/** A value around the array, or the array mirrored at its ends, its ends repeated, or the array itself again. */
export function padded(
  x: Doubles,
  padding: readonly (readonly [number, number])[],
  mode: number | "reflect" | "edge" | "wrap",
): Doubles {
  return doubles(x.shape.map((n, axis) => n + padding[axis][0] + padding[axis][1]), (index) => {
    const place = index.map((i, axis) => i - padding[axis][0]);
    const isInside = place.every((p, axis) => p >= 0 && p < x.shape[axis]);
    if (typeof mode === "number") return isInside ? elementAt(x, place) : mode;
    return elementAt(
      x,
      place.map((p, axis) => {
        const n = x.shape[axis];
        if (mode === "edge") return Math.min(Math.max(p, 0), n - 1);
        if (mode === "wrap") return (p % n + n) % n;
        if (p < 0) return -p;
        return p < x.shape[axis] ? p : 2 * (x.shape[axis] - 1) - p;
      }),
    );
  });
}

/** Turned round along axes. */
export function reversed(x: Doubles, axes: readonly number[]): Doubles {
  return doubles(
    x.shape,
    (index) => elementAt(x, index.map((i, axis) => axes.includes(axis) ? x.shape[axis] - 1 - i : i)),
  );
}

/** Slices along an axis by integers, those outside moved to the nearest one inside. */
export function gathered(x: Doubles, indices: Doubles, axis: number): Doubles {
  const rank = indices.shape.length;
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return doubles(shape, (index) => {
    const wanted = elementAt(indices, index.slice(axis, axis + rank));
    if (wanted < 0 || wanted >= x.shape[axis]) return NaN;
    return elementAt(x, [...index.slice(0, axis), wanted, ...index.slice(axis + rank)]);
  });
}
