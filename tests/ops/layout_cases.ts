/** Ops that cut, repeat, turn and place: split, repeat, tile, roll, at, squeeze, grids and triangles. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt } from "../oracle/doubles.ts";
import { concatenated, reshaped, sliced } from "../oracle/movement.ts";
import { floats, floatsIn, integersIn } from "./inputs.ts";
import { move } from "./movement_cases.ts";

const splits = ([
  [[6, 3], 3, 0],
  [[2, 7], [4, 0, 3], -1],
  [[5], [5], 0],
  [[2, 6, 3], 2, 1],
] as [number[], number | number[], number][]).map(([shape, pieces, axis]) =>
  move(
    `split() of [${shape.join(", ")}] in ${
      JSON.stringify(pieces)
    } along axis ${axis}, joined in the other order`,
    [shape],
    (x) => g.concat(g.split(x, pieces, axis).toReversed(), axis),
    (x) => {
      const at = axis < 0 ? axis + shape.length : axis;
      const sizes = typeof pieces === "number" ? new Array(pieces).fill(shape[at] / pieces) : pieces;
      const parts = sizes.map((size, i) =>
        sliced(
          x,
          shape.map((_, a) => a === at ? sizes.slice(0, i).reduce((s, n) => s + n, 0) : 0),
          shape.map((n, a) => a === at ? size : n),
        )
      );
      return concatenated(parts.reverse(), at);
    },
  )
);

const repeats = ([
  [[5], 3, 0],
  [[2, 3], 2, 0],
  [[2, 3], 4, -1],
  [[2, 3, 2], [2, 0, 1], 1],
  [[3], 0, 0],
  [[2, 0], 2, 1],
] as [number[], number | number[], number][]).map(([shape, counts, axis]) =>
  move(
    `repeat() of [${shape.join(", ")}] by ${JSON.stringify(counts)} along axis ${axis}`,
    [shape],
    (x) => g.repeat(x, counts, axis),
    (x) => {
      const at = axis < 0 ? axis + shape.length : axis;
      const places = Array.from({ length: shape[at] }, (_, i) => i)
        .flatMap((i) => new Array<number>(typeof counts === "number" ? counts : counts[i]).fill(i));
      return doubles(
        shape.map((n, a) => a === at ? places.length : n),
        (index) => elementAt(x, index.map((e, a) => a === at ? places[e] : e)),
      );
    },
  )
);

const tiles = ([
  [[5], [3]],
  [[2, 3], [2, 2]],
  [[2, 3], [3]],
  [[3], [2, 1, 2]],
  [[2, 3], [1, 0]],
  [[], [4]],
] as [number[], number[]][]).map(([shape, counts]) =>
  move(`tile() of [${shape.join(", ")}] by [${counts}]`, [shape], (x) => g.tile(x, counts), (x) => {
    const rank = Math.max(shape.length, counts.length);
    const sizes = [...new Array(rank - shape.length).fill(1), ...shape];
    const times = [...new Array(rank - counts.length).fill(1), ...counts];
    return doubles(
      sizes.map((n, a) => n * times[a]),
      (index) => elementAt(reshaped(x, sizes), index.map((e, a) => e % sizes[a])),
    );
  })
);

const rolls = ([
  [[7], 2, 0],
  [[7], -9, 0],
  [[3, 5], 1, -1],
  [[3, 5], 4, 0],
  [[5], 0, 0],
  [[0, 2], 3, 0],
] as [number[], number, number][]).map(([shape, shift, axis]) =>
  move(
    `roll() of [${shape.join(", ")}] by ${shift} along axis ${axis}`,
    [shape],
    (x) => g.roll(x, shift, axis),
    (x) => {
      const at = axis < 0 ? axis + shape.length : axis;
      const from = (i: number) => (((i - shift) % shape[at]) + shape[at]) % shape[at];
      return doubles(shape, (index) => elementAt(x, index.map((e, a) => a === at ? from(e) : e)));
    },
  )
);

/** What Python's range gives for a slice of n elements. */
function placesOf(place: g.AxisPlace, n: number): number[] {
  if (typeof place === "number") return [place < 0 ? place + n : place];
  const [from, to, step] = place as g.AxisRange;
  const stride = step ?? 1;
  const all: number[] = [];
  const bound = (v: number) => v < 0 ? v + n : v;
  if (stride > 0) {
    for (let i = Math.max(0, bound(from ?? 0)); i < Math.min(n, bound(to ?? n)); i += stride) all.push(i);
  } else {
    const last = to === null || to === undefined ? -1 : Math.max(-1, bound(to));
    for (let i = Math.min(n - 1, bound(from ?? n - 1)); i > last; i += stride) all.push(i);
  }
  return all;
}

const takes = ([
  [[7], [-2]],
  [[7], [[-3]]],
  [[7], [[null, null, -1]]],
  [[7], [[5, 1, -2]]],
  [[7], [[-1, -100, -3]]],
  [[7], [[1, -1, 2]]],
  [[7], [[4, 2]]],
  [[7], [[100, null]]],
  [[3, 4], [1]],
  [[3, 4], [[], -1]],
  [[3, 4, 2], ["...", 0]],
  [[3, 4, 2], [-1, "...", [null, null, -1]]],
  [[3, 4, 2], [[null, -1], [2, null, -1], 1]],
  [[2, 3], []],
] as [number[], g.AxisPlace[]][]).map(([shape, places]) =>
  move(`at() ${JSON.stringify(places)} of [${shape.join(", ")}]`, [shape], (x) => g.at(x, ...places), (x) => {
    const dots = places.indexOf("...");
    const rest = new Array<g.AxisPlace>(shape.length - places.length + (dots < 0 ? 0 : 1)).fill([]);
    const all = dots < 0
      ? [...places, ...rest]
      : [...places.slice(0, dots), ...rest, ...places.slice(dots + 1)];
    const found = all.map((place, a) => placesOf(place, shape[a]));
    const block = doubles(
      found.map((f) => f.length),
      (index) => elementAt(x, index.map((e, a) => found[a][e])),
    );
    return reshaped(block, block.shape.filter((_, a) => typeof all[a] !== "number"));
  })
);

const views = [
  move("squeeze() of all axes of size 1", [[1, 3, 1]], (x) => g.squeeze(x), (x) => reshaped(x, [3])),
  move("squeeze() of the last axis", [[1, 3, 1]], (x) => g.squeeze(x, -1), (x) => reshaped(x, [1, 3])),
  move("expandDims() in front", [[2, 3]], (x) => g.expandDims(x, 0), (x) => reshaped(x, [1, 2, 3])),
  move("expandDims() at the end", [[2, 3]], (x) => g.expandDims(x, -1), (x) => reshaped(x, [2, 3, 1])),
  move(
    "meshgrid() of three",
    [[2], [3], [4]],
    (...all) => g.meshgrid(...all).reduce((a, b) => g.mul(a, b)),
    (a, b, c) => doubles([2, 3, 4], ([i, j, k]) => elementAt(a, [i]) * elementAt(b, [j]) * elementAt(c, [k])),
  ),
];

const triangles = (["tril", "triu"] as const).flatMap((name) =>
  ([[[3, 5], 0], [[2, 5, 3], 1], [[4, 4], -2], [[3, 3], 7]] as [number[], number][]).map((
    [shape, diagonal],
  ) =>
    move(
      `${name}() of [${shape.join(", ")}] at diagonal ${diagonal}`,
      [shape],
      (x) => g[name](x, diagonal),
      (x) =>
        doubles(shape, (index) => {
          const [row, column] = index.slice(-2);
          const isKept = name === "tril" ? column <= row + diagonal : column >= row + diagonal;
          return isKept ? elementAt(x, index) : 0;
        }),
    )
  )
);

const made: OpCase[] = [
  ...([[0, 1, 5], [2, -3, 8], [1, 1, 1], [0, 1, 0], [-1, 1, 33]] as const).map((
    [from, to, count],
  ): OpCase => ({
    name: `linspace() from ${from} to ${to} in ${count}`,
    inputs: [],
    build: () => g.linspace(from, to, count),
    oracle: () =>
      Array.from({ length: count }, (_, i) => count === 1 ? from : from + i * (to - from) / (count - 1)),
    oracleTolerance: 1e-6,
    differentiable: false,
  })),
  ...([[3, 3, 0], [2, 5, 1], [5, 2, -2], [0, 3, 0]] as const).map(([rows, columns, diagonal]): OpCase => ({
    name: `eye() of [${rows}, ${columns}] at diagonal ${diagonal}`,
    inputs: [],
    build: () => g.eye(rows, columns, diagonal),
    oracle: () => doubles([rows, columns], ([i, j]) => +(j === i + diagonal)),
    differentiable: false,
  })),
  ...(["int32", "uint8", "bool"] as const).map((dtype): OpCase => ({
    name: `roll(), repeat() and tile() of ${dtype}`,
    inputs: [integersIn(dtype, 0, 2, 3, 5)],
    build: (x) => g.tile(g.repeat(g.roll(x, 1), 2), [2, 1]),
    oracle: (x: Doubles) => doubles([6, 10], ([i, j]) => elementAt(x, [i % 3, (Math.floor(j / 2) + 4) % 5])),
    differentiable: false,
  })),
  {
    name: "tril() leaves out NaN above the diagonal",
    inputs: [floats(3, 3), floatsIn(-1, 0, 3, 3)],
    build: (x, y) => g.tril(g.where(g.greater(g.eye(3, 3, 1), 0), g.sqrt(y), x)),
    oracle: (x) => doubles([3, 3], ([i, j]) => j <= i ? elementAt(x, [i, j]) : 0),
    differentiable: false,
  },
];

/** Layouts. */
export const layoutCases: OpCase[] = [
  ...splits,
  ...repeats,
  ...tiles,
  ...rolls,
  ...takes,
  ...views,
  ...triangles,
  ...made,
];
