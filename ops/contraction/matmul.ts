/** y[..., m, n] = sum_k a[..., m, k] b[..., k, n] */
import { type Expr, i32 } from "../../engine/expression/expr.ts";
import { flag } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf } from "../../engine/shape.ts";
import { apply, type Op, type Tensor, type TensorType } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { reshape } from "../movement/reshape.ts";
import { sumTo } from "../elementwise/sum_to.ts";

/** Options of {@linkcode matmul}. */
export interface MatmulOptions {
  /** Whether the last two axes of `a` are swapped first. */
  readonly transposeA?: boolean;
  /** Whether the last two axes of `b` are swapped first. */
  readonly transposeB?: boolean;
}

interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Rows and columns of a side, as they are multiplied. */
function matrixOf(type: TensorType, transposed: boolean): readonly [number, number] {
  const [rows, columns] = type.shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** The place in a side: batch axes of size 1 are repeated. */
function place(shape: Shape, batch: readonly Expr[], row: Expr, column: Expr, transposed: boolean): Expr[] {
  const own = shape.slice(0, -2);
  const outer = own.map((size, i) => size === 1 ? i32(0) : batch[batch.length - own.length + i]);
  return [...outer, ...(transposed ? [column, row] : [row, column])];
}

const matmulOp: Op<MatmulAttrs> = {
  name: "matmul",
  inferShape: ([a, b], { transposeA, transposeB }) => {
    const describe = (t: TensorType, turned: boolean) =>
      `${t.dtype} ${formatShape(t.shape)}${turned ? " transposed" : ""}`;
    const refuse = (reason: string): never => {
      throw new RangeError(
        `Cannot apply matmul to ${describe(a, transposeA)} and ${describe(b, transposeB)}: ${reason}`,
      );
    };
    if (a.dtype !== "float32" || b.dtype !== "float32") refuse("it takes float32 (see cast)");
    if (a.shape.length < 2 || b.shape.length < 2) refuse("it takes inputs with at least two axes");
    const [m, k] = matrixOf(a, transposeA);
    const [k2, n] = matrixOf(b, transposeB);
    if (k !== k2) refuse(`the first has ${k} columns, the second ${k2} rows`);
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)) ??
      refuse("their batch axes do not fit");
    return { dtype: "float32", shape: [...batch, m, n] };
  },
  vjp: (g, { inputs: [a, b], attrs: { transposeA, transposeB } }) => {
    const toA = transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true })
      : matmul(g, b, { transposeB: !transposeB });
    const toB = transposeB
      ? matmul(g, a, { transposeA: true, transposeB: transposeA })
      : matmul(a, g, { transposeA: !transposeA });
    return [sumTo(toA, a.shape), sumTo(toB, b.shape)];
  },
  body: {
    kind: "contraction",
    space: ([a, b], { transposeA, transposeB }) => [
      ...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))!,
      matrixOf(a, transposeA)[0],
      matrixOf(b, transposeB)[1],
    ],
    over: ([a], { transposeA }) => [matrixOf(a, transposeA)[1]],
    left: (index, [k], [a], { transposeA }) => ({
      input: 0,
      index: place(a.shape, index.slice(0, -2), index.at(-2)!, k, transposeA),
    }),
    right: (index, [k], [, b], { transposeB }) => ({
      input: 1,
      index: place(b.shape, index.slice(0, -2), k, index.at(-1)!, transposeB),
    }),
  },
  flops: ({ size, inputs: [a], attrs: { transposeA } }) => 2 * size * matrixOf(a, transposeA)[1],
};

/**
 * The matrix product of the last two axes, `[..., m, k]` and `[..., k, n]` to `[..., m, n]`; leading axes are
 * stretched to fit.
 *
 * @throws {RangeError} when the inner sizes differ.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.matmul(tensor([[1, 2]]), tensor([[3], [4]])))).data], [11]);
 * ```
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA, transposeB } = pickOptions("apply matmul", options, {
    transposeA: optional(flag, false),
    transposeB: optional(flag, false),
  });
  // A weight that all rows of a batch share makes one large product.
  if (!transposeA && a.rank > 2 && b.rank === 2) {
    const rows = reshape(a, [sizeOf(a.shape.slice(0, -1)), a.shape[a.rank - 1]]);
    const y = apply(matmulOp, [rows, b], { transposeA, transposeB });
    return reshape(y, [...a.shape.slice(0, -1), y.shape[1]]);
  }
  return apply(matmulOp, [a, b], { transposeA, transposeB });
}

/**
 * A dense (fully connected) layer's arithmetic: `x weight + bias`, with `x` `[..., inputs]`, `weight`
 * `[inputs, units]` and `bias` `[units]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.dense(tensor([[1, 2]]), tensor([[3], [4]]), tensor([0.5])))).data], [11.5]);
 * ```
 */
export function dense(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const y = matmul(x, weight);
  return bias ? add(y, bias) : y;
}
