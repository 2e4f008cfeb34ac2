import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { compute } from "../../../devices/program.ts";
import { ndarray } from "../../../engine/array.ts";
import { Dataset } from "../../../data/dataset.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { flatten } from "../../../models/layers/reshaping/flatten.ts";
import { sequential } from "../../../models/model.ts";
import { RandomSource, tensor } from "../../../ops/mod.ts";
import { augment, type Augmentation } from "../../../training/fit/augment.ts";
import { fit } from "../../../training/fit/fit.ts";
import { sgd } from "../../../training/optimizers/optimizers.ts";

const [count, height, width, channels] = [3000, 5, 7, 2];
const size = height * width * channels;

/** The same picture many times; every number in it is different. */
const picture = Array.from({ length: size }, (_, i) => i);
const pictures = () =>
  tensor(ndarray("float32", [count, height, width, channels], Array(count).fill(picture).flat()));

async function augmented(augmentation: Augmentation, seed = 1, step = 0): Promise<string[]> {
  const random = new RandomSource({ seed, counter: step });
  const { data, shape } = await compute(augment(pictures(), augmentation, random));
  assertEquals([...shape], [count, height, width, channels]);
  return Array.from({ length: count }, (_, n) => String([...data.subarray(n * size, (n + 1) * size)]));
}

/** The picture moved and mirrored by plain loops: rows and columns beyond an edge are those before it. */
function moved(rows: number, columns: number, isFlipped = false): string {
  const inside = (place: number, size: number) =>
    place < 0 ? -place : place >= size ? 2 * (size - 1) - place : place;
  const out: number[] = [];
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const row = inside(i + rows, height);
      const column = inside((isFlipped ? width - 1 - j : j) + columns, width);
      for (let c = 0; c < channels; c++) out.push(picture[(row * width + column) * channels + c]);
    }
  }
  return String(out);
}

/** How often each of the possible results came, which must be all there are. */
function countOf(results: readonly string[], possible: readonly string[]): number[] {
  const counts = possible.map((one) => results.filter((r) => r === one).length);
  assertEquals(counts.reduce((a, b) => a + b, 0), results.length, "something else came out");
  return counts;
}

/** Throws unless counts are those of an even choice: chi-square within five deviations of its mean. */
function assertEven(counts: readonly number[]): void {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  const square = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  assertAlmostEquals(square, freedom, 5 * Math.sqrt(2 * freedom), String(counts));
}

Deno.test("augment() without anything to do changes nothing", async () => {
  assertEquals(new Set(await augmented({})), new Set([String(picture)]));
  assertEquals(new Set(await augmented({ flip: false, shift: 0 })), new Set([String(picture)]));
});

Deno.test("augment() with flip mirrors half of the pictures, and does nothing else", async () => {
  assertEven(countOf(await augmented({ flip: true }), [moved(0, 0), moved(0, 0, true)]));
});

for (const shift of [1, 2]) {
  Deno.test(`augment() with shift ${shift} moves pictures evenly in both directions and mirrors edges`, async () => {
    const way = Array.from({ length: 2 * shift + 1 }, (_, i) => i - shift);
    const possible = way.flatMap((rows) => way.map((columns) => moved(rows, columns)));
    assertEquals(new Set(possible).size, (2 * shift + 1) ** 2);
    assertEven(countOf(await augmented({ shift }), possible));
  });
}

Deno.test("augment() draws flips and shifts that have nothing to do with each other", async () => {
  const way = [-1, 0, 1];
  const possible = way.flatMap((rows) =>
    way.flatMap((columns) => [moved(rows, columns), moved(rows, columns, true)])
  );
  assertEven(countOf(await augmented({ flip: true, shift: 1 }), possible));
});

Deno.test("augment() draws anew at every step and for every seed, and the same again", async () => {
  const both = { flip: true, shift: 2 };
  const first = await augmented(both, 1, 0);
  assertEquals(await augmented(both, 1, 0), first);
  assertNotEquals(await augmented(both, 1, 1), first);
  assertNotEquals(await augmented(both, 2, 0), first);
});

Deno.test("augment() refuses what is no picture, and shifts that are no sizes or as large as the picture", () => {
  const random = () => new RandomSource({ seed: 0 });
  const message = assertThrows(() => augment(tensor([[1, 2]]), { flip: true }, random()), RangeError).message;
  assertEquals(message, "Cannot augment [1, 2]: it takes [batch, height, width, channels]");
  for (const shift of [-1, 0.5, NaN, height, width + 3]) {
    assertThrows(() => augment(pictures(), { shift }, random()), RangeError, `${shift}`, `shift ${shift}`);
  }
});

Deno.test("fit() with augmentation keeps each label with its picture", async () => {
  // Pictures of one colour each, which no flip and no shift changes; the label is the colour.
  const examples = 40;
  const colors = Array.from({ length: examples }, (_, i) => i / 8 - 2);
  const inputs = colors.flatMap((color) => new Array<number>(16).fill(color));
  const data = new Dataset({
    inputs: ndarray("float32", [examples, 4, 4, 1], inputs),
    targets: ndarray("float32", [examples, 1], colors),
  });
  const model = sequential([flatten(), dense({ units: 1 })], { inputShape: [4, 4, 1] });
  model.setWeight("dense_1/kernel", ndarray("float32", [16, 1], new Float32Array(16).fill(1 / 16)));
  const [record] = await fit(model, data, {
    batchSize: 7,
    augmentation: { flip: true, shift: 2 },
    optimizer: sgd(1e-12),
    device: cpuDevice({ threads: 1 }),
  });
  assert(record.loss < 1e-10, `the mean of a picture is its label, but the loss is ${record.loss}`);
});
