/** Convolutions, their transposes and pools over any number of axes, window by window. */
import { countOf, type Doubles, doubles, elementAt, indicesOf, positionOf } from "./doubles.ts";

/** How windows lie along each axis. */
export interface Layout {
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  /** What comes before and behind along each axis, or zeros for as many windows as there are strides. */
  readonly padding?: "valid" | "same" | readonly (readonly number[])[];
  readonly groups?: number;
}

interface Placed {
  readonly counts: number[];
  readonly before: number[];
  /** The place that an element of a window sees. */
  seen(window: readonly number[], element: readonly number[]): number[];
}

function place(input: readonly number[], size: readonly number[], layout: Layout): Placed {
  const ones = size.map(() => 1);
  const { strides = ones, dilations = ones, padding = "valid" } = layout;
  const reach = size.map((n, a) => (n - 1) * dilations[a] + 1);
  const ends = input.map((n, a) => {
    if (padding === "valid") return [0, 0];
    if (padding !== "same") return padding[a];
    const missing = Math.max(0, (Math.ceil(n / strides[a]) - 1) * strides[a] + reach[a] - n);
    return [Math.floor(missing / 2), missing - Math.floor(missing / 2)];
  });
  return {
    counts: input.map((n, a) => Math.floor((n + ends[a][0] + ends[a][1] - reach[a]) / strides[a]) + 1),
    before: ends.map(([before]) => before),
    seen: (window, element) => window.map((i, a) => i * strides[a] + element[a] * dilations[a] - ends[a][0]),
  };
}

const isInside = (index: readonly number[], shape: readonly number[]) =>
  index.every((i, a) => i >= 0 && i < shape[a]);

/** A convolution: `[batch, ...axes, channels]` by `[...window, channels / groups, filters]`. */
export function convolved(x: Doubles, w: Doubles, layout: Layout): Doubles {
  const { groups = 1 } = layout;
  const [input, size] = [x.shape.slice(1, -1), w.shape.slice(0, -2)];
  const [channels, filters] = w.shape.slice(-2);
  const { counts, seen } = place(input, size, layout);
  return doubles([x.shape[0], ...counts, filters], ([n, ...rest]) => {
    const filter = rest.pop()!;
    const group = Math.floor(filter / (filters / groups));
    let sum = 0;
    for (const [...element] of indicesOf([...size, channels])) {
      const channel = element.pop()!;
      const at = seen(rest, element);
      if (!isInside(at, input)) continue;
      sum += elementAt(x, [n, ...at, group * channels + channel]) *
        elementAt(w, [...element, channel, filter]);
    }
    return sum;
  });
}

/** The transpose: each element of `x` is spread over its window in a result of this shape. */
export function spread(x: Doubles, w: Doubles, output: readonly number[], layout: Layout): Doubles {
  const { groups = 1 } = layout;
  const size = w.shape.slice(0, -2);
  const [perGroup, channels] = w.shape.slice(-2);
  const { seen } = place(output, size, layout);
  const shape = [x.shape[0], ...output, perGroup * groups];
  const data = new Float64Array(countOf(shape));
  for (const [n, ...rest] of indicesOf(x.shape)) {
    const channel = rest.pop()!;
    const group = Math.floor(channel / (channels / groups));
    for (const [...element] of indicesOf([...size, perGroup])) {
      const filter = element.pop()!;
      const at = seen(rest, element);
      if (!isInside(at, output)) continue;
      data[positionOf(shape, [n, ...at, group * perGroup + filter])] += elementAt(x, [n, ...rest, channel]) *
        elementAt(w, [...element, filter, channel]);
    }
  }
  return { data, shape };
}

/** A pool: `combine` gets the elements of a window that are inside. */
export function pooledOver(
  x: Doubles,
  size: readonly number[],
  combine: (values: number[]) => number,
  layout: Layout,
): Doubles {
  const input = x.shape.slice(1, -1);
  const { counts, seen } = place(input, size, { strides: size, ...layout });
  return doubles([x.shape[0], ...counts, x.shape.at(-1)!], ([n, ...rest]) => {
    const channel = rest.pop()!;
    const places = indicesOf(size).map((element) => seen(rest, element)).filter((at) => isInside(at, input));
    return combine(places.map((at) => elementAt(x, [n, ...at, channel])));
  });
}
