/** Work that is bound by memory: element-wise ops, pools, softmax, reductions, an optimizer's update. */
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { add, mean, relu, softmax, sqrt, sub, sum, tanh } from "../ops/mod.ts";
import { ops, type Tensor } from "../mod.ts";
import type { KernelCase } from "./kernel_case.ts";

const N = 1 << 20;
const image = [32, 30, 30, 32] as const;
const size = image.reduce((a, b) => a * b, 1);

/** All of them. */
export const memoryCases: readonly KernelCase[] = [
  {
    group: "element-wise",
    name: "copy 1M",
    inputs: [[N]],
    build: (x) => ops.mul(x, 1.5),
    tfjs: (tf, x) => tf.mul(x, 1.5),
    bytes: 8 * N,
  },
  {
    group: "element-wise",
    name: "add 1M",
    inputs: [[N], [N]],
    build: add,
    tfjs: (tf, x, y) => tf.add(x, y),
    bytes: 12 * N,
  },
  {
    group: "element-wise",
    name: "relu 1M",
    inputs: [[N]],
    build: relu,
    tfjs: (tf, x) => tf.relu(x),
    bytes: 8 * N,
  },
  {
    group: "element-wise",
    name: "tanh 1M",
    inputs: [[N]],
    build: tanh,
    tfjs: (tf, x) => tf.tanh(x),
    bytes: 8 * N,
  },
  {
    group: "element-wise",
    name: "Adam 1M",
    inputs: [[N], [N], [N], [N]],
    build: (w, g, m, v) => sub(w, ops.div(ops.mul(add(m, g), 0.001), add(sqrt(ops.square(v)), 1e-7))),
    tfjs: (tf, w, g, m, v) =>
      tf.sub(w, tf.div(tf.mul(tf.add(m, g), 0.001), tf.add(tf.sqrt(tf.square(v)), 1e-7))),
    bytes: 20 * N,
  },
  {
    group: "pool",
    name: "maxPool2d 32 x 30x30x32",
    inputs: [image],
    build: (x) => ops.maxPool2d(x),
    tfjs: (tf, x) => tf.maxPool(x as Tensor4D, 2, 2, "valid"),
    bytes: 4 * size * 1.25,
  },
  {
    group: "pool",
    name: "averagePool2d 32 x 30x30x32",
    inputs: [image],
    build: (x) => ops.averagePool2d(x),
    tfjs: (tf, x) => tf.avgPool(x as Tensor4D, 2, 2, "valid"),
    bytes: 4 * size * 1.25,
  },
  {
    group: "reduction",
    name: "sum of all, 1M",
    inputs: [[N]],
    build: (x) => sum(x),
    tfjs: (tf, x) => tf.sum(x),
    bytes: 4 * N,
  },
  {
    group: "reduction",
    name: "sum of channels",
    inputs: [image],
    build: (x) => sum(x, [0, 1, 2]),
    tfjs: (tf, x) => tf.sum(x, [0, 1, 2]),
    bytes: 4 * size,
  },
  {
    group: "reduction",
    name: "softmax 1024 x 1000",
    inputs: [[1024, 1000]],
    build: (x) => softmax(x),
    tfjs: (tf, x) => tf.softmax(x),
    bytes: 8 * 1024e3,
  },
];

/** More than caches hold: of so many million elements. */
export const largeMemoryCases = (millions: number): readonly KernelCase[] => {
  const n = millions * N;
  const rows = millions * 512;
  return [
    {
      group: "in memory",
      name: `copy ${millions}M`,
      inputs: [[n]],
      build: (x) => ops.mul(x, 1.5),
      bytes: 8 * n,
    },
    { group: "in memory", name: `tanh ${millions}M`, inputs: [[n]], build: tanh, bytes: 8 * n },
    {
      group: "in memory",
      name: `sum of all, ${millions}M`,
      inputs: [[n]],
      build: (x) => sum(x),
      bytes: 4 * n,
    },
    {
      group: "in memory",
      name: `softmax ${rows} x 1000`,
      inputs: [[rows, 1000]],
      build: (x) => softmax(x),
      bytes: 8000 * rows,
    },
    {
      group: "in memory",
      name: `normalization of ${rows} x 1000`,
      inputs: [[rows, 1000]],
      build: normalized,
      bytes: 8000 * rows,
    },
  ];
};

/** Each row with mean zero and variance one. */
function normalized(x: Tensor): Tensor {
  const centred = sub(x, mean(x, -1, { keepDims: true }));
  return ops.mul(centred, ops.rsqrt(add(mean(ops.square(centred), -1, { keepDims: true }), 1e-5)));
}
