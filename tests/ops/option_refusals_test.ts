/** Every option of every op: what is not of its kind is refused when the program is traced. */
import type { DType } from "../../engine/array.ts";
import type { Shape } from "../../engine/shape.ts";
import * as g from "../../ops/mod.ts";
import { f, i, type Refusal, testRefusals } from "./refusals.ts";

/** Values that no option takes. */
const never: readonly unknown[] = [null, NaN, "x", {}, [NaN]];
/** Values that are no whole number. */
const notWhole: readonly unknown[] = [...never, 0.5, Infinity, "1", [1], true];
/** Values that are no pair of whole numbers from 1. */
const noPair: readonly unknown[] = [...never, 0, -1, 1.5, [2], [2, 2, 2], [2, 0], [2, null], 2 ** 31];
const noFlag: readonly unknown[] = [...never, 0, 1, "true"];
const noNumber: readonly unknown[] = [...never, Infinity, "1", [1]];
const noShape: readonly unknown[] = [null, NaN, 3, "3", [1.5], [-2], [null], [NaN], new Array(1)];

type Use = (value: never) => unknown;
const image = f(1, 4, 4, 2);
const handOn = <T>(carry: T) => ({ carry });
const options: [string, readonly unknown[], Use][] = [
  ["conv2d() strides", noPair, (strides) => g.conv2d(image, f(2, 2, 2, 1), { strides })],
  ["conv2d() dilations", noPair, (dilations) => g.conv2d(image, f(2, 2, 2, 1), { dilations })],
  [
    "conv2d() padding",
    [...never, "full", -1, 0.5, [1, 1], [[1, 1]], [[1, 1], [1]], 2 ** 40],
    (padding) => g.conv2d(image, f(2, 2, 2, 1), { padding }),
  ],
  ["conv2d() groups", [...notWhole, 0], (groups) => g.conv2d(image, f(2, 2, 2, 1), { groups })],
  ["maxPool2d() poolSize", noPair, (poolSize) => g.maxPool2d(image, { poolSize })],
  ["maxPool2d() strides", noPair, (strides) => g.maxPool2d(image, { strides })],
  ["averagePool2d() padding", [...never, "full", -1], (padding) => g.averagePool2d(image, { padding })],
  ["globalAveragePool2d() keepDims", noFlag, (keepDims) => g.globalAveragePool2d(image, { keepDims })],
  [
    "sum() axes",
    [null, NaN, 0.5, [0.5], [NaN], "x", {}, 2, [0, 0], new Array(1)],
    (axes) => g.sum(f(2, 2), axes),
  ],
  ["mean() keepDims", noFlag, (keepDims) => g.mean(f(2), 0, { keepDims })],
  ["argMax() axis", [null, NaN, 0.5, "x", 2, -3], (axis) => g.argMax(f(2, 2), axis)],
  ["argMin() keepDims", noFlag, (keepDims) => g.argMin(f(2), 0, { keepDims })],
  ["matmul() transposeA", noFlag, (transposeA) => g.matmul(f(2, 2), f(2, 2), { transposeA })],
  ["matmul() transposeB", noFlag, (transposeB) => g.matmul(f(2, 2), f(2, 2), { transposeB })],
  ["broadcastTo() shape", noShape, (shape) => g.broadcastTo(f(1), shape)],
  [
    "reshape() shape",
    [...noShape.filter((s) => `${s}` !== "-2"), [-1, -1]],
    (shape) => g.reshape(f(1), shape),
  ],
  ["flatten() axis", [null, NaN, 0.5, "x", 3, -3], (axis) => g.flatten(f(2, 2), axis)],
  ["full() shape", noShape, (shape) => g.full(shape, 1)],
  ["cast() dtype", [...never, "float64", undefined], (dtype) => g.cast(f(1), dtype)],
  ["clamp() low", [...never, "1"], (low) => g.clamp(f(1), low, 1)],
  ["concat() axis", [null, NaN, 0.5, "x", 1, -2], (axis) => g.concat([f(1), f(1)], axis)],
  ["stack() axis", [null, NaN, 0.5, "x", 2, -3], (axis) => g.stack([f(1), f(1)], axis)],
  ["elu() alpha", noNumber, (alpha) => g.elu(f(1), alpha)],
  ["leakyRelu() slope", noNumber, (slope) => g.leakyRelu(f(1), slope)],
  ["gather() axis", [null, NaN, 0.5, "x", 1, -2], (axis) => g.gather(f(2), i(1), axis)],
  ["iota() size", [...notWhole, -1, 2 ** 31], (size) => g.iota(size)],
  ["iota() dtype", [...never, "uint8"], (dtype) => g.iota(3, dtype)],
  ["oneHot() classes", [...notWhole, 0, undefined], (classes) => g.oneHot(i(1), classes)],
  ["packLayout() shapes", [null, 3, [null], [[0.5]]], (shapes) => g.packLayout(shapes)],
  [
    "pad() padding",
    [null, 1, [1], [[1]], [[1, 0.5]], [[1, NaN]], [[1, null]], [[0, 0], [0, 0]]],
    (padding) => g.pad(f(2), padding),
  ],
  [
    "pad() padding, mirrored",
    [null, [[0.5, 0]], [[1, NaN]], [[-1, 0]], [[2, 0]], []],
    (padding) => g.pad(f(2), padding, "reflect"),
  ],
  ["randomBits() shape", noShape, (shape) => g.randomBits(shape, { seed: 1 })],
  ["randomBits() seed", [...notWhole, -1, 2 ** 32, f(), i(1)], (seed) => g.randomBits([1], { seed })],
  ["randomBits() counter", [...notWhole, -1, f()], (counter) => g.randomBits([1], { seed: 1, counter })],
  ["randomBits() stream", [...notWhole, -1], (stream) => g.randomBits([1], { seed: 1, stream })],
  ["randomUniform() low", noNumber, (low) => g.randomUniform([1], { seed: 1, low })],
  ["randomUniform() high", [...noNumber, -1], (high) => g.randomUniform([1], { seed: 1, high })],
  ["randomNormal() mean", noNumber, (mean) => g.randomNormal([1], { seed: 1, mean })],
  ["randomNormal() deviation", [...noNumber, -1], (deviation) => g.randomNormal([1], { seed: 1, deviation })],
  ["randomBernoulli() probability", [...never, -0.1, 1.1], (p) => g.randomBernoulli([1], p, { seed: 1 })],
  ["RandomSource() stream", [...notWhole, -1], (stream) => new g.RandomSource({ seed: 1, stream })],
  ["reverse() axes", [null, 0.5, [NaN], 1], (axes) => g.reverse(f(1), axes)],
  ["shuffled() size", [...notWhole, 0], (size) => g.shuffled(i(1), size, { seed: 1 })],
  ["shuffled() seed", [...notWhole, -1, f()], (seed) => g.shuffled(i(1), 1, { seed })],
  ["shuffled() turn", [...notWhole, -1], (turn) => g.shuffled(i(1), 1, { seed: 1, turn })],
  ["scan() step", [...never, undefined], (step) => g.scan(step, { carry: { h: f(1) }, length: 1 })],
  ["scan() options", [null, NaN, "x", undefined], (options) => g.scan(handOn, options)],
  [
    "scan() carry",
    [null, NaN, "x", undefined, f(1), [f(1)]],
    (carry) => g.scan(handOn, { carry, length: 1 }),
  ],
  [
    "scan() xs",
    [null, NaN, 0.5, "x", f(1), [f(1)]],
    (xs) => g.scan(handOn, { carry: { h: f(1) }, xs, length: 1 }),
  ],
  [
    "scan() length",
    [...notWhole, -1, 2 ** 31],
    (length) => g.scan(handOn, { carry: { h: f(1) }, length }),
  ],
  ["scan() reverse", noFlag, (reverse) => g.scan(handOn, { carry: { h: f(1) }, length: 1, reverse })],
  [
    "scan() ys",
    [NaN, 3, "x", f(1), [f(1)]],
    (ys) => g.scan((carry) => ({ carry, ys }), { carry: { h: f(1) }, length: 1 }),
  ],
  [
    "slice() starts",
    [null, [0.5], [-3], [NaN], [null], [3], [0, 0], []],
    (starts) => g.slice(f(2), starts, [1]),
  ],
  ["slice() starts of nothing", [[3], [0.5]], (starts) => g.slice(f(2), starts, [0])],
  ["slice() sizes", [null, [0.5], [-2], [NaN], [3], [1, 1]], (sizes) => g.slice(f(2), [0], sizes)],
  [
    "slice() strides",
    [null, [0], [0.5], [NaN], [1, 1], [2 ** 31]],
    (strides) => g.slice(f(2), [0], [1], strides),
  ],
  ["cumsum() axis", [null, NaN, 0.5, "x", 1, -2], (axis) => g.cumsum(f(1), axis)],
  ["cumprod() exclusive", [null, 1, "x"], (exclusive) => g.cumprod(f(1), 0, { exclusive })],
  ["sort() axis", [null, NaN, 0.5, "x", 1, -2], (axis) => g.sort(f(1), axis)],
  ["argSort() descending", [null, 1, "x"], (descending) => g.argSort(f(1), 0, { descending })],
  ["topK() count", [...notWhole, -1, 3], (count) => g.topK(f(2), count)],
  [
    "variance() correction",
    [null, NaN, -1, Infinity, "x", 2],
    (correction) => g.variance(f(2), 0, { correction }),
  ],
  ["roll() shift", notWhole, (shift) => g.roll(f(2), shift)],
  ["split() pieces", [null, 0, 0.5, -1, NaN, "x", [0.5], [-1, 3]], (pieces) => g.split(f(2), pieces)],
  ["repeat() counts", [null, 0.5, -1, NaN, "x", [1], [1, -1]], (counts) => g.repeat(f(2), counts)],
  ["tile() counts", [null, 1, [0.5], [-1], [NaN], ["x"]], (counts) => g.tile(f(2), counts)],
  ["at() place", [null, NaN, 0.5, "x", 2, -3, [0.5], [0, 1, 0], [1, 2, 3, 4]], (place) => g.at(f(2), place)],
  ["softmax() axis", [null, NaN, 0.5, "x", 1, -2], (axis) => g.softmax(f(1), axis)],
  ["logSoftmax() axis", [null, NaN, 0.5, "x", 1, -2], (axis) => g.logSoftmax(f(1), axis)],
  [
    "softmaxCrossEntropy() labelSmoothing",
    [...never, -0.1, 1, "0"],
    (labelSmoothing) => g.softmaxCrossEntropy(f(1, 2), i(1), { labelSmoothing }),
  ],
  ["transpose() order", [null, [0.5], [NaN], [1], [0, 0], [-1]], (order) => g.transpose(f(1), order)],
  ["tensor() shape", [null, [2], [0.5], "1"], (shape) => g.tensor([1], shape)],
  ["tensor() dtype", [null, "float64"], (dtype) => g.tensor([1], [1], dtype)],
];

testRefusals(options.flatMap(([what, values, use]) =>
  values.map((value): Refusal => {
    const shown = Array.isArray(value) ? JSON.stringify(value) : String(value);
    return [
      `${what} of ${typeof value === "string" ? `"${value}"` : shown}`,
      () => use(value as never),
      Error,
    ];
  })
));

Deno.test("an option that is undefined is as good as left out", () => {
  const same = (a: { shape: Shape; dtype: DType }, b: typeof a) => {
    if (`${a.shape} ${a.dtype}` !== `${b.shape} ${b.dtype}`) throw new Error(`${a.shape} is not ${b.shape}`);
  };
  const none = undefined;
  same(g.maxPool2d(image, { poolSize: 2, strides: none }), g.maxPool2d(image, { poolSize: 2 }));
  same(g.averagePool2d(image, { poolSize: none, strides: none, padding: none }), g.averagePool2d(image));
  const weight = f(2, 2, 2, 3);
  same(
    g.conv2d(image, weight, { strides: none, padding: none, dilations: none, groups: none }),
    g.conv2d(image, weight),
  );
  same(g.sum(f(2, 3), none, { keepDims: none }), g.sum(f(2, 3)));
  same(g.matmul(f(2, 3), f(3, 2), { transposeA: none, transposeB: none }), g.matmul(f(2, 3), f(3, 2)));
});
