/** Layers that make one of several: sums, products, means, and one behind another */
import { text, whole } from "../../../engine/option_kinds.ts";
import { optional, readOptions } from "../../../engine/options.ts";
import { broadcastShapes, formatShape, type Shape } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { add, concat, mul, reshape, zeros } from "../../../ops/mod.ts";
import type { Layer } from "../../layer.ts";
import { needsWhole } from "../core/whole_sequences.ts";

/** Options of {@linkcode addLayers} and the like. */
export interface MergeOptions {
  /** The layer's name in the model. */
  readonly name?: string;
}

/** Options of {@linkcode concatLayers}. */
export interface ConcatLayersOptions extends MergeOptions {
  /** The axis along which they are joined, counted without the batch, from the end where it is below 0; -1 when left out. */
  readonly axis?: number;
}

/** More than any tensor has. */
const MOST_AXES = 64;

/** With axes of size 1 between batch and example, so that what has fewer axes is stretched as an example is. */
const withAxes = (x: Tensor, axes: number): Tensor =>
  x.rank === axes + 1
    ? x
    : reshape(x, [x.shape[0], ...Array.from({ length: axes + 1 - x.rank }, () => 1), ...x.shape.slice(1)]);

function merging(
  type: string,
  options: MergeOptions,
  merge: (a: Tensor, b: Tensor) => Tensor,
  finish = (x: Tensor, _count: number) => x,
): Layer {
  const { name } = readOptions(`make ${type}`, options, { name: optional(text) });
  return {
    type,
    name,
    config: {},
    arity: "several",
    outputShape: (...inputs) => {
      const shape = broadcastShapes(...inputs);
      if (shape) return shape;
      throw new RangeError(
        `Cannot use ${type} on ${
          inputs.map(formatShape).join(" and ")
        }: sizes have to be equal, or 1 in one of them`,
      );
    },
    weights: () => [],
    apply: (_, { inputs }) => {
      const axes = Math.max(...inputs.map((x) => x.rank)) - 1;
      return finish(inputs.map((x) => withAxes(x, axes)).reduce(merge), inputs.length);
    },
  };
}

/**
 * A layer that adds its inputs, as at the end of a residual block. Axes of size 1, or that one of them lacks in front, are
 * stretched. (The op of tensors is `add`.)
 *
 * @throws {RangeError} when shapes do not fit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { graph, input, layers, merge } from "@gesso/gesso";
 *
 * const image = input([8, 8, 16]);
 * const block = image.to(layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" }));
 * const model = graph({ inputs: image, outputs: merge(layers.addLayers(), [image, block]) });
 * assertEquals(model.outputShape, [8, 8, 16]);
 * ```
 */
export const addLayers = (options: MergeOptions = {}): Layer => merging("addLayers", options, add);

/**
 * A layer that multiplies its inputs, as a gate does: features `[height, width, channels]` by weights `[channels]`, say. See
 * {@linkcode addLayers}.
 */
export const multiplyLayers = (options: MergeOptions = {}): Layer => merging("multiplyLayers", options, mul);

/** A layer that takes the mean of its inputs. See {@linkcode addLayers}. */
export const averageLayers = (options: MergeOptions = {}): Layer =>
  merging("averageLayers", options, add, (x, count) => mul(x, 1 / count));

/**
 * A layer that joins its inputs along an axis, the last one (the channels) when left out. All other sizes have to be equal.
 * (The op of tensors is `concat`.)
 *
 * @throws {RangeError} when shapes do not fit, or there is no such axis.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { graph, input, layers, merge } from "@gesso/gesso";
 *
 * const [a, b] = [input([8, 8, 16], { name: "a" }), input([8, 8, 3], { name: "b" })];
 * const model = graph({ inputs: { a, b }, outputs: merge(layers.concatLayers(), [a, b]) });
 * assertEquals(model.outputShape, [8, 8, 19]);
 * ```
 */
export function concatLayers(options: ConcatLayersOptions = {}): Layer {
  const { axis, name } = readOptions("make concatLayers", options, {
    axis: optional(whole(-MOST_AXES), -1),
    name: optional(text),
  });
  const joined = (inputs: readonly Tensor[]) => concat(inputs, axis < 0 ? axis : axis + 1);
  return {
    type: "concatLayers",
    name,
    config: { axis },
    arity: "several",
    outputShape: (...inputs: readonly Shape[]) => {
      if (inputs.some(({ length }) => axis < -length || axis >= length)) {
        throw new RangeError(
          `Cannot use concatLayers on ${
            inputs.map(formatShape).join(" and ")
          } along axis ${axis}: there is none, ` +
            "without the batch axis",
        );
      }
      return joined(inputs.map((shape) => zeros([1, ...shape]))).shape.slice(1);
    },
    weights: () => [],
    carry: (input, ...others) =>
      axis === 0 || axis === -input.length
        ? needsWhole("it puts sequences one behind another")(input, ...others)
        : {},
    apply: (_, { inputs }) => joined(inputs),
  };
}
