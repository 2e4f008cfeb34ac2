/** The identity matrix, and the parts of matrices below and above a diagonal */
import { MOST_ELEMENTS } from "../../engine/shape.ts";
import { whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { cast } from "../elementwise/cast.ts";
import { equal, greaterEqual, lessEqual } from "../elementwise/compare.ts";
import { iota } from "../creation/iota.ts";
import { reshape } from "./reshape.ts";
import { where } from "../elementwise/where.ts";

const diagonalKind = whole(-MOST_ELEMENTS);

/** The columns in which a diagonal is, by rows, and all columns. */
const places = (rows: number, columns: number, diagonal: number) =>
  [add(reshape(iota(rows), [rows, 1]), diagonal), iota(columns)] as const;

/**
 * A matrix that is one on a diagonal and zero elsewhere; float32. It is square when no number of columns is given. A
 * diagonal above zero lies above the middle one. Takes no memory where it is used by other ops.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.eye(2))).data], [1, 0, 0, 1]);
 * assertEquals([...(await compute(ops.eye(2, 3, 1))).data], [0, 1, 0, 0, 0, 1]);
 * ```
 */
export function eye(rows: number, columns: number = rows, diagonal = 0): Tensor {
  readValue("apply eye", "rows", rows, whole());
  readValue("apply eye", "columns", columns, whole());
  readValue("apply eye", "diagonal", diagonal, diagonalKind);
  return cast(equal(...places(rows, columns, diagonal)), "float32");
}

/**
 * Matrices (the last two axes) with zeros above a diagonal; one above zero lies above the middle one.
 *
 * @throws {RangeError} when there are not two axes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.tril(tensor([[1, 2], [3, 4]])))).data], [1, 0, 3, 4]);
 * ```
 */
export function tril(x: Tensor, diagonal = 0): Tensor {
  return triangle("tril", x, diagonal, greaterEqual);
}

/** The same with zeros below the diagonal. See {@linkcode tril}. */
export function triu(x: Tensor, diagonal = 0): Tensor {
  return triangle("triu", x, diagonal, lessEqual);
}

function triangle(
  name: string,
  x: Tensor,
  diagonal: number,
  isKept: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  if (x.rank < 2) {
    throw new RangeError(
      `Cannot apply ${name} to ${formatShape(x.shape)}: it takes matrices, with at least two axes`,
    );
  }
  readValue(`apply ${name} to ${formatShape(x.shape)}`, "diagonal", diagonal, diagonalKind);
  const [rows, columns] = x.shape.slice(-2);
  return where(isKept(...places(rows, columns, diagonal)), x, 0);
}
