/** Images at other sizes, by every method and placement of pixels; channels into blocks of pixels and back. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt } from "../oracle/doubles.ts";
import { exactly, floats } from "./inputs.ts";

const clamp = (i: number, size: number) => Math.max(0, Math.min(size - 1, i));

/** Keys' cubic by its own pieces, a = -3/4. */
function keys(x: number): number {
  const t = Math.abs(x);
  if (t <= 1) return 1.25 * t ** 3 - 2.25 * t ** 2 + 1;
  return t < 2 ? -0.75 * (t ** 3 - 5 * t ** 2 + 8 * t - 4) : 0;
}

/** A sequence at any place between its elements. */
function between(
  line: (i: number) => number,
  size: number,
  at: number,
  options: g.ResizeImagesOptions,
): number {
  switch (options.method ?? "bilinear") {
    case "nearest": {
      const isPoints = !options.alignCorners && options.halfPixelCenters === false;
      return line(clamp(Math.floor(at + (isPoints ? 0 : 0.5) + 1e-9), size));
    }
    case "bilinear": {
      const kept = Math.max(0, Math.min(size - 1, at));
      const left = Math.floor(kept);
      return line(left) + (kept - left) * (line(clamp(left + 1, size)) - line(left));
    }
    case "bicubic": {
      let sum = 0;
      for (let i = Math.floor(at) - 1; i <= Math.floor(at) + 2; i++) {
        sum += keys(at - i) * line(clamp(i, size));
      }
      return sum;
    }
  }
}

function resized(
  x: Doubles,
  [height, width]: readonly [number, number],
  options: g.ResizeImagesOptions,
): Doubles {
  const source = (i: number, from: number, to: number) => {
    if (options.alignCorners) return to === 1 ? 0 : i / (to - 1) * (from - 1);
    return options.halfPixelCenters === false ? i * (from / to) : (i + 0.5) * (from / to) - 0.5;
  };
  const [batch, rows, columns, channels] = x.shape;
  return doubles([batch, height, width, channels], ([n, i, j, c]) =>
    between(
      (row) =>
        between((column) => elementAt(x, [n, row, column, c]), columns, source(j, columns, width), options),
      rows,
      source(i, rows, height),
      options,
    ));
}

const sizes = ([
  [[2, 3, 4, 2], [6, 8]],
  [[1, 5, 3, 1], [3, 7]],
  [[1, 4, 6, 3], [4, 5]],
  [[2, 1, 2, 1], [3, 1]],
  [[1, 7, 7, 2], [2, 3]],
] as [number[], [number, number]][]).flatMap(([shape, size]) =>
  (["nearest", "bilinear", "bicubic"] as const).flatMap((method) =>
    [{}, { alignCorners: true }, { halfPixelCenters: false }].map((placed): OpCase => {
      const options = { method, ...placed };
      return {
        name: `resize() of [${shape.join(", ")}] to ${size.join(" x ")}, ${JSON.stringify(options)}`,
        inputs: [floats(...shape)],
        build: (x) => g.resize(x, size, options),
        oracle: (x) => resized(x, size, options),
        oracleTolerance: 1e-6,
        twice: method === "bilinear",
      };
    })
  )
);

const special: OpCase[] = [
  {
    name: "resize() squared, to the size that is there in one direction",
    inputs: [floats(2, 4, 3, 2)],
    build: (x) => g.square(g.resize(x, [4, 5], { method: "bicubic" })),
    oracle: (x) => {
      const y = resized(x, [4, 5], { method: "bicubic" });
      return { ...y, data: y.data.map((v) => v * v) };
    },
    oracleTolerance: 1e-6,
  },
  {
    name: "resize() of an image with infinities and NaN, which stay where they have a weight",
    inputs: [exactly([1, Infinity, 2, NaN], "float32", [1, 1, 4, 1])],
    build: (x) => g.resize(x, [1, 7], { alignCorners: true }),
    oracle: () => ({
      data: Float64Array.of(1, Infinity, Infinity, Infinity, 2, NaN, NaN),
      shape: [1, 1, 7, 1],
    }),
    differentiable: false,
  },
];

const shuffles = ([[[2, 3, 2, 8], 2], [[1, 2, 3, 9], 3], [[2, 2, 2, 3], 1], [[0, 2, 2, 4], 2]] as [
  number[],
  number,
][]).flatMap(([shape, r]) =>
  (["CRD", "DCR"] as const).flatMap((mode): OpCase[] => {
    const [batch, height, width, all] = shape;
    const count = all / (r * r);
    const channelOf = (c: number, k: number, l: number) =>
      mode === "CRD" ? c * r * r + k * r + l : (k * r + l) * count + c;
    const large = [batch, height * r, width * r, count];
    return [
      {
        name: `pixelShuffle() of [${shape.join(", ")}] in blocks of ${r}, ${mode}`,
        inputs: [floats(...shape)],
        build: (x) => g.square(g.pixelShuffle(x, r, { mode })),
        oracle: (x) =>
          doubles(large, ([n, i, j, c]) =>
            elementAt(x, [n, Math.floor(i / r), Math.floor(j / r), channelOf(c, i % r, j % r)]) ** 2),
      },
      {
        name: `pixelUnshuffle() of [${large.join(", ")}] in blocks of ${r}, ${mode}`,
        inputs: [floats(...large)],
        build: (x) =>
          g.square(g.pixelUnshuffle(x, r, { mode })),
        oracle: (x) =>
          doubles(shape, ([n, i, j, channel]) => {
            for (let c = 0; c < count; c++) {
              for (let k = 0; k < r; k++) {
                for (let l = 0; l < r; l++) {
                  if (channelOf(c, k, l) === channel) {
                    return elementAt(x, [n, i * r + k, j * r + l, c]) ** 2;
                  }
                }
              }
            }
            return NaN;
          }),
      },
    ];
  })
);

/** Sizes of images. */
export const resizeCases: OpCase[] = [...sizes, ...special, ...shuffles];
