/** Batch normalization of batches that are filled up: only examples that count do. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../data/dataset.ts";
import { ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { sequential } from "../../models/model.ts";
import { grad, mul, slice, sum, tensor } from "../../ops/mod.ts";
import { fit } from "../../training/fit/fit.ts";
import { sgd } from "../../training/optimizers/optimizers.ts";
import { cpu, everyDevice } from "../devices.ts";
import { fillWeights, someNumbers } from "./apply_model.ts";
import { factorsFor } from "./apply_layer.ts";

for (const { name, device } of everyDevice) {
  Deno.test(`batchNormalization takes its means over the examples that count, on ${name}`, async () => {
    const model = sequential([batchNormalization({ momentum: 0.7 })], { inputShape: [3, 4] });
    fillWeights(model);
    const x = someNumbers([5, 3, 4]);
    const inputs = { x, ...Object.fromEntries(model.weights) };
    const factors = tensor(factorsFor(3 * 12), [3, 3, 4]);
    const program = await compileProgram((_state, given: Record<string, Tensor>) => {
      const first = (y: Tensor) => slice(y, [0, 0, 0], [3, 3, 4]);
      const counts = tensor([1, 1, 1, 0, 0]);
      const filled = model.apply(given.x, given, { training: true, counts });
      const alone = model.apply(first(given.x), given, { training: true });
      const gradientOf = (y: Tensor) =>
        grad(sum(mul(y, factors)), [given.x, given["batchNormalization_1/scale"]]);
      const [ofX, ofScale] = gradientOf(first(filled.output));
      const [expectedOfX, expectedOfScale] = gradientOf(alone.output);
      return {
        outputs: {
          result: first(filled.output),
          expectedResult: alone.output,
          mean: filled.updates["batchNormalization_1/mean"],
          expectedMean: alone.updates["batchNormalization_1/mean"],
          variance: filled.updates["batchNormalization_1/variance"],
          expectedVariance: alone.updates["batchNormalization_1/variance"],
          ofX,
          expectedOfX,
          ofScale,
          expectedOfScale,
        },
      };
    }, { device, inputs });
    const results = await program.call(inputs);
    program.close();
    const pairs = [
      ["result", "expectedResult"],
      ["mean", "expectedMean"],
      ["variance", "expectedVariance"],
      ["ofX", "expectedOfX"],
      ["ofScale", "expectedOfScale"],
    ] as const;
    for (const [name, expected] of pairs) {
      results[expected].data.forEach((value, i) =>
        assertAlmostEquals(results[name].data[i], value, 1e-5, name)
      );
    }
  });
}

Deno.test("fit tells batch normalization which examples of a short last batch count", async () => {
  const data = new Dataset({
    inputs: ndarray("float32", [5, 1], [1, 2, 3, 4, 9]),
    targets: ndarray("float32", [5, 1], [0, 0, 0, 0, 0]),
  });
  const model = sequential([batchNormalization({ momentum: 0.5 }), dense({ units: 1 })], { inputShape: [1] });
  await fit(model, data, { batchSize: 4, shuffle: false, optimizer: sgd(1e-6), device: cpu.device });
  // From 0 and 1: half way to those of 1, 2, 3, 4, then half way to those of 9 alone.
  assertAlmostEquals(model.weights.get("batchNormalization_1/mean")!.data[0], (2.5 / 2 + 9) / 2, 1e-6);
  assertAlmostEquals(model.weights.get("batchNormalization_1/variance")!.data[0], (1 + 1.25) / 2 / 2, 1e-6);
});

Deno.test("counts are one number for each example", () => {
  const model = sequential([batchNormalization()], { inputShape: [2] });
  const weights = Object.fromEntries([...model.weights].map(([name, value]) => [name, tensor(value)]));
  const error = assertThrows(
    () => model.apply(tensor([[1, 2], [3, 4]]), weights, { counts: tensor([1, 1, 1]) }),
    RangeError,
    "float32 [2]",
  );
  assertEquals(error.message.includes("float32 [3]"), true);
});
