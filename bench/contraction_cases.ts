/** Matrix products and convolutions at the worked example's shapes, at large squares, and at sizes that fit nothing. */
import { grad, ops, sum } from "../mod.ts";
import type { KernelCase } from "./kernel_case.ts";

const gemm = (m: number, n: number, k: number): KernelCase => ({
  group: "matmul",
  name: `${m} x ${n}, ${k} deep`,
  inputs: [[m, k], [k, n]],
  build: (a, b) => ops.matmul(a, b),
  flops: 2 * m * n * k,
});

function conv(batch: number, size: number, channels: number, filters: number): KernelCase[] {
  const out = size - 2;
  const shared = {
    group: "conv2d 3x3",
    inputs: [[batch, size, size, channels], [3, 3, channels, filters], [batch, out, out, filters]],
    flops: 2 * batch * out * out * filters * 9 * channels,
  };
  const name = `${batch} x ${size}x${size}x${channels} to ${filters}`;
  return [
    { ...shared, name: `${name}, forward`, build: (x, w) => ops.conv2d(x, w) },
    {
      ...shared,
      name: `${name}, input gradient`,
      build: (x, w, g) => grad(sum(ops.mul(ops.conv2d(x, w), g)), [x])[0],
    },
    {
      ...shared,
      name: `${name}, weight gradient`,
      build: (x, w, g) => grad(sum(ops.mul(ops.conv2d(x, w), g)), [w])[0],
    },
  ];
}

/** All of them. */
export const contractionCases: readonly KernelCase[] = [
  gemm(1024, 1024, 1024),
  ...[31, 33, 127, 129].map((n) => gemm(n, n, n)),
  { ...gemm(32, 64, 1024), group: "dense", name: "32 x 1024 to 64" },
  { ...gemm(32, 10, 64), group: "dense", name: "32 x 64 to 10" },
  ...[32, 128].flatMap((batch) => [
    ...conv(batch, 32, 3, 32),
    ...conv(batch, 15, 32, 64),
    ...conv(batch, 6, 64, 64),
  ]),
];

/** For GPUs alone: on processors these take seconds. */
export const largeCases: readonly KernelCase[] = [
  ...[2048, 4096].map((n) => gemm(n, n, n)),
  ...conv(512, 32, 3, 32),
  ...conv(512, 15, 32, 64),
  ...conv(512, 6, 64, 64),
];
