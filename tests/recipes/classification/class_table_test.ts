import { assertEquals } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { Dataset } from "../../../data/dataset.ts";
import { classTable, largestOf } from "../../../recipes/classification/class_table.ts";

/** Logits with the largest at each guess. */
const logits = (guesses: number[], classes: number) =>
  ndarray(
    "float32",
    [guesses.length, classes],
    guesses.flatMap((g) => Array.from({ length: classes }, (_, c) => c === g ? 2 : -c)),
  );

const labelled = (labels: number[], classNames?: string[]) =>
  new Dataset({
    inputs: ndarray("float32", [labels.length, 1], new Float32Array(labels.length)),
    targets: ndarray("int32", [labels.length], labels),
    classNames,
  });

Deno.test("largestOf() gives the place of the largest of each row, the first of equal ones", () => {
  assertEquals(largestOf(ndarray("float32", [4, 3], [1, 2, 3, 5, 4, 4, 2, 2, 2, -3, -1, -2])), [2, 0, 0, 1]);
  assertEquals(largestOf(ndarray("float32", [2, 1], [5, 6])), [0, 0]);
});

Deno.test("classTable() says for each class how many are right and what the others are taken for", () => {
  const data = labelled([0, 0, 0, 0, 1, 1, 2, 2], ["cat", "dog", "frog", "newt"]);
  const rows = classTable(data, logits([0, 1, 1, 2, 1, 1, 0, 1], 4));
  assertEquals(rows, [
    ["class", "right", "most often taken for"],
    ["cat", "25.0 %", "dog 50.0 %"],
    ["dog", "100.0 %", ""],
    ["frog", "0.0 %", "cat 50.0 %"],
    ["newt", "-", ""],
  ]);
});

Deno.test("classTable() counts no class as right where the model gave NaN", () => {
  const found = ndarray("float32", [3, 2], [NaN, NaN, 1, 0, 0, NaN]);
  assertEquals(classTable(labelled([0, 0, 1], ["cat", "dog"]), found).slice(1), [
    ["cat", "50.0 %", "NaN 50.0 %"],
    ["dog", "0.0 %", "NaN 100.0 %"],
  ]);
});

Deno.test("classTable() numbers classes that have no names", () => {
  assertEquals(
    classTable(labelled([0, 1]), logits([0, 1], 2)).map(([name]) => name),
    ["class", "class 0", "class 1"],
  );
});
