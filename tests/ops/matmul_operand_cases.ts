/** Matrix products of operands that are not plain arrays, and what follows a product. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { alongAxes, type Doubles, doubles, elementAt, elementByElement } from "../oracle/doubles.ts";
import {
  concatenated,
  gathered,
  padded,
  reshaped,
  reversed,
  sliced,
  transposed,
} from "../oracle/movement.ts";
import { matrixProduct } from "../oracle/products.ts";
import { floats, integersIn } from "./inputs.ts";

/** Sizes with rests in rows, sums and columns. */
const [m, k, n] = [9, 17, 11];

function product(
  what: string,
  shapes: readonly (readonly number[])[],
  build: (...inputs: Tensor[]) => Tensor,
  oracle: (...inputs: Doubles[]) => Doubles,
): OpCase {
  const inputs = shapes.map((shape) => floats(...shape));
  return { name: `matmul() ${what}`, inputs, build, oracle, twice: false };
}

const sumOf = (values: number[]) => values.reduce((a, b) => a + b, 0);

/** Products with something before or behind them. */
export const matmulOperandCases: OpCase[] = [
  product(
    "of exp()",
    [[m, k], [k, n]],
    (a, b) => g.matmul(g.exp(a), b),
    (a, b) => matrixProduct(elementByElement(Math.exp, a), b),
  ),
  product(
    "of transpose()",
    [[k, m], [n, k]],
    (a, b) => g.matmul(g.transpose(a), g.transpose(b)),
    (a, b) => matrixProduct(transposed(a, [1, 0]), transposed(b, [1, 0])),
  ),
  product(
    "of transpose() of three axes",
    [[k, 3, m], [n, k, 3]],
    (a, b) => g.matmul(g.transpose(a, [1, 2, 0]), g.transpose(b, [2, 1, 0])),
    (a, b) => matrixProduct(transposed(a, [1, 2, 0]), transposed(b, [2, 1, 0])),
  ),
  product(
    "of broadcastTo() on the left",
    [[k], [k, n]],
    (a, b) => g.matmul(g.broadcastTo(a, [m, k]), b),
    (a, b) => matrixProduct(doubles([m, k], ([, j]) => elementAt(a, [j])), b),
  ),
  product(
    "of broadcastTo() on the right",
    [[m, k], [k, 1]],
    (a, b) => g.matmul(a, g.broadcastTo(b, [k, n])),
    (a, b) => matrixProduct(a, doubles([k, n], ([i]) => elementAt(b, [i, 0]))),
  ),
  product(
    "of reshape()",
    [[m * k], [n * k]],
    (a, b) => g.matmul(g.reshape(a, [m, k]), g.reshape(b, [n, k]), { transposeB: true }),
    (a, b) => matrixProduct(reshaped(a, [m, k]), reshaped(b, [n, k]), false, true),
  ),
  product(
    "of heads that are joined, as columns and as rows",
    [[2, 4, 6, 8], [32, n]],
    (a, b) => {
      const joined = g.reshape(g.transpose(a, [0, 2, 1, 3]), [12, 32]);
      return g.matmul(g.transpose(joined), g.matmul(joined, b));
    },
    (a, b) => {
      const joined = reshaped(transposed(a, [0, 2, 1, 3]), [12, 32]);
      return matrixProduct(transposed(joined, [1, 0]), matrixProduct(joined, b));
    },
  ),
  product(
    "on its side with many columns, in blocks of four rows",
    [[7, 8], [7, 257]],
    (a, b) => g.matmul(a, b, { transposeA: true }),
    (a, b) => matrixProduct(a, b, true),
  ),
  product(
    "of slice() with strides",
    [[2 * m, k + 3], [2 * k, n]],
    (a, b) => g.matmul(g.slice(a, [1, 2], [m, k], [2, 1]), g.slice(b, [0, 0], [k, n], [2, 1])),
    (a, b) => matrixProduct(sliced(a, [1, 2], [m, k], [2, 1]), sliced(b, [0, 0], [k, n], [2, 1])),
  ),
  product(
    "of reverse() on both sides",
    [[m, k], [k, n]],
    (a, b) => g.matmul(g.reverse(a, 0), g.reverse(b, 1)),
    (a, b) => matrixProduct(reversed(a, [0]), reversed(b, [1])),
  ),
  product(
    "of reverse() along the sum",
    [[m, 33], [33, n]],
    (a, b) => g.matmul(g.reverse(a, 1), b),
    (a, b) => matrixProduct(reversed(a, [1]), b),
  ),
  product(
    "of pad()",
    [[m, k - 2], [k - 1, n]],
    (a, b) => g.matmul(g.pad(a, [[0, 0], [1, 1]]), g.pad(b, [[1, 0], [0, 0]], 0.5)),
    (a, b) => matrixProduct(padded(a, [[0, 0], [1, 1]], 0), padded(b, [[1, 0], [0, 0]], 0.5)),
  ),
  product(
    "of concat()",
    [[m, 7], [m, 10], [k, n]],
    (a, b, c) => g.matmul(g.concat([a, b], 1), c),
    (a, b, c) => matrixProduct(concatenated([a, b], 1), c),
  ),
  product("with itself", [[m, m]], (a) => g.matmul(a, a), (a) => matrixProduct(a, a)),
  product(
    "with itself transposed",
    [[m, k]],
    (a) => g.matmul(a, a, { transposeB: true }),
    (a) => matrixProduct(a, a, false, true),
  ),
  product(
    "behind tanh() of matmul()",
    [[m, k], [k, n], [n, 4]],
    (a, b, c) => g.matmul(g.tanh(g.matmul(a, b)), c),
    (a, b, c) => matrixProduct(elementByElement(Math.tanh, matrixProduct(a, b)), c),
  ),
  product(
    "that is used twice",
    [[m, k], [k, n], [m, n]],
    (a, b, c) => g.add(g.matmul(a, b), g.mul(c, g.matmul(a, b))),
    (a, b, c) => elementByElement((y, z) => y + z * y, matrixProduct(a, b), c),
  ),
  product(
    "times another",
    [[m, k], [k, n], [k, m]],
    (a, b, c) => g.mul(g.matmul(a, b), g.matmul(c, b, { transposeA: true })),
    (a, b, c) => elementByElement((y, z) => y * z, matrixProduct(a, b), matrixProduct(c, b, true)),
  ),
  product(
    "and the sums of its rows",
    [[m, k], [k, n]],
    (a, b) => g.sum(g.matmul(a, b), 1),
    (a, b) => alongAxes(matrixProduct(a, b), [1], sumOf),
  ),
  product(
    "and the sums of its columns",
    [[m, k], [k, n]],
    (a, b) => g.sum(g.matmul(a, b), 0),
    (a, b) => alongAxes(matrixProduct(a, b), [0], sumOf),
  ),
  product(
    "and transpose() behind it",
    [[m, k], [k, 12]],
    (a, b) => g.relu(g.transpose(g.reshape(g.matmul(a, b), [m, 3, 4]), [1, 0, 2])),
    (a, b) => {
      const y = transposed(reshaped(matrixProduct(a, b), [m, 3, 4]), [1, 0, 2]);
      return elementByElement((v) => Math.max(v, 0), y);
    },
  ),
  product(
    "and slice() behind it",
    [[m, k], [k, n]],
    (a, b) => g.slice(g.sigmoid(g.matmul(a, b)), [1, 2], [3, 3], [2, 3]),
    (a, b) =>
      elementByElement((v) => 1 / (1 + Math.exp(-v)), sliced(matrixProduct(a, b), [1, 2], [3, 3], [2, 3])),
  ),
  {
    name: "matmul() of gather()",
    inputs: [floats(5, k), integersIn("int32", 0, 5, m), floats(k, n)],
    build: (a, i, b) => g.matmul(g.gather(a, i), b),
    oracle: (a, i, b) => matrixProduct(gathered(a, i, 0), b),
    twice: false,
  },
  {
    name: "matmul() of oneHot()",
    inputs: [integersIn("int32", 0, 13, 31), floats(13, n)],
    build: (i, b) => g.matmul(g.oneHot(i, 13), b),
    oracle: (i, b) => gathered(b, i, 0),
    twice: false,
  },
  {
    name: "matmul() of bytes that are scaled",
    inputs: [integersIn("uint8", 0, 256, m, k), floats(k, n)],
    build: (x, w) => g.matmul(g.mul(g.cast(x, "float32"), 1 / 256), w),
    oracle: (x, w) => matrixProduct(elementByElement((v) => v / 256, x), w),
    twice: false,
  },
];
