/** Bits of integers. */
import type { DType } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { elementByElement } from "../oracle/doubles.ts";
import { exactly } from "./inputs.ts";

const signed = [0, 1, -1, 2, -2, 170, 65537, -65537, 2 ** 31 - 1, -(2 ** 31)];
const unsigned = [0, 1, 2, 85, 65537, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const counts = [0, 1, 2, 5, 16, 30, 31, 32, 33, 63, 64, 1000];
const ofType = (dtype: DType) => dtype === "int32" ? signed : unsigned;
const wrap = (dtype: DType, value: number) => dtype === "int32" ? value | 0 : value >>> 0;
const dtypes = ["int32", "uint32"] as const;

type Binary = (a: g.TensorLike, b: g.TensorLike) => Tensor;
const pairwise: [string, Binary, (a: number, b: number) => number][] = [
  ["bitwiseAnd", g.bitwiseAnd, (a, b) => a & b],
  ["bitwiseOr", g.bitwiseOr, (a, b) => a | b],
  ["bitwiseXor", g.bitwiseXor, (a, b) => a ^ b],
];

const pairCases = pairwise.flatMap(([name, op, exact]) =>
  dtypes.flatMap((dtype): OpCase[] => [
    {
      name: `${name}() of ${dtype}, each with each`,
      inputs: [exactly(ofType(dtype), dtype), exactly(ofType(dtype), dtype, [ofType(dtype).length, 1])],
      build: op,
      oracle: (x, y) => elementByElement((a, b) => wrap(dtype, exact(a, b)), x, y),
      differentiable: false,
    },
    {
      name: `${name}() of ${dtype} and a number`,
      inputs: [exactly(ofType(dtype), dtype)],
      build: (x) => op(x, 255),
      oracle: (x) => elementByElement((a) => wrap(dtype, exact(a, 255)), x),
      differentiable: false,
    },
  ])
);

const notCases = dtypes.map((dtype): OpCase => ({
  name: `bitwiseNot() of ${dtype}`,
  inputs: [exactly(ofType(dtype), dtype)],
  build: g.bitwiseNot,
  oracle: (x) => elementByElement((a) => wrap(dtype, ~a), x),
  differentiable: false,
}));

const moved = (name: string, dtype: DType) => (a: number, count: number) => {
  const isBeyond = count < 0 || count > 31;
  if (name === "shiftLeft") return isBeyond ? 0 : wrap(dtype, a << count);
  if (dtype === "uint32") return isBeyond ? 0 : a >>> count;
  return a >> (isBeyond ? 31 : count);
};
const shiftCases = (["shiftLeft", "shiftRight"] as const).flatMap((name) =>
  dtypes.flatMap((dtype): OpCase[] => [
    {
      name: `${name}() of ${dtype} by other counts for each`,
      inputs: [
        exactly(ofType(dtype), dtype),
        exactly(dtype === "int32" ? [...counts, -1, -32] : counts, dtype, [
          dtype === "int32" ? counts.length + 2 : counts.length,
          1,
        ]),
      ],
      build: g[name],
      oracle: (x, y) => elementByElement(moved(name, dtype), x, y),
      differentiable: false,
    },
    ...[0, 7, 31, 32, -1].filter((count) => dtype === "int32" || count >= 0).map((count): OpCase => ({
      name: `${name}() of ${dtype} by ${count}`,
      inputs: [exactly(ofType(dtype), dtype)],
      build: (x) => g[name](x, count),
      oracle: (x) => elementByElement((a) => moved(name, dtype)(a, count), x),
      differentiable: false,
    })),
  ])
);

/** Bits. */
export const bitCases: OpCase[] = [...pairCases, ...notCases, ...shiftCases];
