/** Matrix products and convolutions at the worked example's shapes, at large squares, and at sizes that fit nothing. */
import type { NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { grad, ops } from "../mod.ts";
import { sum } from "../ops/mod.ts";
import type { KernelCase } from "./kernel_case.ts";

const gemm = (m: number, n: number, k: number): KernelCase => ({
  group: "matmul",
  name: `${m} x ${n}, ${k} deep`,
  inputs: [[m, k], [k, n]],
  build: (a, b) => ops.matmul(a, b),
  tfjs: (tf, a, b) => tf.matMul(a, b),
  flops: 2 * m * n * k,
});

function conv(batch: number, size: number, channels: number, filters: number): KernelCase[] {
  const out = size - 2;
  const shared = {
    group: "conv2d 3x3",
    sumsWindows: true,
    inputs: [[batch, size, size, channels], [3, 3, channels, filters], [batch, out, out, filters]],
    flops: 2 * batch * out * out * filters * 9 * channels,
  };
  const name = `${batch} x ${size}x${size}x${channels} to ${filters}`;
  return [
    {
      ...shared,
      name: `${name}, forward`,
      build: (x, w) => ops.conv2d(x, w),
      tfjs: (tf, x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, 1, "valid"),
    },
    {
      ...shared,
      name: `${name}, input gradient`,
      build: (x, w, g) => grad(sum(ops.mul(ops.conv2d(x, w), g)), [x])[0],
      // The kernel that its gradient calls.
      tfjs: (tf, _x, w, g) =>
        tf.conv2dTranspose(g as Tensor4D, w as Tensor4D, [batch, size, size, channels], 1, "valid"),
    },
    {
      ...shared,
      name: `${name}, weight gradient`,
      build: (x, w, g) => grad(sum(ops.mul(ops.conv2d(x, w), g)), [w])[0],
      // No function gives this gradient without computing the convolution, too.
      tfjs: (tf, x, w, dy) =>
        tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, {
          strides: [1, 1],
          pad: "valid",
          dataFormat: "NHWC",
          dimRoundingMode: undefined,
          filterShape: w.shape,
        } as unknown as NamedAttrMap) as Tensor,
      tfjsOnWebgpuAlone: true,
    },
  ];
}

/** The worked example's convolutions in all directions, at a batch size. */
export function exampleCases(batch: number): KernelCase[] {
  return [...conv(batch, 32, 3, 32), ...conv(batch, 15, 32, 64), ...conv(batch, 6, 64, 64)];
}

/** Those that every device is through with soon. */
export const contractionCases: readonly KernelCase[] = [
  gemm(1024, 1024, 1024),
  ...[31, 33, 127, 129].map((n) => gemm(n, n, n)),
  { ...gemm(32, 64, 1024), group: "dense", name: "32 x 1024 to 64" },
  { ...gemm(32, 10, 64), group: "dense", name: "32 x 64 to 10" },
  ...exampleCases(32),
];

/** The worked example's convolutions at a larger batch. */
export const batch128Cases: readonly KernelCase[] = exampleCases(128);

/** For GPUs alone: on processors these take seconds. */
export const largeCases: readonly KernelCase[] = [
  ...[2048, 4096].map((n) => gemm(n, n, n)),
  ...exampleCases(512),
];
