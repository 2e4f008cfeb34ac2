/**
 * y = (x - m) / sqrt(v + e) over axes, with m their mean and v the mean of (x - m)^2; for RMS normalization m is zero.
 *
 * Its gradient is written out: two sums over the same elements, and what comes of them.
 */
import { from } from "../../engine/option_kinds.ts";
import { optional } from "../../engine/options.ts";
import { formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { mul } from "../elementwise/mul.ts";
import { meanOf, momentsOf } from "../reduction/moments_of.ts";
import { rsqrt } from "../elementwise/rsqrt.ts";
import { square } from "../elementwise/square.ts";
import { sub } from "../elementwise/sub.ts";
import { tensorKind } from "../tensor_kind.ts";

interface NormalizeAttrs {
  /** The name for messages. */
  readonly what: string;
  readonly axes: readonly number[];
  readonly epsilon: number;
  /** Whether the mean is taken off. */
  readonly centred: boolean;
}

/** What is normalized, and what it is multiplied by. */
function partsOf(x: Tensor, { axes, epsilon, centred }: NormalizeAttrs): { x: Tensor; factor: Tensor } {
  if (!centred) return { x, factor: rsqrt(add(meanOf(square(x), axes), epsilon)) };
  const { distance, variance } = momentsOf(x, axes);
  return { x: distance, factor: rsqrt(add(variance, epsilon)) };
}

const normalizeOp: Op<NormalizeAttrs> = {
  name: "normalize",
  inferShape: ([x], { what }) => {
    if (x.dtype !== "float32") {
      throw new TypeError(`Cannot apply ${what} to ${x.dtype}: it takes float32 (see cast)`);
    }
    return { dtype: "float32", shape: x.shape };
  },
  // What the mean and the factor give back, summed up: two sums over the same elements, which one kernel takes.
  vjp: (g, y) => {
    const { axes, centred } = y.attrs;
    const along = mul(y, meanOf(mul(g, y), axes));
    const rest = centred ? sub(sub(g, meanOf(g, axes)), along) : sub(g, along);
    return [mul(rest, partsOf(y.inputs[0], y.attrs).factor)];
  },
  body: { kind: "composite" },
  flops: ({ size }) => 6 * size,
  simplify: ({ inputs: [x], attrs }) => {
    const parts = partsOf(x, attrs);
    return mul(parts.x, parts.factor);
  },
};

/** What all normalizations can be given. */
export interface NormalizationOptions {
  /** What the result is multiplied by; left as it is when left out. */
  readonly scale?: Tensor;
  /** What is added to that; nothing when left out. */
  readonly offset?: Tensor;
  /** Added to the variance, so that nothing is divided by zero. */
  readonly epsilon?: number;
}

/** The options that normalizations have, as they are read. */
export const normalizationOptions = (epsilon: number) => ({
  scale: optional(tensorKind),
  offset: optional(tensorKind),
  epsilon: optional(from(0), epsilon),
});

/** `x` brought to mean zero (if `centred`) and variance one over axes. */
export function normalized(
  what: string,
  x: Tensor,
  axes: readonly number[],
  epsilon: number,
  centred = true,
): Tensor {
  return apply(normalizeOp, [x], { what, axes, epsilon, centred });
}

/** Scaled and shifted by tensors that are stretched to `y`, each of the shape that is asked for. */
export function scaledAndShifted(
  what: string,
  y: Tensor,
  { scale, offset }: NormalizationOptions,
  shape: Shape,
): Tensor {
  for (const [name, part] of [["scale", scale], ["offset", offset]] as const) {
    if (part && (part.dtype !== "float32" || !sameShape(part.shape, shape))) {
      throw new RangeError(
        `Cannot apply ${what} to ${formatShape(y.shape)} with ${name} ${part.dtype} ${
          formatShape(part.shape)
        }: it has to be float32 ${formatShape(shape)}`,
      );
    }
  }
  const scaled = scale ? mul(y, scale) : y;
  return offset ? add(scaled, offset) : scaled;
}
