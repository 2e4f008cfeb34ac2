/** Lookups by index, and tensors of known values. */
import type { DType } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { doubles, elementAt, elementByElement } from "../oracle/doubles.ts";
import { gathered } from "../oracle/movement.ts";
import { exactly, floats, integersIn } from "./inputs.ts";

const gathers = ([
  [[6, 5], [2, 4], 0],
  [[6, 5], [7], 1],
  [[6, 5], [7], -1],
  [[6, 5], [], 0],
  [[3, 4, 5], [2, 2], 1],
  [[1, 3], [5], 0],
  [[33], [31], 0],
  [[6, 5], [0], 0],
  [[6, 0], [3], 0],
] as const).map(([shape, indices, axis]): OpCase => ({
  name: `gather() of [${shape.join(", ")}] along axis ${axis} by indices [${indices.join(", ")}]`,
  inputs: [floats(...shape), integersIn("int32", 0, (shape as readonly number[]).at(axis)!, ...indices)],
  build: (x, i) => g.gather(x, i, axis),
  oracle: (x, i) => gathered(x, i, axis < 0 ? axis + shape.length : axis),
}));

const outside: OpCase[] = [
  {
    name: "gather() with indices outside, which give NaN",
    inputs: [floats(3, 5), exactly([-1, 3, 99, -(2 ** 31), 2 ** 31 - 1, 1], "int32")],
    build: (x, i) => g.gather(x, i),
    oracle: (x, i) => gathered(x, i, 0),
    smooth: false,
  },
  {
    name: "gather() with uint32 indices far outside",
    inputs: [floats(3), exactly([0, 1, 2, 3, 2 ** 31, 2 ** 32 - 1], "uint32")],
    build: (x, i) => g.gather(x, i),
    oracle: (x, i) => gathered(x, i, 0),
    smooth: false,
  },
  {
    name: "gather() with bytes as indices",
    inputs: [floats(7, 3), integersIn("uint8", 0, 7, 5)],
    build: (x, i) => g.gather(x, i),
    oracle: (x, i) => gathered(x, i, 0),
  },
  {
    name: "gather() that takes one place many times",
    inputs: [floats(4, 3), exactly([2, 2, 2, 0, 2], "int32")],
    build: (x, i) => g.mul(g.gather(x, i), g.gather(x, i)),
    oracle: (x, i) => elementByElement((v) => v * v, gathered(x, i, 0)),
  },
  ...(["int32", "uint8", "bool"] as const).map((dtype): OpCase => ({
    name: `gather() of ${dtype}`,
    inputs: [integersIn(dtype, 0, 2, 9, 3), integersIn("int32", 0, 9, 5)],
    build: (x, i) => g.gather(x, i),
    oracle: (x, i) => gathered(x, i, 0),
    differentiable: false,
  })),
  {
    name: "gather() of gather() of a batch of images by a shuffled order",
    inputs: [
      integersIn("uint8", 0, 256, 20, 3, 5),
      integersIn("int32", 0, 20, 35),
      exactly([4], "int32", []),
    ],
    build: (images, order, step) => {
      const places = g.gather(order, g.add(g.mul(step, 7), g.iota(7)));
      return g.mul(g.cast(g.gather(images, places), "float32"), 1 / 256);
    },
    oracle: (images, order, step) =>
      doubles([7, 3, 5], ([n, i, j]) => {
        const place = elementAt(step, []) * 7 + n;
        return elementAt(images, [elementAt(order, [place]), i, j]) / 256;
      }),
    differentiable: false,
  },
];

const embedded: OpCase = {
  name: "gather() of words with their places added, squared",
  inputs: [floats(65, 128), floats(16, 128), integersIn("int32", 0, 65, 2, 16)],
  build: (words, places, x) => g.mean(g.square(g.add(g.gather(words, x), places))),
  oracle: (words, places, x) => {
    const squares = gathered(words, x, 0).data.map((v, i) => (v + places.data[i % (16 * 128)]) ** 2);
    return [squares.reduce((sum, v) => sum + v, 0) / squares.length];
  },
};

const oneHots = ([
  ["uint8", [7], 5],
  ["int32", [2, 3], 1],
  ["uint32", [], 4],
  ["int32", [33], 10],
  ["int32", [0], 3],
] as [DType, number[], number][]).map(([dtype, shape, classes]): OpCase => ({
  name: `oneHot() of ${dtype} [${shape.join(", ")}] with ${classes} classes`,
  inputs: [integersIn(dtype, 0, classes, ...shape)],
  build: (x) => g.oneHot(x, classes),
  oracle: (x) =>
    doubles([...shape, classes], (index) => +(elementAt(x, index.slice(0, -1)) === index.at(-1)!)),
  differentiable: false,
}));
const noLabel: OpCase = {
  name: "oneHot() of labels outside, which give rows of NaN",
  inputs: [exactly([-1, 3, 2, 2 ** 31 - 1], "int32")],
  build: (x) => g.oneHot(x, 3),
  oracle: (x) => doubles([4, 3], ([i, k]) => i === 2 ? +(elementAt(x, [i]) === k) : NaN),
  differentiable: false,
};

const known = (
  name: string,
  build: () => Tensor,
  shape: number[],
  value: (i: number) => number,
): OpCase => {
  const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i));
  return { name, inputs: [], build, oracle: () => ({ data, shape }), differentiable: false };
};
const constants: OpCase[] = [
  known("iota() of int32", () => g.iota(33), [33], (i) => i),
  known("iota() of float32", () => g.iota(5, "float32"), [5], (i) => i),
  known("iota() of uint32", () => g.iota(1, "uint32"), [1], (i) => i),
  known("iota() of nothing", () => g.iota(0), [0], (i) => i),
  known(
    "iota() squared, as rows of a table",
    () => g.reshape(g.square(g.iota(12)), [3, 4]),
    [3, 4],
    (i) => i * i,
  ),
  known("full() of float32", () => g.full([2, 3], 1.5), [2, 3], () => 1.5),
  known("full() of uint8", () => g.full([5], 200, "uint8"), [5], () => 200),
  known("full() of bool", () => g.full([5], 1, "bool"), [5], () => 1),
  known("full() of int32", () => g.full([], -7, "int32"), [], () => -7),
  known("full() of nothing", () => g.full([0, 2], 3), [0, 2], () => 3),
  known("zeros() and ones() together", () => g.concat([g.zeros([2]), g.ones([3])]), [5], (i) => +(i > 1)),
  known("tensor() of lists", () => g.tensor([[1, 2], [3, 4]]), [2, 2], (i) => i + 1),
  known("tensor() of bytes", () => g.tensor(new Uint8Array([7, 255, 0])), [3], (i) => [7, 255, 0][i]),
  known("tensor() of one number", () => g.tensor(2.5), [], () => 2.5),
  known("tensor() of truth values", () => g.tensor([1, 0, 1], undefined, "bool"), [3], (i) => [1, 0, 1][i]),
];

/** Lookups and constants. */
export const lookupCases: OpCase[] = [
  ...gathers,
  ...outside,
  embedded,
  ...oneHots,
  noLabel,
  ...constants,
];
