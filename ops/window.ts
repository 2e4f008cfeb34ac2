/** How windows of convolutions and pools lie on the two spatial axes of an image batch. */
import { formatShape, type Shape } from "../engine/shape.ts";

/**
 * What is added around an image: `"valid"` nothing, `"same"` zeros so that `ceil(size / stride)` windows fit (more
 * behind than before where it is odd), a number on all sides, or `[[top, bottom], [left, right]]`.
 */
export type WindowPadding =
  | "valid"
  | "same"
  | number
  | readonly [readonly [number, number], readonly [number, number]];

/** One number for both axes, or `[rows, columns]`. */
export type Pair = number | readonly [number, number];

/** Windows as numbers, per axis (rows, columns). */
export interface Windows {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

const pair = (value: Pair): [number, number] =>
  typeof value === "number" ? [value, value] : [value[0], value[1]];

/** Works out padding for an input of `[height, width]`. */
export function windowsOf(
  what: string,
  input: readonly [number, number],
  size: readonly [number, number],
  options: { strides?: Pair; padding?: WindowPadding; dilations?: Pair },
): Windows {
  const strides = pair(options.strides ?? 1);
  const dilations = pair(options.dilations ?? 1);
  const isWhole = (n: number) => Number.isInteger(n) && n >= 1;
  if (![...size, ...strides, ...dilations].every(isWhole)) {
    throw new RangeError(
      `Cannot apply ${what} with windows ${formatShape(size)}, strides ${
        formatShape(strides)
      } and dilations ` +
        `${formatShape(dilations)}: all have to be whole numbers from 1`,
    );
  }
  const { padding = "valid" } = options;
  const before: [number, number] = [0, 0];
  const after: [number, number] = [0, 0];
  for (const axis of [0, 1] as const) {
    if (padding === "valid") continue;
    if (padding === "same") {
      const count = Math.ceil(input[axis] / strides[axis]);
      const reach = (count - 1) * strides[axis] + (size[axis] - 1) * dilations[axis] + 1;
      const total = Math.max(0, reach - input[axis]);
      before[axis] = Math.floor(total / 2);
      after[axis] = total - before[axis];
    } else {
      [before[axis], after[axis]] = typeof padding === "number" ? [padding, padding] : padding[axis];
    }
  }
  if ([...before, ...after].some((n) => !Number.isInteger(n) || n < 0)) {
    throw new RangeError(
      `Cannot apply ${what} with padding ${JSON.stringify(padding)}: ` +
        `it takes "valid", "same", a whole number from 0, or [[top, bottom], [left, right]]`,
    );
  }
  return { size: [size[0], size[1]], strides, dilations, before, after };
}

/** `[height, width]` of the result: the number of windows; throws where not even one fits. */
export function windowCounts(what: string, input: Shape, windows: Windows): [number, number] {
  const counts = ([0, 1] as const).map((axis) => {
    const reach = (windows.size[axis] - 1) * windows.dilations[axis] + 1;
    return Math.floor(
      (input[axis] + windows.before[axis] + windows.after[axis] - reach) / windows.strides[axis],
    ) + 1;
  });
  if (counts.some((n) => n < 1)) {
    throw new RangeError(
      `Cannot apply ${what} to an image of ${formatShape(input)}: a window of ${formatShape(windows.size)}` +
        `${
          windows.dilations.some((d) => d > 1) ? ` dilated by ${formatShape(windows.dilations)}` : ""
        } is larger`,
    );
  }
  return [counts[0], counts[1]];
}
