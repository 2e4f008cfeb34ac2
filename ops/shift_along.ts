/** y[i] = x[i - 1] along an axis, and a number before the first */
import { amongZeros, pad } from "./pad.ts";
import { slice } from "./slice.ts";
import type { Tensor } from "../engine/tensor.ts";

/** Each element one place further on along an axis; the last one is gone, and `first` is in front. */
export function shiftAlong(x: Tensor, axis: number, first: number): Tensor {
  const kept = slice(x, x.shape.map(() => 0), x.shape.map((n, i) => i === axis ? Math.max(0, n - 1) : n));
  const before = x.shape.map((n, i) => i === axis ? Math.min(1, n) : 0);
  return first === 0 ? amongZeros(kept, before, x.shape) : pad(kept, before.map((n) => [n, 0]), first);
}
