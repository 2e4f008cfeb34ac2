/** Updates that are added where indices say, and the gradient of gather(), with few places and with many. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt, indicesOf, positionOf } from "../oracle/doubles.ts";
import { exactly, floats, integersIn } from "./inputs.ts";

/** One update after another. */
function scattered(x: Doubles, indices: Doubles, updates: Doubles, axis: number): Doubles {
  const data = x.data.slice();
  const rank = indices.shape.length;
  for (const index of indicesOf(updates.shape)) {
    const found = elementAt(indices, index.slice(axis, axis + rank));
    if (found < 0 || found >= x.shape[axis]) continue;
    data[positionOf(x.shape, [...index.slice(0, axis), found, ...index.slice(axis + rank)])] += elementAt(
      updates,
      index,
    );
  }
  return { data, shape: x.shape };
}

const layouts = ([
  [[6, 5], [4], 0],
  [[6, 5], [2, 4], 1],
  [[40], [33], 0],
  [[9, 7], [3, 5], 0],
  [[9, 70], [31], 0],
  [[20, 16], [], 0],
  [[20, 64], [5], 0],
  [[20, 132], [17], 0],
  [[3, 12, 5], [7], 1],
  [[2, 12, 3, 4], [2, 3], 1],
  [[3, 17], [9], -1],
  [[10, 4], [0], 0],
  [[12, 0], [3], 0],
  [[8, 4], [1], 0],
] as [number[], number[], number][]).map(([shape, indices, axis]): OpCase => {
  const along = axis < 0 ? axis + shape.length : axis;
  const updates = [...shape.slice(0, along), ...indices, ...shape.slice(along + 1)];
  return {
    name: `scatterAdd() to [${shape.join(", ")}] along axis ${axis} by indices [${indices.join(", ")}]`,
    inputs: [floats(...shape), integersIn("int32", 0, shape[along], ...indices), floats(...updates)],
    build: (x, i, updates) => g.scatterAdd(x, i, updates, axis),
    oracle: (x, i, updates) => scattered(x, i, updates, along),
  };
});

const special: OpCase[] = [
  {
    name: "scatterAdd() with indices outside, which add nothing",
    inputs: [floats(9, 5), exactly([-1, 9, 99, -(2 ** 31), 2 ** 31 - 1, 1], "int32"), floats(6, 5)],
    build: (x, i, updates) => g.scatterAdd(x, i, updates),
    oracle: (x, i, updates) => scattered(x, i, updates, 0),
  },
  {
    name: "scatterAdd() of int32 with uint32 indices",
    inputs: [
      integersIn("int32", -9, 9, 11, 3),
      exactly([0, 10, 2 ** 31, 2 ** 32 - 1, 3, 3, 3], "uint32"),
      integersIn("int32", -9, 9, 7, 3),
    ],
    build: (x, i, updates) => g.scatterAdd(x, i, updates),
    oracle: (x, i, updates) => scattered(x, i, updates, 0),
    differentiable: false,
  },
  {
    name: "scatterAdd() of updates to one place, all of which are computed",
    inputs: [exactly([3, 3, 3, 3, 3], "uint8"), floats(5, 8)],
    build: (i, x) => g.scatterAdd(g.zeros([10, 8]), i, g.tanh(g.square(x))),
    oracle: (i, x) =>
      scattered(
        { data: new Float64Array(80), shape: [10, 8] },
        i,
        { data: x.data.map((v) => Math.tanh(v * v)), shape: x.shape },
        0,
      ),
  },
  {
    name: "gather() of rows of a table that are scaled by their squares, so that its gradient is scattered",
    inputs: [floats(30, 16), integersIn("int32", 0, 30, 4, 9)],
    build: (x, i) => g.mul(g.gather(x, i), g.gather(g.square(x), i)),
    oracle: (x, i) => doubles([4, 9, 16], ([n, t, c]) => elementAt(x, [elementAt(i, [n, t]), c]) ** 3),
  },
  {
    name: "gather() of a large table, whose gradient a GPU scatters, too",
    inputs: [floats(300, 64), integersIn("int32", 0, 300, 50)],
    build: (x, i) => g.square(g.gather(x, i)),
    oracle: (x, i) => doubles([50, 64], ([n, c]) => elementAt(x, [elementAt(i, [n]), c]) ** 2),
    twice: false,
  },
  {
    name: "scatterAdd() to a large table along its middle axis, with a rest of rounds",
    inputs: [floats(2, 500, 10), integersIn("int32", 0, 500, 3, 7), floats(2, 3, 7, 10)],
    build: (x, i, updates) => g.scatterAdd(x, i, updates, 1),
    oracle: (x, i, updates) => scattered(x, i, updates, 1),
    twice: false,
  },
  {
    name: "gather() in each step of a scan(), whose gradient is scattered",
    inputs: [floats(12, 4), integersIn("int32", 0, 12, 5, 3)],
    build: (table, words) =>
      g.scan(
        ({ h }, { w }) => ({ carry: { h: g.tanh(g.add(g.mul(h, 0.5), g.gather(table, w))) } }),
        { carry: { h: g.zeros([3, 4]) }, xs: { w: words } },
      ).carry.h,
    oracle: (table, words) =>
      doubles([3, 4], ([n, c]) => {
        let h = 0;
        for (let t = 0; t < 5; t++) h = Math.tanh(0.5 * h + elementAt(table, [elementAt(words, [t, n]), c]));
        return h;
      }),
    twice: false,
  },
];

/** Scattered sums. */
export const scatterCases: OpCase[] = [...layouts, ...special];
