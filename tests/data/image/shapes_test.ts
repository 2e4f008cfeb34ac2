import { assert, assertEquals, assertGreater, assertNotEquals, assertThrows } from "@std/assert";
import type { Dataset } from "../../../data/dataset.ts";
import { shapes } from "../../../data/image/shapes.ts";
import { sha256 } from "../make_tar.ts";

Deno.test("shapes() has the form of CIFAR-10, with every class equally often", () => {
  const { train, test } = shapes({ train: 200, test: 50 });
  assertEquals([train.inputs.dtype, train.inputs.shape, train.targets.shape], ["uint8", [200, 32, 32, 3], [
    200,
  ]]);
  assertEquals([test.length, test.name, test.classNames?.length, test.scale], [
    50,
    "shapes test",
    10,
    1 / 255,
  ]);
  const counts = new Array(10).fill(0);
  for (const label of train.targets.data) counts[label]++;
  assertEquals(counts, new Array(10).fill(20));
});

Deno.test("shapes() draws the same bytes on every machine", async () => {
  const { train, test } = shapes({ train: 500, test: 100, seed: 1 });
  assertEquals(
    await sha256(train.inputs.data as Uint8Array),
    "7a081d639dc6c7b41e681c9b3692a8c0a9cbc24fc7d2c54cb43a023210cdb992",
  );
  assertEquals(
    await sha256(test.inputs.data as Uint8Array),
    "32bf45e45e6d4cc2ab425d2b4a77d38fdefaf6866cf826e9e482096692d113f3",
  );
});

Deno.test("shapes() draws other pictures for another seed and the test set, and begins a longer set alike", async () => {
  const hash = (data: Dataset) => sha256(data.inputs.data as Uint8Array);
  const { train, test } = shapes({ train: 20, test: 20, seed: 1 });
  assertNotEquals(await hash(train), await hash(test));
  assertNotEquals(await hash(train), await hash(shapes({ train: 20, test: 1, seed: 2 }).train));
  assertEquals(await hash(train), await hash(shapes({ train: 40, test: 1, seed: 1 }).train.take(20)));
});

Deno.test("shapes() uses the whole range of each channel", () => {
  const { data } = shapes({ train: 200, test: 1 }).train.inputs;
  for (let channel = 0; channel < 3; channel++) {
    const values = new Set(data.filter((_, i) => i % 3 === channel));
    assertGreater(values.size, 250);
  }
});

Deno.test("shapes() can't be told apart by a linear classifier or by the nearest picture", () => {
  const { train, test } = shapes({ train: 2000, test: 400, seed: 3 });
  const linear = accuracy(test, softmaxRegression(train));
  const nearest = accuracy(test.take(200), nearestNeighbour(train));
  assert(linear > 0.15 && linear < 0.6, `linear ${linear}`);
  assert(nearest > 0.1 && nearest < 0.6, `nearest ${nearest}`);
});

Deno.test("shapes() throws unless counts are at least 1 and the seed at least 0", () => {
  for (const count of [0, -1, 1.5, NaN]) {
    assertThrows(() => shapes({ train: count }), RangeError, `Cannot draw ${count} train shapes`);
    assertThrows(() => shapes({ train: 1, test: count }), RangeError, `Cannot draw ${count} test shapes`);
  }
  assertThrows(() => shapes({ seed: -1 }), RangeError, "Cannot use seed -1");
});

type Classifier = (pixels: Uint8Array) => number;

function accuracy(data: Dataset, classify: Classifier): number {
  let right = 0;
  for (let i = 0; i < data.length; i++) {
    const { input, target } = data.example(i);
    if (classify(input.data as Uint8Array) === target.data[0]) right++;
  }
  return right / data.length;
}

/** Trained by stochastic gradient descent, one picture at a time. */
function softmaxRegression(data: Dataset): Classifier {
  const size = 3072;
  const weights = Array.from({ length: 10 }, () => new Float64Array(size));
  const logits = (pixels: Uint8Array) =>
    weights.map((row) => {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += row[i] * (pixels[i] / 255 - 0.5);
      return sum;
    });
  for (let epoch = 0; epoch < 8; epoch++) {
    for (const { indices } of data.batches(1, { seed: epoch })) {
      const { input, target } = data.example(indices[0]);
      const pixels = input.data as Uint8Array;
      const exps = logits(pixels).map(Math.exp);
      const sum = exps.reduce((a, b) => a + b);
      weights.forEach((row, k) => {
        const step = 0.002 * ((k === target.data[0] ? 1 : 0) - exps[k] / sum);
        for (let i = 0; i < size; i++) row[i] += step * (pixels[i] / 255 - 0.5);
      });
    }
  }
  return (pixels) => {
    const scores = logits(pixels);
    return scores.indexOf(Math.max(...scores));
  };
}

function nearestNeighbour(data: Dataset): Classifier {
  const known = data.inputs.data;
  return (pixels) => {
    let best = Infinity, label = -1;
    for (let n = 0; n < data.length; n++) {
      let distance = 0;
      for (let i = 0; i < pixels.length; i++) {
        const difference = pixels[i] - known[n * pixels.length + i];
        distance += difference * difference;
      }
      if (distance < best) [best, label] = [distance, data.targets.data[n]];
    }
    return label;
  };
}
