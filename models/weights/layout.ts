/**
 * How libraries keep the weights of layers. A weight is made of one tensor of a file, or of the sum of several, each moved to
 * the places that its numbers have here.
 */
import { type Shape, sizeOf } from "../../engine/shape.ts";
import type { Layer, WeightSpec } from "../layer.ts";

/** What a weight takes from one tensor. */
export interface Part {
  /** The tensor's own name, without the module's. */
  readonly name: string;
  /** What stands behind all the rest of its name, such as `_reverse`; nothing when left out. */
  readonly ending?: string;
  /** The shape that it has to have. */
  readonly shape: Shape;
  /** The weight's elements out of its own. */
  take(data: Float32Array): Float32Array;
}

/** A way to make a weight: the sum of its parts. */
export type Way = readonly Part[];

/** How a library keeps weights. */
export interface Layout {
  /** What stands between the name of a module and that of its tensor. */
  readonly separator: string;
  /** The ways to make a weight of a layer, best first. */
  ways(layer: Layer, weight: WeightSpec): readonly Way[];
  /** Tensors that no layer here has a use for. */
  readonly ignored?: RegExp;
}

/** A tensor that is the weight. */
export const kept = (name: string, shape: Shape): Part => ({ name, shape, take: (data) => data });

/** A tensor whose axis `axes[i]` is axis `i` of the weight. */
export function turned(name: string, weight: Shape, axes: readonly number[]): Part {
  const shape = axes.map((_, axis) => weight[axes.indexOf(axis)]);
  return { name, shape, take: (data) => permuted(data, shape, axes) };
}

/** Elements of a shape in another order of its axes. */
function permuted(data: Float32Array, shape: Shape, axes: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const result = new Float32Array(data.length);
  let at = 0;
  const fill = (axis: number, from: number): void => {
    if (axis === axes.length) {
      result[at++] = data[from];
      return;
    }
    const stride = strides[axes[axis]];
    for (let i = 0; i < shape[axes[axis]]; i++) fill(axis + 1, from + i * stride);
  };
  fill(0, 0);
  return result;
}

/**
 * The last axis in `blocks` equal blocks, in another order: block `i` of the result is block `order[i]`, or zeros where that
 * is `undefined`. Fewer may be taken than there are.
 */
export function inBlocks(
  data: Float32Array,
  width: number,
  blocks: number,
  order: readonly (number | undefined)[],
): Float32Array {
  const [rows, columns] = [data.length / width, width / blocks];
  const result = new Float32Array(rows * order.length * columns);
  for (let row = 0; row < rows; row++) {
    order.forEach((block, i) => {
      if (block === undefined) return;
      const from = row * width + block * columns;
      result.set(data.subarray(from, from + columns), (row * order.length + i) * columns);
    });
  }
  return result;
}

/** The same part, its elements moved once more. */
export const then = (part: Part, move: (data: Float32Array) => Float32Array): Part => ({
  ...part,
  take: (data) => move(part.take(data)),
});
