/** Tensors laid one after another in one block, each starting at a multiple of four elements */
import { copyOf } from "../../engine/graph/copy.ts";
import { listOf, shapeKind } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape, sameShape, type Shape, sizeOf } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";

/** Where tensors lie in a packed block. */
export interface PackLayout {
  /** The shape of each. */
  readonly shapes: readonly Shape[];
  /** The first element of each, a multiple of four, so that vectors of four stay whole. */
  readonly offsets: readonly number[];
  /** Elements of the block. */
  readonly size: number;
}

const packOp: Op<PackLayout> = {
  name: "pack",
  inferShape: (inputs, { size }) => {
    if (inputs.length === 0) throw new RangeError("Cannot apply pack to no inputs: it takes one or more");
    const [{ dtype }] = inputs;
    if (inputs.some((x) => x.dtype !== dtype)) {
      const dtypes = inputs.map((x) => x.dtype).join(", ");
      throw new TypeError(`Cannot apply pack to ${dtypes}: it takes inputs of one dtype (see cast)`);
    }
    return { dtype, shape: [size] };
  },
  vjp: (g, { attrs }) => unpack(g, attrs),
  body: { kind: "pack", offsets: ({ offsets }) => offsets },
  flops: () => 0,
};

/**
 * The layout of tensors of these shapes in one block.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ops } from "@gesso/gesso";
 *
 * assertEquals(ops.packLayout([[3], [2, 2]]).offsets, [0, 4]);
 * ```
 */
export function packLayout(shapes: readonly Shape[]): PackLayout {
  readValue("lay out a pack", "shapes", shapes, listOf(shapeKind));
  let size = 0;
  const offsets = shapes.map((shape) => {
    const offset = size;
    size += Math.ceil(sizeOf(shape) / 4) * 4;
    return offset;
  });
  return { shapes, offsets, size };
}

/**
 * Tensors in one block, `[size]`: the kernels that make them write them there, nothing is copied. Elements between
 * them are zero. An optimizer so updates all weights in one kernel.
 *
 * @throws {TypeError} when dtypes differ.
 * @throws {RangeError} when there are no tensors.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.pack([tensor([1, 2, 3]), tensor([4])]))).data], [1, 2, 3, 0, 4, 0, 0, 0]);
 * ```
 */
export function pack(tensors: readonly Tensor[]): Tensor {
  return apply(packOp, tensors.map(copyOf), packLayout(tensors.map((t) => t.shape)));
}

/**
 * The tensors of a packed block; see {@linkcode pack}. They are views: nothing is copied.
 *
 * @throws {RangeError} when the block is not of the layout's size.
 */
export function unpack(block: Tensor, layout: PackLayout): Tensor[] {
  if (!sameShape(block.shape, [layout.size])) {
    throw new RangeError(
      `Cannot apply unpack to ${formatShape(block.shape)}: its layout is that of a block ${
        formatShape([layout.size])
      }`,
    );
  }
  return layout.shapes.map((shape, i) => reshape(slice(block, [layout.offsets[i]], [sizeOf(shape)]), shape));
}
