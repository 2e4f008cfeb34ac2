/** y[result] = sum over all other labels of the product of the operands */
import { sizeOf } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { diagonalOf } from "../movement/diagonal.ts";
import { readFormula } from "./einsum_formula.ts";
import { matmul } from "./matmul.ts";
import { mul } from "../elementwise/mul.ts";
import { sum } from "../reduction/reduce.ts";
import { reshape } from "../movement/reshape.ts";
import { transpose } from "../movement/transpose.ts";

/** A tensor with a label for each axis. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

const sizesOf = ({ tensor, labels }: Labelled, some: readonly string[]) =>
  some.map((label) => tensor.shape[labels.indexOf(label)]);

/** The axes in the order of these labels, which are all of them. */
const inOrder = ({ tensor, labels }: Labelled, order: readonly string[]) =>
  transpose(tensor, order.map((label) => labels.indexOf(label)));

/** The sum over all labels that are not among these. */
function summed({ tensor, labels }: Labelled, kept: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => kept.has(label) ? [] : [axis]);
  if (axes.length === 0) return { tensor, labels };
  return { tensor: sum(tensor, axes), labels: labels.filter((label) => kept.has(label)) };
}

const sameOrder = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((label, i) => label === b[i]);

/** The axes in the order of these labels, size 1 where there is none. */
function alignedTo(x: Labelled, order: readonly string[]): Tensor {
  const own = order.filter((label) => x.labels.includes(label));
  const sizes = new Map(own.map((label, i) => [label, sizesOf(x, own)[i]]));
  return reshape(inOrder(x, own), order.map((label) => sizes.get(label) ?? 1));
}

/** The product of two, summed over what both have and nothing else needs; if that is all, as the result wants it. */
function product(
  a: Labelled,
  b: Labelled,
  needed: ReadonlySet<string>,
  result: readonly string[],
): Labelled {
  const both = a.labels.filter((label) => b.labels.includes(label));
  const batch = both.filter((label) => needed.has(label));
  const inner = both.filter((label) => !needed.has(label));
  const rows = a.labels.filter((label) => !both.includes(label));
  const columns = b.labels.filter((label) => !both.includes(label));
  const labels = [...batch, ...rows, ...columns];
  if (rows.length > 0 && columns.length > 0 && sameOrder(result, [...batch, ...columns, ...rows])) {
    return product(b, a, needed, result);
  }
  const isMatrixProduct = inner.length > 0 && rows.length + columns.length > 0 &&
    a.tensor.dtype === "float32" && b.tensor.dtype === "float32";
  if (!isMatrixProduct) {
    const all = [...labels, ...inner];
    const tensor = mul(alignedTo(a, all), alignedTo(b, all));
    return summed({ tensor, labels: all }, new Set(labels));
  }
  // Whichever order a side has, its last axis stays the last, so that it need not be copied.
  const isLast = (x: Labelled) => inner.includes(x.labels[x.labels.length - 1]);
  const matrix = (x: Labelled, first: readonly string[], second: readonly string[]) =>
    reshape(inOrder(x, [...batch, ...first, ...second]), [
      ...sizesOf(x, batch),
      sizeOf(sizesOf(x, first)),
      sizeOf(sizesOf(x, second)),
    ]);
  const [transposeA, transposeB] = [!isLast(a) && rows.length > 0, isLast(b) || columns.length === 0];
  const y = matmul(
    transposeA ? matrix(a, inner, rows) : matrix(a, rows, inner),
    transposeB ? matrix(b, columns, inner) : matrix(b, inner, columns),
    { transposeA, transposeB },
  );
  const shape = [...sizesOf(a, batch), ...sizesOf(a, rows), ...sizesOf(b, columns)];
  return { tensor: reshape(y, shape), labels };
}

/**
 * Products of tensors, summed over axes, by a formula in Einstein's way: each operand's axes have letters, and the result
 * has those that are behind `->`; over all others is summed. `"ij,jk->ik"` is a product of matrices, `"ii->i"` a diagonal,
 * `"bthd,bshd->bhts"` the scores of attention. `...` stands for all axes that have no letter; they are stretched to fit.
 * Without `->`, the result has the letters that are there once, in the order of the alphabet.
 *
 * Operands are multiplied from the left to the right, each two of them as one matrix product.
 *
 * @throws {RangeError} when the formula does not go with the shapes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const x = tensor([[1, 2], [3, 4]]);
 * assertEquals([...(await compute(ops.einsum("ij,jk->ik", x, x))).data], [7, 10, 15, 22]);
 * assertEquals([...(await compute(ops.einsum("ii", x))).data], [5]);
 * ```
 */
export function einsum(formula: string, ...operands: readonly Tensor[]): Tensor {
  const { operands: terms, result, sizes } = readFormula(formula, operands.map((x) => x.shape));
  const all = terms.map((labels, i): Labelled => {
    // What is stretched has one element for all others to share.
    const kept = labels.map((label, axis) => operands[i].shape[axis] === sizes.get(label));
    const tensor = reshape(operands[i], operands[i].shape.filter((_, axis) => kept[axis]));
    return diagonalOf(tensor, labels.filter((_, axis) => kept[axis]));
  });
  const last = all.reduce((a, b, i) => {
    const needed = new Set([...result, ...all.slice(i + 1).flatMap(({ labels }) => labels)]);
    return product(
      summed(a, new Set([...needed, ...b.labels])),
      summed(b, new Set([...needed, ...a.labels])),
      needed,
      result,
    );
  });
  return inOrder(summed(last, new Set(result)), result);
}
