/**
 * The gradient of conv2d to images of few channels: what each window gives to each of its elements is a product of
 * matrices, as wide as a window has elements, and each element then adds up what it was given. The plain way would have as
 * few columns as there are channels.
 */
import { f32 } from "../../engine/expression/expr.ts";
import { indexSum } from "../../engine/expression/index_math.ts";
import { type Shape, sizeOf } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import type { ConvolutionAttrs } from "./convolution_places.ts";
import { matmul } from "./matmul.ts";
import { pad } from "../movement/pad.ts";
import { reshape } from "../movement/reshape.ts";
import { transpose } from "../movement/transpose.ts";
import type { Windows } from "../window/window.ts";

/** More channels fill vectors by themselves. */
const FEW_CHANNELS = 4;
/** Elements of a window, with channels, that are worth keeping for each; and filters that make a product of it. */
const MOST_ELEMENTS = 64;
const FEWEST_FILTERS = 8;

/** x[n, r, q, c] = sum of shares[n, r + p - k d, q + p - l d, (k, l, c)] over k and l, as far as there are such windows */
const sharesAddedOp: Op<{ windows: Windows; shape: Shape }> = {
  name: "sharesAdded",
  inferShape: (_inputs, { shape }) => ({ dtype: "float32", shape }),
  body: {
    kind: "reduce",
    reduceOp: "sum",
    over: (_inputs, { windows }) => windows.size,
    value: ({ index: [n, r, q, c], loadOr, attrs: { windows, shape } }, [k, l]) => {
      const { size, dilations: [down, across], before: [above, left] } = windows;
      const channels = shape[3];
      return loadOr(0, [
        n,
        indexSum([[r, 1], [k, -down]], above),
        indexSum([[q, 1], [l, -across]], left),
        indexSum([[k, size[1] * channels], [l, channels], [c, 1]]),
      ], f32(0));
    },
  },
  flops: ({ size, attrs: { windows } }) => size * sizeOf(windows.size),
};

/** The gradient to an image of this shape, or `undefined` where the plain way is as good. */
export function gradientInShares(
  dy: Tensor,
  w: Tensor,
  shape: Shape,
  { windows, groups }: ConvolutionAttrs,
): Tensor | undefined {
  const [k, l, channels, filters] = w.shape;
  const elements = k * l * channels;
  if (groups > 1 || windows.strides.some((s) => s > 1) || channels > FEW_CHANNELS) return undefined;
  if (k * l < 2 || elements > MOST_ELEMENTS || filters < FEWEST_FILTERS || dy.size === 0) return undefined;
  const places = dy.shape.slice(0, 3);
  // Columns by fours are stored by fours.
  const columns = Math.ceil(elements / 4) * 4;
  const rows = pad(reshape(w, [elements, filters]), [[0, columns - elements], [0, 0]]);
  const each = matmul(reshape(dy, [sizeOf(places), filters]), transpose(rows));
  return apply(sharesAddedOp, [reshape(each, [...places, columns])], { windows, shape });
}
