/** What resizing and shuffling pixels refuse. */
import * as g from "../../ops/mod.ts";
import { f, i, testRefusals } from "./refusals.ts";

testRefusals([
  [
    "resize() of int32",
    () => g.resize(i(1, 2, 2, 1), [4, 4]),
    TypeError,
    "resize",
    "int32 [1, 2, 2, 1]",
    "cast",
  ],
  ["resize() of three axes", () => g.resize(f(2, 2, 1), [4, 4]), TypeError, "[2, 2, 1]", "channels"],
  ["resize() to nothing", () => g.resize(f(1, 2, 2, 1), [4, 0]), RangeError, "size [4, 0]", "from 1"],
  ["resize() to one size", () => g.resize(f(1, 2, 2, 1), [4] as never), RangeError, "size [4]"],
  ["resize() of no pixels", () => g.resize(f(1, 0, 2, 1), [4, 4]), RangeError, "[1, 0, 2, 1]", "no pixels"],
  [
    "resize() by an unknown method",
    () => g.resize(f(1, 2, 2, 1), [4, 4], { method: "lanczos" as "nearest" }),
    TypeError,
    "lanczos",
    "bicubic",
  ],
  [
    "resize() with pixels in two ways",
    () => g.resize(f(1, 2, 2, 1), [4, 4], { alignCorners: true, halfPixelCenters: true }),
    RangeError,
    "alignCorners",
    "halfPixelCenters",
  ],
  [
    "pixelShuffle() of too few channels",
    () => g.pixelShuffle(f(1, 2, 2, 6), 2),
    RangeError,
    "2 x 2",
    "6 channels",
  ],
  ["pixelShuffle() in blocks of nothing", () => g.pixelShuffle(f(1, 2, 2, 4), 0), RangeError, "block 0"],
  ["pixelShuffle() of three axes", () => g.pixelShuffle(f(2, 2, 4), 2), RangeError, "[2, 2, 4]"],
  [
    "pixelUnshuffle() of odd sizes",
    () => g.pixelUnshuffle(f(1, 3, 2, 4), 2),
    RangeError,
    "[1, 3, 2, 4]",
    "evenly",
  ],
  [
    "pixelShuffle() in an unknown order",
    () => g.pixelShuffle(f(1, 2, 2, 4), 2, { mode: "RGB" as "CRD" }),
    TypeError,
    "RGB",
    "CRD, DCR",
  ],
]);
