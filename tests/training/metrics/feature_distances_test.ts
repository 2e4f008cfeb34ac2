import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import {
  frechetDistance,
  kernelDistance,
  precisionAndRecall,
} from "../../../training/metrics/feature_distances.ts";

// What NumPy makes of the same numbers: eigenvalues of the covariances' product, kernels and distances written out.
const wave = (rows: number, columns: number, value: (i: number) => number) =>
  ndarray("float32", [rows, columns], Array.from({ length: rows * columns }, (_, i) => value(i)));
const sines = wave(
  40,
  6,
  (i) => Math.sin(i * 1.7) + (i % 6 === 1 ? 0.5 * Math.fround(Math.sin((i - 1) * 1.7)) : 0),
);
const cosines = wave(30, 6, (i) => Math.cos(i * 0.9) * 1.5 + 0.3);

Deno.test("frechetDistance() is that of NumPy, the same both ways, and 0 for the same features", () => {
  assertAlmostEquals(frechetDistance(sines, cosines), 8.430547760314365, 1e-5);
  assertAlmostEquals(frechetDistance(cosines, sines), 8.430547760314365, 1e-5);
  assertAlmostEquals(frechetDistance(sines, sines), 0, 1e-9);
  const flat = wave(5, 3, () => 2); // without any spread
  assertAlmostEquals(frechetDistance(flat, wave(4, 3, () => 1)), 3, 1e-9);
});

Deno.test("kernelDistance() is that of NumPy", () => {
  assertAlmostEquals(kernelDistance(sines, cosines), 2.358296290919173, 1e-5);
});

Deno.test("precisionAndRecall() are those of NumPy", () => {
  const made = wave(40, 2, (i) => Math.sin(i * 1.7) * 0.9);
  const real = wave(30, 2, (i) => Math.cos(i * 2.3) * 0.8 + 0.1);
  assertEquals(precisionAndRecall(made, real), { precision: 0.7, recall: 22 / 30 });
  assertEquals(precisionAndRecall(real, real), { precision: 1, recall: 1 });
});

Deno.test("distances of features say what they need", () => {
  assertThrows(() => frechetDistance(wave(1, 3, () => 0), cosines), RangeError, "at least 2 examples");
  assertThrows(() => kernelDistance(wave(4, 3, () => 0), cosines), RangeError, "both need as many features");
  assertThrows(() => precisionAndRecall(wave(3, 6, () => 0), cosines), RangeError, "at least 4 examples");
});
