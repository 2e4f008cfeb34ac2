/** The gradient of stretching: a sum over all that was stretched. */
import { formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { broadcastTo } from "../movement/broadcast_to.ts";
import { cast } from "./cast.ts";
import { sum } from "../reduction/reduce.ts";
import { reshape } from "../movement/reshape.ts";

/** `x` summed to a shape from which it could have been stretched, or stretched to it where it is smaller. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.rank - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < extra || shape[axis - extra] === 1 && size !== 1 ? [axis] : []
  );
  // Halves are for storage: they are added up as floats.
  const total = () => x.dtype === "float16" ? cast(sum(cast(x, "float32"), axes), "float16") : sum(x, axes);
  const summed = axes.length > 0 ? reshapeTo(total(), shape) : x;
  return sameShape(summed.shape, shape) ? summed : broadcastTo(summed, shape);
}

function reshapeTo(x: Tensor, shape: Shape): Tensor {
  if (x.size === shape.reduce((a, b) => a * b, 1)) return reshape(x, shape);
  throw new RangeError(`Cannot sum ${formatShape(x.shape)} to ${formatShape(shape)}`);
}
