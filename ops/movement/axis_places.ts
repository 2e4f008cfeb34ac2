/** Places as in NumPy: numbers, ranges, and all that is left out */
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";

/** From where, up to and without where, and in which steps; `null`, or nothing, leaves it to the axis. */
export type AxisRange = readonly [from?: number | null, to?: number | null, step?: number | null];

/** One of an axis, which is then gone; a range; or `"..."` for all axes that are not named. */
export type AxisPlace = number | AxisRange | "...";

/**
 * What lies at a place of each axis, in NumPy's way: `at(x, -1)` is `x[-1]`, `at(x, [1, -1], "...", 0)` is
 * `x[1:-1, ..., 0]`, and `at(x, [null, null, -1])` is `x[::-1]`. Numbers below zero count from the end. A range is cut off
 * where the axis ends; axes that are not named stay whole. Costs nothing where it is used by other ops.
 *
 * @throws {RangeError} when a number is not on its axis, there are more places than axes, or a step is zero.
 * @throws {TypeError} when a place is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * assertEquals([...(await compute(ops.at(x, -1))).data], [4, 5, 6]);
 * assertEquals([...(await compute(ops.at(x, [], [null, null, -2]))).data], [3, 1, 6, 4]);
 * assertEquals([...(await compute(ops.at(x, "...", 0))).data], [1, 4]);
 * ```
 */
export function at(x: Tensor, ...places: readonly AxisPlace[]): Tensor {
  const all = spreadOut(x, places);
  const taken = all.map((place, axis) =>
    typeof place === "number" ? single(x, place, axis) : range(x, place, axis)
  );
  const block = slice(
    x,
    taken.map((t) => t.start),
    taken.map((t) => t.size),
    taken.map((t) => t.stride),
  );
  return reshape(block, block.shape.filter((_, axis) => typeof all[axis] !== "number"));
}

const shown = (places: readonly unknown[]) => JSON.stringify(places).slice(1, -1);

/** A place for each axis. */
function spreadOut(x: Tensor, places: readonly AxisPlace[]): (number | AxisRange)[] {
  const refuse = (reason: string, kind: typeof RangeError | typeof TypeError = RangeError): never => {
    throw new kind(`Cannot take at (${shown(places)}) of ${formatShape(x.shape)}: ${reason}`);
  };
  const isEnd = (value: unknown) => value === null || value === undefined || Number.isInteger(value);
  for (const place of places) {
    const isRange = Array.isArray(place) && place.length <= 3 && place.every(isEnd);
    if (!isRange && !Number.isInteger(place) && place !== "...") {
      refuse('a place is a whole number, [from, to, step] or "..."', TypeError);
    }
    if (Array.isArray(place) && place[2] === 0) refuse("a step has to be other than 0");
  }
  const named = places.filter((place) => place !== "...").length;
  if (places.length - named > 1) refuse('there may be only one "..."');
  if (named > x.rank) refuse(`there are ${named} places for ${x.rank} axes`);
  const rest = new Array<AxisRange>(x.rank - named).fill([]);
  const given = places.length === named ? [...places, "..." as const] : places;
  return given.flatMap((place) => place === "..." ? rest : [place]);
}

interface Taken {
  readonly start: number;
  readonly size: number;
  readonly stride: number;
}

function single(x: Tensor, place: number, axis: number): Taken {
  const n = x.shape[axis];
  if (place < -n || place >= n) {
    throw new RangeError(
      `Cannot take at ${place} of axis ${axis} of ${formatShape(x.shape)}: ` +
        (n === 0 ? "it is empty" : `it goes from ${-n} to ${n - 1}`),
    );
  }
  return { start: place < 0 ? place + n : place, size: 1, stride: 1 };
}

function range(x: Tensor, [from, to, step]: AxisRange, axis: number): Taken {
  const n = x.shape[axis];
  const stride = step ?? 1;
  const [least, most] = stride > 0 ? [0, n] : [-1, n - 1];
  const end = (value: number | null | undefined, otherwise: number) =>
    value === null || value === undefined
      ? otherwise
      : Math.min(Math.max(value < 0 ? value + n : value, least), most);
  const start = end(from, stride > 0 ? least : most);
  const size = Math.max(0, Math.ceil((end(to, stride > 0 ? most : least) - start) / stride));
  return { start: size === 0 ? 0 : start, size, stride };
}
