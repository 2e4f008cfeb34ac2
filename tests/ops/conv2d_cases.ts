/** Convolutions: strides, padding, dilations, groups and odd sizes; in plain loops and in tiles. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { elementByElement } from "../oracle/doubles.ts";
import { padded, reversed } from "../oracle/movement.ts";
import { convolution, type WindowOptions } from "../oracle/products.ts";
import { floats, integersIn } from "./inputs.ts";

/** One way of laying windows, with an image and a weight that it fits. */
interface Layout extends WindowOptions {
  readonly image: readonly [number, number, number, number];
  readonly weight: readonly [number, number, number, number];
  readonly more?: Partial<OpCase>;
}

function describe({ image, weight, strides, dilations, padding, groups }: Layout): string {
  const parts = [
    strides && `strides ${strides.join(" and ")}`,
    dilations && `dilations ${dilations.join(" and ")}`,
    padding && `padding ${JSON.stringify(padding)}`,
    groups && `${groups} groups`,
  ].filter((part) => part);
  const sizes = `of [${image.join(", ")}] and [${weight.join(", ")}]`;
  return `conv2d() ${sizes}${parts.length > 0 ? ` with ${parts.join(", ")}` : ""}`;
}

function convolve(layout: Layout): OpCase {
  const { image, weight, more } = layout;
  return {
    name: describe(layout),
    inputs: [floats(...image), floats(...weight)],
    build: (x, w) => g.conv2d(x, w, layout),
    oracle: (x, w) => convolution(x, w, layout),
    tolerance: 3e-6,
    ...more,
  };
}

const plain: Layout[] = [
  { image: [2, 7, 6, 3], weight: [3, 3, 3, 8] },
  { image: [2, 7, 6, 3], weight: [1, 1, 3, 5] },
  { image: [3, 5, 5, 1], weight: [5, 5, 1, 1] },
  { image: [2, 1, 1, 3], weight: [1, 1, 3, 2] },
  { image: [1, 1, 31, 1], weight: [1, 7, 1, 3] },
  { image: [2, 33, 1, 2], weight: [5, 1, 2, 3] },
  { image: [2, 5, 4, 7], weight: [2, 3, 7, 33] },
];

const padding: Layout[] = [
  { image: [2, 7, 6, 3], weight: [3, 3, 3, 5], padding: "same" },
  { image: [2, 5, 7, 2], weight: [2, 4, 2, 3], padding: "same" },
  { image: [2, 3, 3, 2], weight: [5, 5, 2, 3], padding: "same" },
  { image: [2, 1, 1, 2], weight: [3, 3, 2, 3], padding: "same" },
  { image: [2, 5, 4, 2], weight: [3, 2, 2, 3], padding: [[2, 0], [0, 3]] },
  { image: [1, 3, 3, 2], weight: [3, 3, 2, 3], padding: [[4, 5], [3, 4]] },
  { image: [2, 7, 6, 3], weight: [1, 1, 3, 4], padding: [[1, 1], [1, 1]] },
];

const strides: Layout[] = [
  { image: [2, 7, 6, 3], weight: [3, 2, 3, 4], strides: [2, 2], padding: "same" },
  { image: [2, 8, 7, 2], weight: [2, 2, 2, 4], strides: [3, 3] },
  { image: [2, 9, 9, 2], weight: [1, 1, 2, 3], strides: [2, 3] },
  { image: [2, 7, 8, 2], weight: [2, 3, 2, 3], strides: [5, 4], padding: [[1, 0], [0, 2]] },
  { image: [2, 9, 5, 1], weight: [3, 3, 1, 3], strides: [1, 2] },
  { image: [1, 5, 6, 2], weight: [5, 6, 2, 3], strides: [7, 9] },
];

/** Strides and dilations without a common divisor, and with one. */
const dilations: Layout[] = [
  { image: [2, 9, 8, 2], weight: [3, 3, 2, 4], dilations: [2, 2], padding: [[1, 1], [1, 1]] },
  { image: [2, 11, 12, 2], weight: [3, 3, 2, 4], dilations: [2, 3], strides: [3, 2] },
  { image: [1, 11, 12, 2], weight: [3, 3, 2, 4], dilations: [2, 2], strides: [2, 2] },
  { image: [1, 15, 14, 1], weight: [3, 2, 1, 3], dilations: [4, 6], strides: [6, 4] },
  { image: [2, 9, 9, 2], weight: [3, 3, 2, 3], dilations: [3, 1], strides: [1, 3], padding: "same" },
  {
    image: [1, 13, 7, 1],
    weight: [2, 2, 1, 3],
    dilations: [5, 3],
    strides: [3, 5],
    padding: [[2, 1], [0, 4]],
  },
  { image: [2, 3, 3, 2], weight: [3, 3, 2, 3], dilations: [4, 4], padding: "same" },
];

/** Images of few channels and weights of many filters, the gradient of which is added up from shares. */
const fewChannels: Layout[] = [
  { image: [2, 6, 5, 1], weight: [2, 3, 1, 9] },
  { image: [2, 7, 9, 3], weight: [3, 3, 3, 11], padding: [[1, 0], [0, 2]], dilations: [2, 1] },
  { image: [2, 3, 2, 4], weight: [4, 4, 4, 8], padding: "same" },
  { image: [1, 9, 8, 2], weight: [5, 5, 2, 32], padding: [[4, 4], [4, 4]] },
];

const groups: Layout[] = [
  { image: [2, 5, 6, 6], weight: [3, 3, 3, 8], groups: 2, padding: "same" },
  { image: [2, 5, 6, 6], weight: [3, 3, 1, 6], groups: 6 },
  { image: [2, 5, 5, 3], weight: [3, 3, 1, 9], groups: 3, strides: [2, 2], padding: "same" },
  { image: [2, 9, 8, 4], weight: [2, 3, 2, 4], groups: 2, strides: [3, 2], dilations: [2, 3] },
  { image: [1, 7, 7, 10], weight: [3, 3, 5, 22], groups: 2 },
  { image: [2, 8, 7, 33], weight: [3, 3, 1, 33], groups: 33, padding: "same", more: { twice: false } },
];

const empty: Layout[] = [
  { image: [0, 5, 5, 2], weight: [3, 3, 2, 3], more: { differentiable: false } },
  { image: [2, 3, 3, 0], weight: [2, 2, 0, 3], more: { differentiable: false } },
  { image: [2, 3, 3, 2], weight: [2, 2, 2, 0], more: { differentiable: false } },
];

/** Large enough for tiles: rests of rows and of filters, and sums that are taken in parts. */
const once = { twice: false };
const tiles: Layout[] = [
  ...[3, 4, 5, 7, 8, 9, 12, 16, 31].map((filters): Layout => ({
    image: [2, 7, 4 + filters % 6, 3],
    weight: [3, 3, 3, filters],
    padding: filters % 2 ? "same" : "valid",
    more: { ...once, devices: filters % 4 ? ["cpu"] : undefined },
  })),
  { image: [2, 16, 16, 8], weight: [3, 3, 8, 16], padding: "same", more: once },
  { image: [2, 8, 9, 16], weight: [5, 5, 16, 9], strides: [2, 2], padding: "same", more: once },
  { image: [1, 4, 5, 150], weight: [3, 3, 150, 11], more: { ...once, tolerance: 5e-6 } },
  { image: [1, 2, 3, 1300], weight: [1, 1, 1300, 9], more: { ...once, tolerance: 5e-6 } },
  { image: [2, 3, 2, 2200], weight: [1, 1, 1100, 6], groups: 2, more: { ...once, tolerance: 5e-6 } },
  { image: [2, 12, 12, 4], weight: [3, 3, 4, 10], strides: [3, 3], dilations: [2, 2], more: once },
  { image: [3, 32, 32, 3], weight: [3, 3, 3, 32], more: { ...once, tolerance: 1e-5 } },
];

/** As many images as a tile has rows, and more: sums then go without what is outside of the images, in some of them wholly. */
const images: Layout[] = [
  { image: [6, 4, 5, 3], weight: [3, 3, 3, 9], padding: "same", more: once },
  { image: [7, 4, 3, 2], weight: [3, 5, 2, 8], padding: "same", more: once },
  { image: [13, 4, 4, 3], weight: [3, 3, 3, 5], padding: [[2, 1], [0, 3]], more: once },
  { image: [6, 3, 2, 2], weight: [2, 2, 2, 8], padding: [[4, 0], [1, 5]], more: once },
  { image: [8, 6, 5, 3], weight: [3, 3, 3, 8], more: once },
  { image: [8, 7, 6, 3], weight: [3, 2, 3, 10], strides: [2, 3], padding: "same", more: once },
  { image: [6, 6, 5, 2], weight: [3, 2, 2, 7], dilations: [2, 1], padding: "same", more: once },
  { image: [6, 4, 5, 6], weight: [3, 3, 3, 8], groups: 2, padding: "same", more: once },
  { image: [6, 4, 5, 7], weight: [3, 3, 1, 7], groups: 7, padding: "same", more: once },
  { image: [6, 2, 3, 150], weight: [3, 3, 150, 9], padding: "same", more: { ...once, tolerance: 5e-6 } },
];

/** Enough channels and places that the cpu device computes tiles of results with fewer products: with rests of all kinds. */
const short = { ...once, tolerance: 5e-6 };
const fewerProducts: Layout[] = [
  { image: [2, 9, 10, 16], weight: [3, 3, 16, 24], padding: "same", more: short },
  { image: [3, 14, 13, 17], weight: [3, 3, 17, 18], more: short },
  { image: [17, 4, 4, 16], weight: [3, 3, 16, 18], padding: "same", more: { tolerance: 5e-6 } },
  { image: [1, 35, 18, 16], weight: [3, 3, 16, 16], padding: [[2, 1], [0, 3]], more: short },
];

const same = { padding: "same" } as const;
const mixed: OpCase[] = [
  {
    name: "conv2d() of an image that is made where it is read",
    inputs: [floats(2, 6, 7, 3), floats(3, 3, 3, 9)],
    build: (x, w) => g.conv2d(g.tanh(x), w, same),
    oracle: (x, w) => convolution(elementByElement(Math.tanh, x), w, same),
    twice: false,
  },
  {
    name: "conv2d() of many images that are made where they are read",
    inputs: [floats(7, 4, 5, 3), floats(3, 3, 3, 9), floats(9)],
    build: (x, w, b) => g.relu(g.add(g.conv2d(g.tanh(x), w, same), b)),
    oracle: (x, w, b) => {
      const y = convolution(elementByElement(Math.tanh, x), w, same);
      return elementByElement((v, c) => Math.max(0, v + c), y, b);
    },
    twice: false,
  },
  {
    name: "conv2d() of bytes that are scaled",
    inputs: [integersIn("uint8", 0, 256, 2, 6, 7, 3), floats(3, 3, 3, 9)],
    build: (x, w) => g.conv2d(g.mul(g.cast(x, "float32"), 1 / 256), w, same),
    oracle: (x, w) => convolution(elementByElement((v) => v / 256, x), w, same),
    twice: false,
  },
  {
    name: "conv2d() of an image that is padded by mirroring, with a weight that is turned round",
    inputs: [floats(2, 5, 7, 3), floats(3, 3, 3, 9)],
    build: (x, w) => g.conv2d(g.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect"), g.reverse(w, [0, 1])),
    oracle: (x, w) =>
      convolution(padded(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect"), reversed(w, [0, 1])),
    twice: false,
  },
  {
    name: "conv2d() behind relu() of conv2d(), with biases and a shortcut",
    inputs: [floats(2, 5, 6, 4), floats(3, 3, 4, 4), floats(4), floats(3, 3, 4, 4)],
    build: (x, v, b, w) => g.add(g.conv2d(g.relu(g.add(g.conv2d(x, v, same), b)), w, same), x),
    oracle: (x, v, b, w) => {
      const hidden = elementByElement((y, c) => Math.max(0, y + c), convolution(x, v, same), b);
      return elementByElement((y, z) => y + z, convolution(hidden, w, same), x);
    },
    twice: false,
    tolerance: 4e-6,
  },
  {
    name:
      "conv2d() with fewer products, of images that are made where they are read, with a bias and a shortcut",
    inputs: [floats(5, 6, 7, 20), floats(3, 3, 20, 20), floats(20)],
    build: (x, w, b) => g.add(g.relu(g.add(g.conv2d(g.tanh(x), w, same), b)), x),
    oracle: (x, w, b) => {
      const y = convolution(elementByElement(Math.tanh, x), w, same);
      return elementByElement((v, z) => v + z, elementByElement((v, c) => Math.max(0, v + c), y, b), x);
    },
    smooth: false,
    twice: false,
    tolerance: 5e-6,
  },
  {
    name: "conv2d() with one weight on two images",
    inputs: [floats(2, 5, 5, 2), floats(2, 6, 6, 2), floats(3, 3, 2, 5)],
    build: (x, y, w) => g.add(g.sum(g.conv2d(x, w), [1, 2]), g.sum(g.square(g.conv2d(y, w)), [1, 2])),
    oracle: (x, y, w) => {
      const [first, second] = [convolution(x, w), convolution(y, w)];
      const total = new Float64Array(2 * 5);
      first.data.forEach((v, i) => total[Math.floor(i / 45) * 5 + i % 5] += v);
      second.data.forEach((v, i) => total[Math.floor(i / 80) * 5 + i % 5] += v * v);
      return { data: total, shape: [2, 5] };
    },
    twice: false,
  },
];

/** Convolutions. */
export const conv2dCases: OpCase[] = [
  ...[
    ...plain,
    ...padding,
    ...strides,
    ...dilations,
    ...fewChannels,
    ...groups,
    ...empty,
    ...tiles,
    ...images,
    ...fewerProducts,
  ].map(convolve),
  ...mixed,
];
