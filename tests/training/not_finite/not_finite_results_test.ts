import { assertEquals, assertRejects } from "@std/assert";
import { Dataset } from "../../../data/dataset.ts";
import { ndarray } from "../../../engine/array.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { type Model, sequential } from "../../../models/model.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { predict } from "../../../training/fit/predict.ts";
import { NotFiniteError } from "../../../training/not_finite/not_finite_error.ts";
import { everyDevice } from "../../devices.ts";
import { linearData, linearModel } from "../linear_regression.ts";

const data = linearData(10);
const spoiled = () => {
  const { inputs, targets } = linearData(10);
  inputs.data[3 * 7 + 1] = NaN;
  return new Dataset({ inputs, targets, name: "spoiled" });
};
const withNaN = () => {
  const model = linearModel();
  model.setWeight("dense_1/bias", ndarray("float32", [2], [NaN, 0]));
  return model;
};
/** Too large for float32, from its second layer on, for examples whose first number is large. */
const overflowing = () => {
  const model = sequential([dense({ units: 1, useBias: false }), dense({ units: 1 })], { inputShape: [3] });
  model.setWeight("dense_1/kernel", ndarray("float32", [3, 1], [1e38, 0, 0]));
  model.setWeight("dense_2/kernel", ndarray("float32", [1, 1], [1e3]));
  return model;
};
const large = new Dataset({
  inputs: ndarray("float32", [3, 3], [0, 1, 1, 1e-9, 0, 0, 1, 0, 0]),
  targets: ndarray("float32", [3, 1], [0, 0, 0]),
  name: "large",
});

for (const { name, device } of everyDevice) {
  const asked: [string, Model, Dataset, string, string][] = [
    [
      "an example",
      linearModel(),
      spoiled(),
      "example 7 of the inputs has NaN in it",
      "example 7 of spoiled has NaN at [1] in its inputs",
    ],
    [
      "a weight",
      withNaN(),
      data,
      "weight dense_1/bias of the model has NaN at [0]",
      "weight dense_1/bias of the model has NaN at [0]",
    ],
    [
      "a layer",
      overflowing(),
      large,
      "the result of example 2 of the inputs, from layer dense_2 on",
      "the result of example 2 of large, from layer dense_2 on",
    ],
  ];
  for (const [what, model, data, predicted, evaluated] of asked) {
    Deno.test(`results that are not finite because of ${what} are told with the reason, on ${name}`, async () => {
      const refusals = [
        await assertRejects(() => predict(model, data.inputs, { device }), NotFiniteError),
        await assertRejects(() => evaluate(model, data, { device }), NotFiniteError),
      ];
      const [asking, judging] = refusals.map(({ message }) => message);
      const shape = `[${data.inputs.shape.join(", ")}]`;
      assertEquals(asking, `Cannot predict from float32 ${shape}: results are infinite or NaN: ${predicted}`);
      assertEquals(
        judging.replace(/is (NaN|Infinity)/, "is bad"),
        `Cannot evaluate model on ${data.name}: the loss is bad: ${evaluated}`,
      );
    });
  }

  Deno.test(`a loss that is infinite while results are finite is told, on ${name}`, async () => {
    const model = sequential([dense({ units: 1 })], { inputShape: [3] });
    const targets = ndarray("float32", [3, 1], [1e30, 0, 0]);
    await assertRejects(
      () => evaluate(model, new Dataset({ inputs: large.inputs, targets }), { device }),
      NotFiniteError,
      "the loss is Infinity: all results are finite",
    );
  });
}
