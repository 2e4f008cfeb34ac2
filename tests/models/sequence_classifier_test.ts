import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { Dataset } from "../../data/dataset.ts";
import { classes, tokens } from "../../data/field.ts";
import { Random } from "../../data/random.ts";
import { sequencePool } from "../../models/layers/pooling/sequence_pool.ts";
import { sequenceClassifier } from "../../models/sequence_classifier.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { fit } from "../../training/fit/fit.ts";
import { predict } from "../../training/fit/predict.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { cpu, everyDevice } from "../devices.ts";
import { factorsFor, runLayer } from "./apply_layer.ts";
import { someNumbers } from "./apply_model.ts";

const lengthsOf = (...lengths: number[]) => ndarray("int32", [lengths.length], lengths);

for (const { name, device } of everyDevice) {
  Deno.test(`sequencePool takes places that count alone, also in its gradient (${name})`, async () => {
    const [counts, length, channels] = [[1, 5, 0, 33], 33, 2];
    const x = someNumbers([counts.length, length, channels]);
    const factors = factorsFor(counts.length * channels);
    for (const by of ["mean", "max"] as const) {
      const { output, x0 } = await runLayer(sequencePool({ by }), device, [x, lengthsOf(...counts)], {});
      const gradient = new Float32Array(x.data.length);
      counts.forEach((count, n) => {
        for (let c = 0; c < channels; c++) {
          const at = (t: number) => (n * length + t) * channels + c;
          const column = Array.from({ length: count }, (_, t) => x.data[at(t)]);
          const largest = Math.max(...column);
          const mean = column.reduce((a, b) => a + b, 0) / count;
          const expected = count === 0 ? 0 : by === "max" ? largest : mean;
          assertAlmostEquals(output.data[n * channels + c], expected, 1e-5);
          const factor = factors[n * channels + c];
          if (by === "max" && count > 0) gradient[at(column.indexOf(largest))] = factor;
          else column.forEach((_, t) => gradient[at(t)] = factor / count);
        }
      });
      x0.data.forEach((value, i) => assertAlmostEquals(value, gradient[i], 1e-5));
    }
  });
}

for (const { name, device } of everyDevice) {
  Deno.test(`what stands behind a sequence's end changes nothing (${name})`, async () => {
    for (const pool of ["meanMax", "last"] as const) {
      const model = sequenceClassifier({ tokens: 5, length: 6, classes: 3, units: 4, layers: 2, pool });
      const length = lengthsOf(2, 6, 0);
      const say = async (behind: number) => {
        const data = [1, 2, behind, behind, 0, behind, 1, 2, 3, 4, 0, 1, ...Array<number>(6).fill(behind)];
        return [
          ...(await predict(model, { tokens: ndarray("int32", [3, 6], data), length }, { device })).data,
        ];
      };
      assertEquals(await say(3), await say(4));
    }
  });
}

Deno.test("sequenceClassifier learns which of two tokens comes first, wherever they stand", async () => {
  const random = new Random(3);
  const [count, length] = [160, 12];
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  const lengths = labels.map(() => 6 + Math.floor(random.uniform(0, 1) * 7));
  const text = new Int32Array(count * length);
  labels.forEach((label, i) => {
    const first = Math.floor(random.uniform(0, 1) * (lengths[i] - 3));
    text[i * length + first] = 1 + label;
    text[i * length + first + 2] = 2 - label;
    text.fill(3, i * length + lengths[i], (i + 1) * length);
  });
  const part = (from: number, to: number) =>
    new Dataset({
      fields: {
        tokens: tokens(ndarray("int32", [to - from, length], text.slice(from * length, to * length))),
        length: tokens(lengthsOf(...lengths.slice(from, to))),
        order: classes(ndarray("int32", [to - from], labels.slice(from, to)), ["12", "21"]),
      },
      targets: "order",
    });
  const model = sequenceClassifier({ tokens: 4, length, classes: 2, units: 8, embedding: 4, dropout: 0 });
  const options = { epochs: 15, batchSize: 16, optimizer: adam(0.02), device: cpu.device };
  await fit(model, part(0, 120), options);
  const { accuracy } = await evaluate(model, part(120, 160), { device: cpu.device });
  assert(accuracy! > 0.9, `${accuracy}`);
});

Deno.test("sequenceClassifier takes numbers, too, and refuses what is neither or both", () => {
  const model = sequenceClassifier({
    channels: 3,
    length: 6,
    classes: 2,
    cell: "lstm",
    direction: "forward",
  });
  assertEquals(model.inputs.sequence.shape, [6, 3]);
  const refused = (options: object, text: string) =>
    assertThrows(() => sequenceClassifier({ length: 6, classes: 2, ...options }), TypeError, text);
  refused({}, "neither tokens nor channels");
  refused({ tokens: 3, channels: 3 }, "both tokens and channels");
});
