/** Sums of products by formulas: against one loop over all labels, that knows nothing of matrix products. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt, indicesOf } from "../oracle/doubles.ts";
import { floats, integersIn } from "./inputs.ts";

/** The same by hand: labels of operands and of the result, an ellipsis already written out in digits. */
function contracted(terms: string[], result: string, inputs: Doubles[]): Doubles {
  const sizes = new Map<string, number>();
  terms.forEach((term, i) =>
    [...term].forEach((label, axis) => {
      sizes.set(label, Math.max(sizes.get(label) ?? 0, inputs[i].shape[axis]));
      if (inputs[i].shape[axis] === 0) sizes.set(label, 0);
    })
  );
  const inner = [...sizes.keys()].filter((label) => !result.includes(label));
  const innerPlaces = indicesOf(inner.map((label) => sizes.get(label)!));
  return doubles(
    [...result].map((label) => sizes.get(label)!),
    (index) =>
      innerPlaces.reduce((sum, place) => {
        const at = (label: string) =>
          result.includes(label) ? index[result.indexOf(label)] : place[inner.indexOf(label)];
        const product = terms.reduce((p, term, i) =>
          p * elementAt(
            inputs[i],
            [...term].map((label, axis) => inputs[i].shape[axis] === 1 ? 0 : at(label)),
          ), 1);
        return sum + product;
      }, 0),
  );
}

/** The formula, the shapes, and the formula with everything written out where that is different. */
const formulas: [string, number[][], string?][] = [
  ["ij,jk->ik", [[3, 5], [5, 4]]],
  ["ij,jk", [[3, 5], [5, 4]], "ij,jk->ik"],
  ["ji,jk->ki", [[5, 3], [5, 4]]],
  ["ij,kj->ki", [[3, 5], [4, 5]]],
  ["ij,j->i", [[3, 5], [5]]],
  ["j,ij->i", [[5], [3, 5]]],
  ["i,i->", [[7], [7]]],
  ["i,j->ij", [[3], [4]]],
  ["i,j->ji", [[3], [4]]],
  ["ij->ji", [[3, 4]]],
  ["ba", [[3, 4]], "ba->ab"],
  ["ij->", [[3, 4]]],
  ["ij->j", [[3, 4]]],
  ["ii->i", [[4, 4]]],
  ["ii", [[4, 4]], "ii->"],
  ["iji->j", [[3, 2, 3]]],
  ["iij,jk->ik", [[3, 3, 2], [2, 4]]],
  ["bij,bjk->bik", [[2, 3, 4], [2, 4, 5]]],
  ["bthd,bshd->bhts", [[2, 3, 2, 4], [2, 5, 2, 4]]],
  ["bhts,bshd->bthd", [[2, 2, 3, 5], [2, 5, 2, 4]]],
  ["abc,bcd->ad", [[2, 3, 4], [3, 4, 5]]],
  ["abc,cbd->da", [[2, 3, 4], [4, 3, 5]]],
  ["ij,ij->ij", [[3, 4], [3, 4]]],
  ["ij,ij->i", [[3, 4], [3, 4]]],
  ["ij,kl->", [[2, 3], [4, 5]]],
  ["ij,jk,kl->il", [[2, 3], [3, 4], [4, 5]]],
  ["i,ij,j->", [[3], [3, 4], [4]]],
  ["a,b,c->cab", [[2], [3], [4]]],
  ["aB,Bc->ac", [[2, 3], [3, 4]]],
  [" i j , j k -> i k ", [[2, 3], [3, 4]], "ij,jk->ik"],
  ["...ij,...jk->...ik", [[2, 3, 4], [2, 4, 5]], "1ij,1jk->1ik"],
  ["...ij,...jk", [[2, 1, 3, 4], [5, 4, 2]], "12ij,2jk->12ik"],
  ["...i->...", [[2, 3, 4]], "12i->12"],
  ["i...,i->...", [[3, 2, 2], [3]], "i12,i->12"],
  ["...,...->...", [[2, 3], [3]], "12,2->12"],
  ["...i,i->i", [[2, 3], [3]], "1i,i->i"],
  ["...", [[2, 3]], "12->12"],
  [",i->i", [[], [4]]],
  ["->", [[]]],
  ["ij,jk->ik", [[3, 1], [5, 4]]],
  ["ij,jk->ik", [[3, 0], [0, 4]]],
  ["ij,jk->ik", [[0, 3], [3, 4]]],
];

const formulaCases = formulas.map(([formula, shapes, written = formula]): OpCase => {
  const [left, result] = written.split("->");
  return {
    name: `einsum() "${formula}" of ${shapes.map((s) => `[${s.join(", ")}]`).join(" and ")}`,
    inputs: shapes.map((shape) => floats(...shape)),
    build: (...inputs) => g.einsum(formula, ...inputs),
    oracle: (...inputs) => contracted(left.split(","), result, inputs),
  };
});

const integerCases = (["ij,jk->ik", "ij,ij->i"] as const).map((formula): OpCase => ({
  name: `einsum() "${formula}" of int32`,
  inputs: [integersIn("int32", -5, 5, 4, 4), integersIn("int32", -5, 5, 4, 4)],
  build: (a, b) => g.einsum(formula, a, b),
  oracle: (...inputs) => contracted(formula.split("->")[0].split(","), formula.split("->")[1], inputs),
  differentiable: false,
}));

/** Formulas. */
export const einsumCases: OpCase[] = [...formulaCases, ...integerCases];
