import { assert, assertEquals, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Dataset } from "../../data/dataset.ts";
import type { InputsAndTargets } from "../../data/dataset_options.ts";
import { ndarray } from "../../engine/array.ts";

/** N examples of shape [2]: example i is [i, 255 - i] with class i % 3. */
function numbered(length: number): Dataset {
  const inputs = Uint8Array.from({ length: 2 * length }, (_, i) => i % 2 === 0 ? i / 2 : 255 - (i - 1) / 2);
  return new Dataset({
    inputs: ndarray("uint8", [length, 2], inputs),
    targets: ndarray("uint8", [length], Uint8Array.from({ length }, (_, i) => i % 3)),
    classNames: ["a", "b", "c"],
    name: "numbered",
  });
}

const ids = (data: Dataset) => Array.from({ length: data.length }, (_, i) => data.example(i).input.data[0]);

Deno.test("Dataset keeps its arrays and fills in name and scale", () => {
  const data = numbered(5);
  assertEquals([data.length, data.name, data.scale, data.classNames], [5, "numbered", 1 / 255, [
    "a",
    "b",
    "c",
  ]]);
  const floats = new Dataset({
    inputs: ndarray("float32", [2, 1], [1, 2]),
    targets: ndarray("float32", [2], [3, 4]),
  });
  assertEquals([floats.name, floats.scale, floats.classNames], ["dataset", 1, undefined]);
});

Deno.test("Dataset.example() gives one example as it is stored", () => {
  const data = numbered(5);
  const { input, target, className } = data.example(4);
  assertEquals([input.shape, [...input.data], target.shape, [...target.data], className], [
    [2],
    [4, 251],
    [],
    [1],
    "b",
  ]);
  assertStrictEquals(input.data.buffer, data.inputs.data.buffer);
  for (const index of [-1, 5, 0.5]) {
    assertThrows(() => data.example(index), RangeError, "Cannot slice numbered");
  }
});

Deno.test("Dataset.take() and slice() give parts without a copy", () => {
  const data = numbered(10);
  assertEquals(ids(data.take(3)), [0, 1, 2]);
  assertEquals(ids(data.slice(7)), [7, 8, 9]);
  assertEquals(ids(data.slice(2, 8).slice(1, 3)), [3, 4]);
  assertStrictEquals(data.slice(2, 8).inputs.data.buffer, data.inputs.data.buffer);
  assertEquals(data.take(2).classNames, data.classNames);
});

Deno.test("Dataset.slice() throws unless 0 <= start < end <= length", () => {
  const data = numbered(10);
  for (const [start, end] of [[-1, 3], [3, 3], [4, 3], [0, 11], [0.5, 3], [0, NaN]]) {
    assertThrows(
      () => data.slice(start, end),
      RangeError,
      `Cannot slice numbered from ${start} to ${end}: it has 10 examples`,
    );
  }
  assertThrows(() => data.take(0), RangeError, "Cannot slice numbered from 0 to 0");
});

Deno.test("Dataset.split() loses no example and has none twice", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 100 }), fc.nat(), (length, seed) => {
    const { train, validation } = numbered(length).split(0.5, { seed });
    assertEquals(validation.length, Math.round(length / 2));
    const all = [...ids(train), ...ids(validation)].sort((a, b) => a - b);
    assertEquals(all, ids(numbered(length)));
  }));
});

Deno.test("Dataset.split() keeps each input with its target and gives the same parts for the same seed", () => {
  const { train, validation } = numbered(50).split(0.2, { seed: 4 });
  assertEquals([train.length, validation.length], [40, 10]);
  for (let i = 0; i < 40; i++) {
    assertEquals(train.example(i).target.data[0], train.example(i).input.data[0] % 3);
  }
  assertEquals(ids(numbered(50).split(0.2, { seed: 4 }).train), ids(train));
  assertNotEquals(ids(numbered(50).split(0.2, { seed: 5 }).train), ids(train));
  assertEquals(ids(numbered(50).split(0.2).train), ids(numbered(50).split(0.2, { seed: 0 }).train));
});

Deno.test("Dataset.split() throws when a part would be empty", () => {
  for (const fraction of [0, 0.01, 0.99, 1, -1, 2, NaN]) {
    assertThrows(
      () => numbered(10).split(fraction),
      RangeError,
      `with fraction ${fraction}: both parts need one`,
    );
  }
});

Deno.test("Dataset.batches() scales inputs and gives class indices as int32", () => {
  const [{ inputs, targets, indices }] = numbered(5).batches(2);
  assertEquals([inputs.dtype, inputs.shape, targets.dtype, targets.shape], ["float32", [2, 2], "int32", [2]]);
  assertEquals([...inputs.data], [0, 1, Math.fround(1 / 255), Math.fround(254 / 255)]);
  assertEquals([[...targets.data], [...indices]], [[0, 1], [0, 1]]);
});

Deno.test("Dataset.batches() leaves float32 as it is", () => {
  const data = new Dataset({
    inputs: ndarray("float32", [1, 1], [7]),
    targets: ndarray("float32", [1, 2], [8, 9]),
  });
  const [{ inputs, targets }] = data.batches(4);
  assertEquals([[...inputs.data], targets.dtype, targets.shape, [...targets.data]], [[7], "float32", [1, 2], [
    8,
    9,
  ]]);
});

Deno.test("Dataset.batches() ends with a smaller batch, or drops it", () => {
  const sizes = (batchSize: number, dropRemainder?: boolean) =>
    Array.from(numbered(10).batches(batchSize, { dropRemainder }), ({ inputs }) => inputs.shape[0]);
  assertEquals(sizes(4), [4, 4, 2]);
  assertEquals(sizes(4, true), [4, 4]);
  assertEquals(sizes(5, true), [5, 5]);
  assertEquals(sizes(16), [10]);
  assertEquals(sizes(16, true), []);
});

Deno.test("Dataset.batches() shuffles by its seed and visits every example once", () => {
  const visited = (seed?: number) =>
    Array.from(numbered(20).batches(6, { seed }), ({ indices }) => [...indices]).flat();
  assertEquals(visited(), Array.from({ length: 20 }, (_, i) => i));
  assertNotEquals(visited(1), visited());
  assertNotEquals(visited(1), visited(2));
  assertEquals(visited(1), visited(1));
  assertEquals(visited(1).sort((a, b) => a - b), visited());
  for (const { inputs, indices } of numbered(20).batches(6, { seed: 1 })) {
    indices.forEach((index, i) => assertEquals(inputs.data[2 * i], Math.fround(index / 255)));
  }
});

Deno.test("Dataset.batches() throws at once when the batch size is not an integer of at least 1", () => {
  for (const size of [0, -1, 1.5, NaN]) {
    assertThrows(() => numbered(3).batches(size), RangeError, `by ${size}`);
  }
});

Deno.test("Dataset throws when its parts do not go together", () => {
  const inputs = ndarray("uint8", [3, 2], new Uint8Array(6));
  const targets = ndarray("uint8", [3], [0, 1, 2]);
  const floats = ndarray("float32", [3], [0, 1, 2]);
  const cases: [Partial<InputsAndTargets>, typeof TypeError | typeof RangeError, string][] = [
    [
      { targets: ndarray("uint8", [2], [0, 1]) },
      RangeError,
      "inputs [3, 2] and targets [2]: 3 inputs need as many targets",
    ],
    [{ inputs: ndarray("int32", [3, 2], new Int32Array(6)) }, TypeError, "inputs must be uint8 or float32"],
    [{ targets: ndarray("bool", [3], [0, 1, 0]) }, TypeError, "targets must be uint8 or int32 or float32"],
    [{ inputs: ndarray("uint8", [0, 2], []) }, RangeError, "the first axis counts examples, at least one"],
    [{ inputs: ndarray("uint8", [], [1]) }, RangeError, "the first axis counts examples"],
    [
      { inputs: { dtype: "uint8", shape: [3, 2], data: new Uint8Array(5) } },
      RangeError,
      "needs 6 elements, received 5",
    ],
    [{ classNames: ["a", "b"] }, RangeError, "with 2 class names: target 2 at element 2 has none"],
    [
      { targets: ndarray("int32", [3], [0, -1, 0]), classNames: ["a"] },
      RangeError,
      "target -1 at element 1 has none",
    ],
    [{ targets: floats, classNames: ["a"] }, TypeError, "float32 targets are no class indices"],
    [{ scale: 0 }, RangeError, "with scale 0"],
    [{ scale: NaN }, RangeError, "with scale NaN"],
    [{ inputs: floats, scale: 0.5 }, TypeError, "float32 inputs are used as they are"],
  ];
  for (const [change, kind, message] of cases) {
    const error = assertThrows(() => new Dataset({ inputs, targets, ...change }), kind, message);
    assert(error.message.startsWith("Cannot make ") && !error.message.endsWith("."), error.message);
  }
});
