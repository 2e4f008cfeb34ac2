/** y[i] = x[i - 1] along an axis, and a number before the first */
import { amongZeros, pad } from "./pad.ts";
import type { Course } from "../cumulative/prefix.ts";
import { slice } from "./slice.ts";
import type { Tensor } from "../../engine/tensor.ts";

/** Each element one place further on; the last one is gone, and `first` is where the first was. */
export function shiftAlong(x: Tensor, { axis, reverse }: Course, first: number): Tensor {
  const [gone, added] = x.shape[axis] === 0 ? [0, 0] : reverse ? [1, 0] : [0, 1];
  const one = Math.min(1, x.shape[axis]);
  const kept = slice(
    x,
    x.shape.map((_, i) => i === axis ? gone : 0),
    x.shape.map((n, i) => i === axis ? n - one : n),
  );
  const before = x.shape.map((_, i) => i === axis ? added : 0);
  if (first === 0) return amongZeros(kept, before, x.shape);
  return pad(kept, before.map((n, i) => [n, i === axis ? one - n : 0]), first);
}
