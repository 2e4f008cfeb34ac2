/** Running sums and products, along any axis, forwards and backwards. */
import type { DType } from "../../engine/array.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt } from "../oracle/doubles.ts";
import { exactly, floatsIn, integersIn } from "./inputs.ts";

type Join = (a: number, b: number) => number;
const joins = { cumsum: [(a, b) => a + b, 0], cumprod: [(a, b) => a * b, 1] } satisfies Record<
  string,
  [Join, number]
>;

function runningOf(
  name: "cumsum" | "cumprod",
  x: Doubles,
  axis: number,
  { exclusive, reverse }: g.CumulativeOptions = {},
): Doubles {
  const [join, first]: [Join, number] = joins[name];
  return doubles(x.shape, (index) => {
    let value = first;
    for (let i = 0; i < x.shape[axis]; i++) {
      const isBefore = reverse ? i > index[axis] : i < index[axis];
      if (!isBefore && (exclusive || i !== index[axis])) continue;
      value = join(value, elementAt(x, index.map((at, a) => a === axis ? i : at)));
    }
    return value;
  });
}

const shapes: [number[], number][] = [
  [[5], 0],
  [[1], 0],
  [[0], 0],
  [[2, 0, 3], 2],
  [[33], 0],
  [[3, 9], -1],
  [[9, 3], 0],
  [[2, 17, 3], 1],
  [[2, 70], 1],
];
const options: g.CumulativeOptions[] = [
  {},
  { exclusive: true },
  { reverse: true },
  { exclusive: true, reverse: true },
];

const both = ["cumsum", "cumprod"] as const;
const shapeCases = both.flatMap((name) =>
  shapes.flatMap(([shape, axis], s) =>
    options.filter((_, o) => s === 7 || o === s % 4).map((given): OpCase => ({
      name: `${name}() of [${shape.join(", ")}] along axis ${axis}${given.exclusive ? ", exclusive" : ""}${
        given.reverse ? ", reverse" : ""
      }`,
      inputs: [name === "cumsum" ? { shape } : floatsIn(0.7, 1.3, ...shape)],
      build: (x) => g[name](x, axis, given),
      oracle: (x) => runningOf(name, x, axis < 0 ? axis + shape.length : axis, given),
      twice: shape.length < 3,
    }))
  )
);

/** Few lines and many, along the first axis, one between others and the last. */
const recurrenceShapes: [number[], number][] = [
  [[7], 0],
  [[1], -1],
  [[0], 0],
  [[2, 33, 3], 1],
  [[33, 2], 0],
  [[2, 5, 70], 1],
  [[3, 70, 4], 0],
  [[70, 6], 1],
];
const recurrences = recurrenceShapes.flatMap(([shape, axis], i) =>
  [{}, { reverse: true }].filter((_, o) => i > 2 || o === i % 2).map((
    given: g.RecurrenceOptions,
  ): OpCase => ({
    name: `recurrence() of [${shape.join(", ")}] along axis ${axis}${given.reverse ? ", reverse" : ""}`,
    inputs: [floatsIn(-0.9, 1.1, ...shape), { shape }],
    build: (a, b) => g.recurrence(a, b, axis, given),
    oracle: (a, b) => {
      const along = axis < 0 ? axis + shape.length : axis;
      return doubles(shape, (index) => {
        const at = (x: Doubles, place: number) =>
          elementAt(x, index.map((own, i) => i === along ? place : own));
        const places = Array.from({ length: shape[along] }, (_, place) => place);
        if (given.reverse) places.reverse();
        const seen = places.slice(0, places.indexOf(index[along]) + 1);
        return seen.reduce((y, place) => at(a, place) * y + at(b, place), 0);
      });
    },
    twice: shape.length < 3 && shape[0] < 10,
  }))
);

/** No zero, one, several, beside each other and apart. */
const zeroRows = [[2, -3, 0.5, 4, 1], [2, 0, 3, -1, 2], [0, 2, 0, 3, 1], [1, 2, 0, 0, 3], [0, 0, 0, 0, 2]];
const zeroTable = exactly(zeroRows.flat(), "float32", [5, 5]);
const zeroCases: OpCase[] = [0, 1].flatMap((axis): OpCase[] => [
  {
    name: `cumprod() of zeros along axis ${axis}`,
    inputs: [zeroTable],
    build: (x) => g.cumprod(x, axis),
    oracle: (x) => runningOf("cumprod", x, axis),
  },
  {
    name: `prod() of zeros along axis ${axis}`,
    inputs: [zeroTable],
    build: (x) => g.prod(x, axis),
    oracle: (x) =>
      doubles(
        [5],
        ([i]) => [0, 1, 2, 3, 4].reduce((p, r) => p * elementAt(x, axis === 0 ? [r, i] : [i, r]), 1),
      ),
  },
]);

const dtypes: DType[] = ["int32", "uint32", "uint8", "bool"];
const integerCases = both.flatMap((name) =>
  dtypes.map((dtype): OpCase => ({
    name: `${name}() of ${dtype}`,
    inputs: [integersIn(dtype, dtype === "int32" ? -3 : 0, dtype === "bool" ? 2 : 4, 3, 11)],
    build: (x) => g[name](x, 1),
    oracle: (x) => runningOf(name, x, 1),
    differentiable: false,
  }))
);

const specialCase: OpCase = {
  name: "cumsum() and cumprod() hand NaN and infinity on to what comes behind only",
  inputs: [exactly([1, 2, NaN, 3, 4, 5, 6, 7, 8, 1, Infinity, 2, 3, 4, 5, 6, 7, 8], "float32", [2, 9])],
  build: (x) => g.concat([g.cumsum(x), g.cumprod(x)]),
  oracle: (x) => {
    const [a, b] = [runningOf("cumsum", x, 1), runningOf("cumprod", x, 1)];
    return doubles([4, 9], ([i, j]) => elementAt(i < 2 ? a : b, [i % 2, j]));
  },
  differentiable: false,
};

/** Cumulative ops. */
export const cumulativeCases: OpCase[] = [
  ...shapeCases,
  ...recurrences,
  ...zeroCases,
  ...integerCases,
  specialCase,
];
