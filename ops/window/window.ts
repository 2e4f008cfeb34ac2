/** How windows of convolutions and pools lie on the axes of an image, a sequence or a volume. */
import { either, type Kind, listOf, oneOf, pairOf, whole } from "../../engine/option_kinds.ts";
import { optional, type Values } from "../../engine/options.ts";
import { checkShape, formatShape, type Shape } from "../../engine/shape.ts";

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

/** Windows as numbers, per axis. */
export interface Windows {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Options of windows over any number of axes. */
export interface PlacedWindows {
  readonly strides: readonly number[];
  readonly padding: "valid" | "same" | number | readonly (readonly [number, number])[];
  readonly dilations: readonly number[];
}

/** Whole numbers from 1 for both axes: sizes of windows, steps between them and within them. */
export const windowSizes: Kind<readonly [number, number]> = pairOf(whole(1));

const sides = listOf(listOf(whole(), 2), 2) as unknown as Kind<
  readonly [readonly [number, number], readonly [number, number]]
>;

/** What is added around an image. */
const windowPadding: Kind<WindowPadding> = {
  says: `"valid", "same", a whole number from 0, or [[top, bottom], [left, right]]`,
  read: either(either(oneOf(["valid", "same"]), whole()), sides).read,
  isNumeric: true,
};

/** How windows lie, as options of ops and layers say it; what is left out is `"valid"` with steps of one. */
export const windowOptions = {
  strides: optional(windowSizes, [1, 1]),
  padding: optional(windowPadding, "valid"),
  dilations: optional(windowSizes, [1, 1]),
};

/** Options that were read. */
export type WindowOptions = Values<typeof windowOptions>;

/** Works out padding for an input of `[height, width]`, or of as many axes as windows have. */
export function windowsOf(
  what: string,
  input: Shape,
  size: Shape,
  { strides, padding, dilations }: PlacedWindows,
): Windows {
  const before = size.map(() => 0);
  const after = size.map(() => 0);
  for (let axis = 0; axis < size.length; axis++) {
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
    // Windows go over the image with all that is around it, and places are counted there, too.
    checkShape(`apply ${what} to an image with padding around`, [before[axis] + input[axis] + after[axis]]);
  }
  return { size, strides, dilations, before, after };
}

/** `[height, width]` of the result: the number of windows along each axis; throws where not even one fits. */
export function windowCounts(what: string, input: Shape, windows: Windows): number[] {
  const counts = windows.size.map((size, axis) => {
    const reach = (size - 1) * windows.dilations[axis] + 1;
    return Math.floor(
      (input[axis] + windows.before[axis] + windows.after[axis] - reach) / windows.strides[axis],
    ) + 1;
  });
  if (counts.some((n) => n < 1)) {
    throw new RangeError(
      `Cannot apply ${what} to an ${windows.size.length === 2 ? "image" : "input"} of ${
        formatShape(input)
      }: a window of ${formatShape(windows.size)}` +
        `${
          windows.dilations.some((d) => d > 1) ? ` dilated by ${formatShape(windows.dilations)}` : ""
        } is larger`,
    );
  }
  return counts;
}
