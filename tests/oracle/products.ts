/** Matrix products and convolutions in plain loops, from their definitions. */
import { type Doubles, doubles, elementAt, stretchedShape } from "./doubles.ts";
import { transposed } from "./movement.ts";

const turned = (x: Doubles): Doubles => {
  const order = x.shape.map((_, axis) => axis);
  order.push(...order.splice(-2).reverse());
  return transposed(x, order);
};

/** The matrix product of the last two axes; axes before those are stretched. */
export function matrixProduct(a: Doubles, b: Doubles, transposeA = false, transposeB = false): Doubles {
  if (transposeA) a = turned(a);
  if (transposeB) b = turned(b);
  const batch = stretchedShape(a.shape.slice(0, -2), b.shape.slice(0, -2), []);
  const [rows, inner] = a.shape.slice(-2);
  const columns = b.shape.at(-1)!;
  const outerOf = (x: Doubles, index: number[]) => {
    const own = x.shape.slice(0, -2);
    return own.map((size, i) => size === 1 ? 0 : index[batch.length - own.length + i]);
  };
  return doubles([...batch, rows, columns], (index) => {
    const [i, j] = index.slice(-2);
    const [outerA, outerB] = [outerOf(a, index), outerOf(b, index)];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum += elementAt(a, [...outerA, i, k]) * elementAt(b, [...outerB, k, j]);
    }
    return sum;
  });
}

/** How windows lie, spelled out per axis. */
export interface WindowOptions {
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly padding?: "valid" | "same" | readonly [readonly [number, number], readonly [number, number]];
  readonly groups?: number;
}

/** For one axis: the number of windows and what is added before. */
export function windowsAlong(
  axis: 0 | 1,
  input: number,
  size: number,
  { strides = [1, 1], dilations = [1, 1], padding = "valid" }: WindowOptions,
): { count: number; before: number } {
  const reach = (size - 1) * dilations[axis] + 1;
  if (padding === "same") {
    const count = Math.ceil(input / strides[axis]);
    const missing = Math.max(0, (count - 1) * strides[axis] + reach - input);
    return { count, before: Math.floor(missing / 2) };
  }
  const [before, after] = padding === "valid" ? [0, 0] : padding[axis];
  let count = 0;
  while (count * strides[axis] + reach <= input + before + after) count++;
  return { count, before };
}

/** A convolution: images NHWC, weights HWIO. */
export function convolution(x: Doubles, w: Doubles, options: WindowOptions = {}): Doubles {
  const { strides = [1, 1], dilations = [1, 1], groups = 1 } = options;
  const [batch, height, width] = x.shape;
  const [windowHeight, windowWidth, channels, filters] = w.shape;
  const rows = windowsAlong(0, height, windowHeight, options);
  const columns = windowsAlong(1, width, windowWidth, options);
  return doubles([batch, rows.count, columns.count, filters], ([n, i, j, o]) => {
    const group = Math.floor(o / (filters / groups));
    let sum = 0;
    for (let k = 0; k < windowHeight; k++) {
      const row = i * strides[0] + k * dilations[0] - rows.before;
      if (row < 0 || row >= height) continue;
      for (let l = 0; l < windowWidth; l++) {
        const column = j * strides[1] + l * dilations[1] - columns.before;
        if (column < 0 || column >= width) continue;
        for (let c = 0; c < channels; c++) {
          sum += elementAt(x, [n, row, column, group * channels + c]) * elementAt(w, [k, l, c, o]);
        }
      }
    }
    return sum;
  });
}

/** A pool: `combine` gets the elements of a window that are inside of the image. */
export function pool(
  x: Doubles,
  size: readonly [number, number],
  combine: (values: number[]) => number,
  options: WindowOptions = {},
): Doubles {
  const { strides = size } = options;
  const [batch, height, width, channels] = x.shape;
  const placed = { ...options, strides };
  const rows = windowsAlong(0, height, size[0], placed);
  const columns = windowsAlong(1, width, size[1], placed);
  return doubles([batch, rows.count, columns.count, channels], ([n, i, j, c]) => {
    const values: number[] = [];
    for (let k = 0; k < size[0]; k++) {
      for (let l = 0; l < size[1]; l++) {
        const [row, column] = [i * strides[0] + k - rows.before, j * strides[1] + l - columns.before];
        const isInside = row >= 0 && row < height && column >= 0 && column < width;
        if (isInside) values.push(elementAt(x, [n, row, column, c]));
      }
    }
    return combine(values);
  });
}
