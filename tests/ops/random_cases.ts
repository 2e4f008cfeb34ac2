/** Random tensors, shuffled orders, and images that are moved. Every device gives the same bits. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { doubles, elementAt } from "../oracle/doubles.ts";
import { shuffledPlace, threefry } from "../oracle/random_words.ts";
import { upperTail } from "../oracle/special_functions.ts";
import { exactly, floats, integersIn } from "./inputs.ts";

interface Source {
  readonly seed: number;
  readonly counter?: number;
  readonly stream?: number;
}

const wordsOf = (count: number, { seed, counter = 0, stream = 0 }: Source) =>
  Array.from({ length: count }, (_, i) => threefry([seed, stream], [i, counter])[0]);

/** Bits that are the same everywhere leave no room for a tolerance. */
const exact = { differentiable: false, tolerance: 0 } as const;

function draw(
  name: string,
  shape: number[],
  source: Source,
  op: (shape: number[], options: g.RandomOptions) => Tensor,
  value: (word: number) => number,
  oracleTolerance = 0,
): OpCase {
  const { seed, counter = 0, stream = 0 } = source;
  const count = shape.reduce((a, b) => a * b, 1);
  return {
    name: `${name} of [${shape.join(", ")}] from seed ${seed}, counter ${counter}, stream ${stream}`,
    inputs: [],
    build: () => op(shape, source),
    oracle: () => ({ shape, data: Float64Array.from(wordsOf(count, source), value) }),
    oracleTolerance,
    ...exact,
  };
}

const sources: [number[], Source][] = [
  [[33], { seed: 0 }],
  [[5, 7], { seed: 123, counter: 4, stream: 2 }],
  [[2, 3, 5], { seed: 2 ** 32 - 1, counter: 2 ** 31 - 1, stream: 7 }],
  [[], { seed: 42, counter: 1 }],
  [[0, 3], { seed: 42 }],
];

const normalOf = (word: number) => {
  const tail = (word >>> 8 & 0x7fffff) * 2 + 1;
  return (word >>> 31 ? -1 : 1) * upperTail(tail / 2 ** 25);
};
const unit = (word: number) => (word >>> 8) / 2 ** 24;

const draws = sources.flatMap(([shape, source]): OpCase[] => [
  draw("randomBits()", shape, source, g.randomBits, (word) => word),
  draw("randomUniform()", shape, source, g.randomUniform, unit),
  draw(
    "randomUniform() from -3 to 5",
    shape,
    source,
    (s, options) => g.randomUniform(s, { ...options, low: -3, high: 5 }),
    (word) => unit(word) * 8 - 3,
  ),
  draw("randomNormal()", shape, source, g.randomNormal, normalOf, 2e-5),
  draw(
    "randomNormal() with mean 2 and deviation 0.5",
    shape,
    source,
    (s, options) => g.randomNormal(s, { ...options, mean: 2, deviation: 0.5 }),
    (word) => normalOf(word) * 0.5 + 2,
    2e-5,
  ),
  ...[0, 0.25, 1].map((probability) =>
    draw(
      `randomBernoulli() with probability ${probability}`,
      shape,
      source,
      (s, options) => g.randomBernoulli(s, probability, options),
      (word) => +(word / 2 ** 32 < probability),
    )
  ),
]);

const tensors: OpCase[] = [
  {
    name: "randomBits() from a seed and a counter that are tensors",
    inputs: [exactly([123], "uint32", []), exactly([4], "int32", [])],
    build: (seed, counter) => g.randomBits([33], { seed, counter, stream: 2 }),
    oracle: () => wordsOf(33, { seed: 123, counter: 4, stream: 2 }),
    ...exact,
  },
  {
    name: "randomBernoulli() as a dropout mask",
    inputs: [floats(5, 7)],
    build: (x) => g.mul(x, g.cast(g.randomBernoulli([5, 7], 0.5, { seed: 3 }), "float32")),
    oracle: (x) => x.data.map((v, i) => threefry([3, 0], [i, 0])[0] < 2 ** 31 ? v : 0),
  },
];

const shuffles: OpCase[] = [1, 2, 3, 7, 33, 1000].map((size) => ({
  name: `shuffled() of ${size} positions`,
  inputs: [exactly([9], "uint32", []), exactly([5], "int32", [])],
  build: (seed, turn) => g.shuffled(g.iota(size), size, { seed, turn }),
  oracle: () => Array.from({ length: size }, (_, i) => shuffledPlace(i, size, 9, 5)),
  differentiable: false,
}));

const mirrored = (place: number, size: number) => {
  const distance = Math.abs(place);
  return distance < size ? distance : 2 * (size - 1) - distance;
};
const shifts: OpCase[] = (["float32", "uint8"] as const).map((dtype) => ({
  name: `shiftImages() of ${dtype}, each by offsets of its own`,
  inputs: [
    dtype === "float32" ? floats(5, 7, 6, 3) : integersIn(dtype, 0, 256, 5, 7, 6, 3),
    exactly([0, 3, -3, 6, -6], "int32"),
    exactly([0, -2, 5, -5, 1], "int32"),
  ],
  build: (x, rows, columns) => g.shiftImages(x, rows, columns),
  oracle: (x, rows, columns) =>
    doubles(
      [5, 7, 6, 3],
      ([n, i, j, c]) => elementAt(x, [n, mirrored(i + rows.data[n], 7), mirrored(j + columns.data[n], 6), c]),
    ),
  differentiable: false,
}));

/** Random tensors. */
export const randomCases: OpCase[] = [...draws, ...tensors, ...shuffles, ...shifts];
