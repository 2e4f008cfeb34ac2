/** Ops that move elements, one behind the other, and of all dtypes. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { doubles, stretchedAt } from "../oracle/doubles.ts";
import { concatenated, padded, reshaped, reversed, sliced, transposed } from "../oracle/movement.ts";
import { integersIn } from "./inputs.ts";
import { move } from "./movement_cases.ts";

const bytes: OpCase[] = (["uint8", "bool", "int32", "uint32"] as const).map((dtype) => ({
  name: `pad(), reverse(), slice(), transpose() and concat() of ${dtype}`,
  inputs: [integersIn(dtype, 0, dtype === "bool" ? 2 : 256, 5, 7), integersIn(dtype, 0, 2, 7, 2)],
  build: (x, y) => {
    const turned = g.transpose(g.slice(g.reverse(g.pad(x, [[1, 0], [0, 2]], 1)), [1, 1], [4, 7]));
    return g.concat([turned, y], 1);
  },
  oracle: (x, y) => {
    const turned = transposed(sliced(reversed(padded(x, [[1, 0], [0, 2]], 1), [0, 1]), [1, 1], [4, 7]), [
      1,
      0,
    ]);
    return concatenated([turned, y], 1);
  },
  differentiable: false,
}));

const chains: OpCase[] = [
  move(
    "transpose() between two times reshape()",
    [[4, 6]],
    (x) => g.reshape(g.transpose(g.reshape(x, [2, 2, 3, 2]), [1, 3, 0, 2]), [3, 8]),
    (x) => reshaped(transposed(reshaped(x, [2, 2, 3, 2]), [1, 3, 0, 2]), [3, 8]),
  ),
  move(
    "reshape() of slice() of transpose() of concat()",
    [[3, 4], [3, 2]],
    (x, y) => g.reshape(g.slice(g.transpose(g.concat([x, y], 1)), [1, 0], [4, 2]), [8]),
    (x, y) => reshaped(sliced(transposed(concatenated([x, y], 1), [1, 0]), [1, 0], [4, 2]), [8]),
  ),
  move(
    "reshape() of every third of concat() with reverse()",
    [[5]],
    (x) => g.reshape(g.slice(g.concat([x, g.reverse(x), x]), [0], [5], [3]), [5, 1]),
    (x) => reshaped(sliced(concatenated([x, reversed(x, [0]), x], 0), [0], [5], [3]), [5, 1]),
  ),
  move(
    "pad() of reshape() of reverse() of nothing",
    [[0, 0]],
    (x) => g.pad(g.reshape(g.reverse(x), [0]), [[1, 1]], 3),
    (x) => padded(reshaped(reversed(x, [0, 1]), [0]), [[1, 1]], 3),
  ),
  move(
    "concat() of what slice() cut apart, the other way round",
    [[33]],
    (x) => g.concat([g.slice(x, [20], [13]), g.slice(x, [0], [20])]),
    (x) => concatenated([sliced(x, [20], [13]), sliced(x, [0], [20])], 0),
  ),
  move(
    "pad() of pad() of reverse() of reshape()",
    [[2, 9]],
    (x) => g.pad(g.pad(g.reverse(g.reshape(x, [3, 6]), 0), [[1, 1], [2, 2]], "reflect"), [[1, 0], [0, 1]], 3),
    (x) =>
      padded(padded(reversed(reshaped(x, [3, 6]), [0]), [[1, 1], [2, 2]], "reflect"), [[1, 0], [0, 1]], 3),
  ),
  move(
    "slice() with strides of reshape() of broadcastTo()",
    [[5]],
    (x) => g.slice(g.reshape(g.broadcastTo(x, [7, 5]), [35]), [1], [9], [4]),
    (x) => sliced(reshaped(doubles([7, 5], (index) => stretchedAt(x, index)), [35]), [1], [9], [4]),
  ),
];

/** Chains of movement. */
export const movementChainCases: OpCase[] = [...bytes, ...chains];
