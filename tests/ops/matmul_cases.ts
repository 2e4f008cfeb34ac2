/** Matrix products: plain loops and tiles, with all rests of rows and columns, and long sums. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { elementByElement } from "../oracle/doubles.ts";
import { matrixProduct } from "../oracle/products.ts";
import { floats, shapesOf } from "./inputs.ts";

function product(
  a: number[],
  b: number[],
  options: g.MatmulOptions = {},
  more: Partial<OpCase> = {},
): OpCase {
  const { transposeA, transposeB } = options;
  const turned = [transposeA ? "the first transposed" : "", transposeB ? "the second transposed" : ""]
    .filter((text) => text).join(" and ");
  return {
    name: `matmul() of ${shapesOf([a, b])}${turned ? `, ${turned}` : ""}`,
    inputs: [floats(...a), floats(...b)],
    build: (x, y) => g.matmul(x, y, options),
    oracle: (x, y) => matrixProduct(x, y, transposeA, transposeB),
    ...more,
  };
}

const small = [
  product([5, 7], [7, 9]),
  product([1, 1], [1, 1]),
  product([1, 64], [64, 33]),
  product([33, 64], [64, 1]),
  product([31, 40], [40, 2]),
  product([3, 1], [1, 5]),
  product([3, 5, 7], [3, 7, 4]),
  product([2, 1, 5, 7], [3, 7, 4]),
  product([5, 7], [3, 7, 4]),
  product([3, 5, 7], [7, 4]),
  product([1, 5, 7], [2, 7, 1]),
  product([2, 3, 1, 7], [2, 1, 7, 5]),
];

const empty = [
  product([2, 0], [0, 3]),
  product([0, 4], [4, 3]),
  product([2, 4], [4, 0]),
  product([0, 2, 3], [0, 3, 4]),
  product([2, 0, 3], [3, 4]),
  product([2, 3, 0], [0, 4]),
];

const transposes = [true, false].flatMap((transposeA) =>
  [true, false].flatMap((transposeB) => {
    const options = { transposeA, transposeB };
    const sides = (batchA: number[], batchB: number[], m: number, k: number, n: number) =>
      [
        [...batchA, ...transposeA ? [k, m] : [m, k]],
        [...batchB, ...transposeB ? [n, k] : [k, n]],
      ] as [number[], number[]];
    return [
      product(...sides([], [], 5, 3, 4), options),
      product(...sides([], [], 33, 31, 13), options, { twice: false }),
      product(...sides([2], [2], 9, 17, 11), options, { twice: false }),
      product(...sides([2], [], 3, 5, 4), options),
      product(...sides([], [2], 3, 5, 4), options),
      product(...sides([2, 1], [3], 7, 9, 10), options, { twice: false }),
    ];
  })
);

/** What only the cpu's tiles tell apart; each product takes long to compile on adapters that are programs. */
const onCpu = ["cpu" as const];

/** The cpu's tiles have up to six rows and eight columns: every rest of both. */
const rests = Array.from({ length: 48 }, (_, i) => {
  const [rows, columns] = [6 + i % 6, 8 + i % 8 + (i >= 24 ? 1 : 0)];
  const devices = i < 3 ? undefined : onCpu;
  return product([rows, 17], [17, columns], {}, { twice: false, devices });
});
/** Fewer rows or columns than a tile has. */
const narrow = [[2, 3], [2, 33], [3, 9], [5, 5], [31, 3], [4, 8], [97, 4], [200, 9]].map(([rows, columns]) =>
  product([rows, 129], [129, columns], {}, { twice: false })
);
/** The sum is written out, unrolled with and without a rest, or taken in parts. */
const depths = [1, 2, 9, 16, 17, 31, 64, 129, 700, 1300, 1921].map((k) =>
  product([31, k], [k, 33], {}, {
    twice: false,
    tolerance: 4e-6,
    devices: [2, 9, 31, 64, 1300].includes(k) ? onCpu : undefined,
  })
);
/** Long sums of several products at once: each has unfinished sums of its own. */
const batches = [968, 1300].map((k) => product([3, 2, k], [3, k, 9], {}, { twice: false, tolerance: 4e-6 }));

const dense: OpCase[] = [
  {
    name: "dense() with a bias and relu()",
    inputs: [floats(5, 7), floats(7, 10), floats(10)],
    build: (x, w, b) => g.relu(g.dense(x, w, b)),
    oracle: (x, w, b) => elementByElement((y, c) => Math.max(0, y + c), matrixProduct(x, w), b),
  },
  ...[[2, 2, 3, 2], [2, 4, 5, 6], [3, 5, 9, 33]].map(([batch, steps, size, units]): OpCase => ({
    name: `dense() of [${batch}, ${steps}, ${size}] and [${size}, ${units}] with a bias and relu()`,
    inputs: [floats(batch, steps, size), floats(size, units), floats(units)],
    build: (x, w, b) => g.relu(g.dense(x, w, b)),
    oracle: (x, w, b) => elementByElement((y, c) => Math.max(0, y + c), matrixProduct(x, w), b),
  })),
  {
    name: "dense() without a bias, of three axes",
    inputs: [floats(2, 3, 7), floats(7, 5)],
    build: (x, w) => g.dense(x, w),
    oracle: (x, w) => matrixProduct(x, w),
  },
];

/** Matrix products. */
export const matmulCases: OpCase[] = [
  ...small,
  ...empty,
  ...transposes,
  ...rests,
  ...narrow,
  ...depths,
  ...batches,
  ...dense,
];
