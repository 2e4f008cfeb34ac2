/** Tensors one after another along an axis */
import { i32, lt, select } from "../../engine/expression/expr.ts";
import { indexSub } from "../../engine/expression/index_math.ts";
import { formatShape, normalizeAxis, sameShape, type Shape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor, type TensorType } from "../../engine/tensor.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";

function firstShape(what: string, inputs: readonly Tensor[]): Shape {
  if (Array.isArray(inputs) && inputs.length > 0) return inputs[0].shape;
  throw new RangeError(`Cannot apply ${what} to no inputs: it takes a list of one or more`);
}

const startsOf = (inputs: readonly TensorType[], axis: number) => {
  let start = 0;
  return inputs.map((input) => (start += input.shape[axis]) - input.shape[axis]);
};

const concatOp: Op<{ axis: number }> = {
  name: "concat",
  inferShape: (inputs, { axis }) => {
    const [first] = inputs;
    const fits = first && axis >= 0 && axis < first.shape.length &&
      inputs.every((x) =>
        x.dtype === first.dtype && x.shape.length === first.shape.length &&
        x.shape.every((n, i) => i === axis || n === first.shape[i])
      );
    if (!fits) {
      throw new RangeError(
        `Cannot apply concat to ${
          inputs.map((x) => `${x.dtype} ${formatShape(x.shape)}`).join(", ") || "no inputs"
        } ` +
          `along axis ${axis}: dtypes and all other sizes have to be equal`,
      );
    }
    const size = inputs.reduce((n, x) => n + x.shape[axis], 0);
    return { dtype: first.dtype, shape: first.shape.map((n, i) => i === axis ? size : n) };
  },
  vjp: (g, { inputs, attrs: { axis } }) => {
    const starts = startsOf(inputs, axis);
    return inputs.map((x, i) => slice(g, x.shape.map((_, a) => a === axis ? starts[i] : 0), x.shape));
  },
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs, index, load, attrs: { axis } }) => {
      const starts = startsOf(inputs, axis);
      const piece = (i: number) => load(i, index.map((e, a) => a === axis ? indexSub(e, starts[i]) : e));
      let result = piece(inputs.length - 1);
      for (let i = inputs.length - 2; i >= 0; i--) {
        result = select(lt(index[axis], i32(starts[i + 1])), piece(i), result);
      }
      return result;
    },
  },
  flops: () => 0,
  simplify: ({ inputs }) => inputs.length === 1 ? inputs[0] : undefined,
};

/**
 * Tensors joined along an axis (the first when left out); all other sizes have to be equal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.concat([tensor([1]), tensor([2, 3])]))).data], [1, 2, 3]);
 * ```
 */
export function concat(inputs: readonly Tensor[], axis = 0): Tensor {
  return apply(concatOp, inputs, { axis: normalizeAxis("concat", firstShape("concat", inputs), axis) });
}

/**
 * Tensors of one shape joined along a new axis (the first when left out).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.stack([tensor([1, 2]), tensor([3, 4])], 1))).data], [1, 3, 2, 4]);
 * ```
 */
export function stack(inputs: readonly Tensor[], axis = 0): Tensor {
  const shape = firstShape("stack", inputs);
  const at = normalizeAxis("stack", shape, axis, shape.length + 1);
  const other = inputs.find((x) => !sameShape(x.shape, shape));
  if (other) {
    throw new RangeError(
      `Cannot apply stack to ${formatShape(shape)} and ${
        formatShape(other.shape)
      }: all have to be of one shape`,
    );
  }
  return concat(inputs.map((x) => reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])), at);
}
