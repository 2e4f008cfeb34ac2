/** Targets go with results place by place; other shapes of as many numbers are other numbers. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { Dataset } from "../../../data/dataset.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { sequential } from "../../../models/model.ts";
import { binaryCrossEntropy, meanSquaredError, zeros } from "../../../ops/mod.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { fit } from "../../../training/fit/fit.ts";
import { lossByName, type LossName } from "../../../training/losses/losses.ts";

for (
  const [results, targets] of [[[3, 1], [3]], [[3], [3, 1]], [[3], []], [[2, 3], [3, 2]], [[4, 1], [1, 4]]]
) {
  Deno.test(`losses do not stretch or reshape targets [${targets}] for results [${results}]`, () => {
    for (const loss of [meanSquaredError, binaryCrossEntropy]) {
      assertThrows(() => loss(zeros(results), zeros(targets)), RangeError, "of one shape (see reshape)");
    }
  });
}

Deno.test("training takes one target an example with or without an axis for it, and no other shape", () => {
  for (const loss of ["meanSquaredError", "binaryCrossEntropy"] as LossName[]) {
    for (const [results, targets] of [[[4, 1], [4]], [[4], [4, 1]], [[4, 2, 1], [4, 2]], [[4, 3], [4, 3]]]) {
      assertEquals(lossByName(loss, zeros(results), zeros(targets)).loss.shape, [4]);
    }
    for (const [results, targets] of [[[6, 2], [6, 2, 1, 1]], [[4, 2, 3], [4, 3, 2]], [[4, 6], [4, 2, 3]]]) {
      assertThrows(
        () => lossByName(loss, zeros(results), zeros(targets)),
        RangeError,
        "targets of the same shape",
      );
    }
  }
});

Deno.test("fit and evaluate refuse labels and targets outside at the door", async () => {
  const model = sequential([dense({ units: 3 })], { inputShape: [2] });
  const data = (targets: number[], dtype: "int32" | "float32", shape: number[]) =>
    new Dataset({
      inputs: ndarray("float32", [2, 2], [1, 2, 3, 4]),
      targets: ndarray(dtype, shape, targets),
    });
  for (const label of [3, -1]) {
    const wrong = data([0, label], "int32", [2]);
    await assertRejects(() => fit(model, wrong, { device: "cpu" }), RangeError, `label ${label}`);
    await assertRejects(() => evaluate(model, wrong, { device: "cpu" }), RangeError, `label ${label}`);
  }
  const loss = "binaryCrossEntropy";
  for (const target of [1.5, -0.1, NaN]) {
    const wrong = data([0, 1, 0, 1, 0, target], "float32", [2, 3]);
    await assertRejects(() => fit(model, wrong, { loss, device: "cpu" }), RangeError, "targets from 0 to 1");
    await assertRejects(() => evaluate(model, wrong, { loss, device: "cpu" }), RangeError, "from 0 to 1");
  }
});
