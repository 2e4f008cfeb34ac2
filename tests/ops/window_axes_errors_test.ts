/** What convolutions and pools over one axis and three refuse, and transposed ones; and to which element a tie's gradient goes. */
import { assertEquals } from "@std/assert";
import * as g from "../../ops/mod.ts";
import { interpret } from "../oracle/interpreter.ts";
import { f, i, testRefusals } from "./refusals.ts";

testRefusals([
  [
    "conv1d() of images",
    () => g.conv1d(f(1, 5, 5, 2), f(3, 2, 4)),
    TypeError,
    "conv1d",
    "[batch, length, channels]",
  ],
  [
    "conv1d() of other channels",
    () => g.conv1d(f(1, 5, 4), f(3, 2, 4)),
    RangeError,
    "expects 2 channels: input has 4",
  ],
  [
    "conv1d() with unknown padding",
    () => g.conv1d(f(1, 5, 2), f(3, 2, 4), { padding: -1 }),
    RangeError,
    "padding -1",
  ],
  [
    "conv1d() with an option that it lacks",
    () => g.conv1d(f(1, 5, 2), f(3, 2, 4), { stride: 2 } as object),
    TypeError,
    "stride",
  ],
  ["conv3d() of images", () => g.conv3d(f(1, 5, 5, 2), f(3, 3, 3, 2, 4)), TypeError, "conv3d", "volumes"],
  [
    "conv3d() of a window that is larger",
    () => g.conv3d(f(1, 2, 5, 5, 2), f(3, 3, 3, 2, 4)),
    RangeError,
    "conv3d",
    "[2, 5, 5]",
    "[3, 3, 3]",
  ],
  [
    "conv3d() with two strides",
    () => g.conv3d(f(1, 2, 5, 5, 2), f(1, 1, 1, 2, 4), { strides: [1, 2] as never }),
    RangeError,
    "three of them",
  ],
  [
    "conv2dTranspose() of int32",
    () => g.conv2dTranspose(i(1, 2, 2, 3), f(2, 2, 4, 3)),
    TypeError,
    "int32 [1, 2, 2, 3]",
    "[height, width, out, in]",
  ],
  [
    "conv2dTranspose() of other channels",
    () => g.conv2dTranspose(f(1, 2, 2, 3), f(2, 2, 3, 4)),
    RangeError,
    "expects 4 channels: input has 3",
  ],
  [
    "conv2dTranspose() of groups that do not divide",
    () => g.conv2dTranspose(f(1, 2, 2, 3), f(2, 2, 4, 3), { groups: 2 }),
    RangeError,
    "2 groups",
    "3 channels",
  ],
  [
    "conv2dTranspose() with outputPadding as large as a stride",
    () => g.conv2dTranspose(f(1, 2, 2, 3), f(2, 2, 4, 3), { strides: 2, outputPadding: 2 }),
    RangeError,
    "outputPadding [2, 2]",
    "strides [2, 2]",
  ],
  [
    "conv2dTranspose() with padding that takes everything",
    () => g.conv2dTranspose(f(1, 1, 1, 3), f(2, 2, 4, 3), { padding: 1 }),
    RangeError,
    "padding 1",
    "[0, 0]",
  ],
  [
    "maxPool1d() of two axes",
    () => g.maxPool1d(f(5, 2)),
    TypeError,
    "maxPool1d",
    "[batch, length, channels]",
  ],
  [
    "averagePool1d() of a window that is longer",
    () => g.averagePool1d(f(1, 2, 2), { poolSize: 3 }),
    RangeError,
    "[1, 3]",
  ],
  ["maxPool3d() of images", () => g.maxPool3d(f(1, 4, 4, 2)), TypeError, "maxPool3d", "depth"],
  [
    "averagePool3d() of nothing",
    () => g.averagePool3d(f(1, 4, 4, 4, 2), { poolSize: 0 }),
    RangeError,
    "poolSize 0",
  ],
]);

Deno.test("maxPool3d() gives the gradient to the first of equal elements", () => {
  const x = g.tensor([1, 2, 2, 0, 2, 2, 2, 2], [1, 2, 2, 2, 1]);
  assertEquals([...interpret(g.grad(g.sum(g.maxPool3d(x)), [x]))[0]], [0, 1, 0, 0, 0, 0, 0, 0]);
});
