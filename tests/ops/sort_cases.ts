/** Sorting along an axis: ties, NaN last, zeros of both signs, both orders, gradients to where elements came from. */
import * as g from "../../ops/mod.ts";
import type { DType } from "../../engine/array.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt } from "../oracle/doubles.ts";
import { exactly, floats, integersIn } from "./inputs.ts";

/** The places of a line in order, by insertion: what comes later is put behind all that it is not before. */
function placesOf(line: number[], descending: boolean): number[] {
  const isBefore = (a: number, b: number) => {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(b) && !Number.isNaN(a);
    return descending ? a > b : a < b;
  };
  const places: number[] = [];
  line.forEach((value, i) => {
    let at = places.length;
    while (at > 0 && isBefore(value, line[places[at - 1]])) at--;
    places.splice(at, 0, i);
  });
  return places;
}

function inOrder(
  x: Doubles,
  axis: number,
  count: number,
  descending: boolean,
  wants: "values" | "places",
): Doubles {
  return doubles(x.shape.map((n, a) => a === axis ? count : n), (index) => {
    const at = (i: number) => elementAt(x, index.map((e, a) => a === axis ? i : e));
    const place = placesOf(Array.from({ length: x.shape[axis] }, (_, i) => at(i)), descending)[index[axis]];
    return wants === "places" ? place : at(place);
  });
}

const shapes: [number[], number][] = [
  [[1], 0],
  [[2, 0], 1],
  [[2, 3], 1],
  [[8], 0],
  [[3, 9], -1],
  [[17, 2], 0],
  [[2, 33, 3], 1],
  [[100], 0],
];

const sortCases = shapes.flatMap(([shape, axis], s) => {
  const at = axis < 0 ? axis + shape.length : axis;
  const descending = s % 2 === 1;
  const what = `of [${shape.join(", ")}] along axis ${axis}${descending ? ", descending" : ""}`;
  return [
    {
      name: `sort() ${what}`,
      inputs: [floats(...shape)],
      build: (x) => g.sort(x, axis, { descending }),
      oracle: (x) => inOrder(x, at, shape[at], descending, "values"),
      differentiable: shape[at] < 100,
    },
    {
      name: `argSort() ${what}, with many ties`,
      inputs: [integersIn("int32", -3, 3, ...shape)],
      build: (x) => g.argSort(x, axis, { descending }),
      oracle: (x) => inOrder(x, at, shape[at], descending, "places"),
      differentiable: false,
    },
  ] satisfies OpCase[];
});

const topCases =
  ([[[9], 0, 3], [[2, 40], 1, 5], [[40, 2], 0, 12], [[2, 3, 20], -1, 1], [[7], 0, 7], [[5], 0, 0]] as const)
    .flatMap(([shape, axis, count], s): OpCase[] => {
      const at = axis < 0 ? axis + shape.length : axis;
      const smallest = s % 2 === 1;
      const what = `of [${shape.join(", ")}] with ${count} along axis ${axis}${smallest ? ", smallest" : ""}`;
      return [
        {
          name: `topK() ${what}, values`,
          inputs: [floats(...shape)],
          build: (x) => g.topK(x, count, axis, { smallest }).values,
          oracle: (x) => inOrder(x, at, count, !smallest, "values"),
        },
        {
          name: `topK() ${what}, positions among ties`,
          inputs: [integersIn("uint32", 0, 4, ...shape)],
          build: (x) => g.topK(x, count, axis, { smallest }).indices,
          oracle: (x) => inOrder(x, at, count, !smallest, "places"),
          differentiable: false,
        },
      ];
    });

const specials = [1, NaN, -0, 0, Infinity, -Infinity, NaN, -1, 0, -0, 2e-38, -2e-38, 3e38];
const specialCases = [false, true].flatMap((descending): OpCase[] => [
  {
    name: `argSort() of NaN, infinities and zeros of both signs${descending ? ", descending" : ""}`,
    inputs: [exactly(specials)],
    build: (x) => g.argSort(x, 0, { descending }),
    oracle: (x) => inOrder(x, 0, specials.length, descending, "places"),
    differentiable: false,
  },
  ...([
    ["int32", [0, -1, 2 ** 31 - 1, -(2 ** 31), 1]],
    ["uint32", [2 ** 31, 0, 2 ** 32 - 1, 2 ** 31 - 1, 2 ** 32 - 1]],
    ["uint8", [3, 0, 255, 3, 128]],
    ["bool", [1, 0, 1, 0, 0]],
  ] as [DType, number[]][]).map(([dtype, values]): OpCase => ({
    name: `sort() of ${dtype} to the ends of the range${descending ? ", descending" : ""}`,
    inputs: [exactly(values, dtype)],
    build: (x) => g.sort(x, 0, { descending }),
    oracle: (x) => inOrder(x, 0, values.length, descending, "values"),
    differentiable: false,
  })),
]);

/** Sorting. */
export const sortingCases: OpCase[] = [...sortCases, ...topCases, ...specialCases];
