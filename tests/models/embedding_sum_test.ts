import { assertAlmostEquals, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { embeddingSum } from "../../models/layers/embedding/embedding_sum.ts";
import { everyDevice } from "../devices.ts";
import { factorsFor, runLayer } from "./apply_layer.ts";
import { someNumbers } from "./apply_model.ts";

const [TOKENS, UNITS] = [3, 2];
const layer = embeddingSum({ tokens: TOKENS, units: UNITS });

for (const { name, device } of everyDevice) {
  Deno.test(`embeddingSum adds a row of each place's table, and gives each its gradient, on ${name}`, async () => {
    const x = ndarray("int32", [2, 2, 2], [0, 2, 1, 1, 2, 0, 0, 2]);
    const embeddings = someNumbers([2 * TOKENS, UNITS]);
    const { output, embeddings: gradient } = await runLayer(layer, device, [x], { embeddings });
    const factors = factorsFor(output.data.length);
    const slopes = new Float64Array(embeddings.data.length);
    output.data.forEach((value, i) => {
      const [row, unit] = [Math.floor(i / UNITS), i % UNITS];
      const places = [0, 1].map((place) => (place * TOKENS + x.data[row * 2 + place]) * UNITS + unit);
      assertAlmostEquals(value, embeddings.data[places[0]] + embeddings.data[places[1]], 1e-6);
      for (const place of places) slopes[place] += factors[i];
    });
    gradient.data.forEach((value, i) => assertAlmostEquals(value, slopes[i], 1e-5));
  });
}

Deno.test("embeddingSum is refused where there are no tokens side by side", () => {
  assertThrows(() => layer.outputShape([]), RangeError, "it takes [..., places]");
});
