/** y[i, j, ...] = x with its axes in another order */
import { listOf, whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

const transposeOp: Op<{ order: readonly number[] }> = {
  name: "transpose",
  inferShape: ([x], { order }) => {
    if (order.length !== x.shape.length || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
      throw new RangeError(
        `Cannot apply transpose to ${formatShape(x.shape)} with order ${formatShape(order)}: ` +
          `it has to name each of the ${x.shape.length} axes once`,
      );
    }
    return { dtype: x.dtype, shape: order.map((axis) => x.shape[axis]) };
  },
  vjp: (g, { attrs: { order } }) => [transpose(g, order.map((_, i) => order.indexOf(i)))],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, load, attrs: { order } }) => load(0, order.map((_, i) => index[order.indexOf(i)])),
  },
  flops: () => 0,
  simplify: ({ inputs: [x], attrs: { order } }) => {
    if (order.every((axis, i) => axis === i)) return x;
    // Rows are as well looked up in another order.
    const found = x.op.lookup?.(x);
    const own = found && orderWithin(order, found.axis, found.indices.rank);
    return own && found.inOrder(own).again(found.table!, found.axis);
  },
};

/** The order of some neighbouring axes among each other, if it leaves all others where they are. */
export function orderWithin(order: readonly number[], first: number, count: number): number[] | undefined {
  const isInside = (i: number) => first <= i && i < first + count;
  if (order.some((axis, i) => isInside(i) ? !isInside(axis) : axis !== i)) return undefined;
  return order.slice(first, first + count).map((axis) => axis - first);
}

/** The order in which a tensor has another one's axes, if it is that one {@linkcode transpose}d. */
export const orderOf = (tensor: Tensor): readonly number[] | undefined =>
  tensor.op as Op<never> === transposeOp as Op<never>
    ? (tensor.attrs as { order: readonly number[] }).order
    : undefined;

/**
 * `x` with its axes in another order: axis `i` of the result is axis `order[i]` of `x`. Without an order they are
 * turned round.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.transpose(tensor([[1, 2], [3, 4]])))).data], [1, 3, 2, 4]);
 * ```
 */
export function transpose(
  x: Tensor,
  order: readonly number[] = x.shape.map((_, i) => x.rank - 1 - i),
): Tensor {
  return apply(transposeOp, [x], {
    order: readValue(`apply transpose to ${formatShape(x.shape)}`, "order", order, listOf(whole(), x.rank)),
  });
}
