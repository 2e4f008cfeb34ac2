import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { Dataset } from "../../../data/dataset.ts";
import { numbers } from "../../../data/field.ts";
import { ndarray } from "../../../engine/array.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { type Model, sequential } from "../../../models/model.ts";
import { decodeModel, encodeModel } from "../../../models/model_file.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { predict } from "../../../training/fit/predict.ts";
import { fit } from "../../../training/fit/fit.ts";
import { cpu, everyDevice } from "../../devices.ts";

const { device } = cpu;
const levels = Uint8Array.from({ length: 24 }, (_, i) => (i * 77) % 256);
const targets = ndarray("float32", [8, 1], Float32Array.from({ length: 8 }, (_, i) => i / 8));
const bytes = (scale?: number) =>
  new Dataset({ inputs: ndarray("uint8", [8, 3], levels), targets, scale, name: "bytes" });
const floats = (factor: number, offset = 0) =>
  new Dataset({
    inputs: ndarray("float32", [8, 3], Float32Array.from(levels, (x) => x * factor + offset)),
    targets,
    name: "floats",
  });

/** A model that was trained on data, saved and loaded again. */
async function trainedOn(data: Dataset): Promise<Model> {
  const model = sequential([dense({ units: 1 })], { inputShape: [3], name: "small" });
  await fit(model, data, { device });
  return decodeModel(encodeModel(model));
}
const [ofBytes, ofSigned, ofFloats] = [
  await trainedOn(bytes()),
  await trainedOn(bytes(-2 / 255)),
  await trainedOn(floats(1 / 255)),
];

Deno.test("a model knows what its inputs were trained as", () => {
  const kept = ({ info }: Model) => [info.inputDType, info.scale];
  assertEquals([ofBytes, ofSigned, ofFloats].map(kept), [["uint8", 1 / 255], ["uint8", -2 / 255], [
    "float32",
    undefined,
  ]]);
});

Deno.test("training for no epochs tells a model nothing, and training again tells it anew", async () => {
  const model = sequential([dense({ units: 1 })], { inputShape: [3] });
  await fit(model, bytes(), { epochs: 0, device });
  assertEquals(model.info, {});
  await fit(model, bytes(), { device });
  await fit(model, floats(1 / 255), { device });
  assertEquals(["scale" in model.info, model.info.inputDType], [false, "float32"]);
});

for (const { name, device } of everyDevice) {
  Deno.test(`bytes and the same numbers as float32 give the same to a model of bytes, on ${name}`, async () => {
    for (const [model, factor] of [[ofBytes, 1 / 255], [ofSigned, -2 / 255]] as const) {
      const [a, b] = [
        await predict(model, bytes().inputs, { device }),
        await predict(model, floats(factor).inputs, { device }),
      ];
      a.data.forEach((y, i) => assertAlmostEquals(y, b.data[i], 1e-5));
      const [one, other] = [
        await evaluate(model, bytes(factor), { device }),
        await evaluate(model, floats(factor), { device }),
      ];
      assertAlmostEquals(one.loss, other.loss, 1e-5);
    }
  });
}

Deno.test("a model that was trained on numbers is not asked with bytes, unless it is told what they are multiplied by", async () => {
  await assertRejects(
    () => predict(ofFloats, bytes().inputs, { device }),
    TypeError,
    "Cannot predict from uint8 [8, 3]: small was trained on float32 numbers as they are",
  );
  await assertRejects(
    () => evaluate(ofFloats, bytes(), { device }),
    TypeError,
    "trained on float32 numbers as they are",
  );
  const told = decodeModel(encodeModel(ofFloats));
  told.info = { ...told.info, scale: 1 / 255 };
  const [a, b] = [
    await predict(told, bytes().inputs, { device }),
    await predict(told, floats(1 / 255).inputs, { device }),
  ];
  a.data.forEach((y, i) => assertAlmostEquals(y, b.data[i], 1e-5));
  await evaluate(told, bytes(), { device });
});

Deno.test("a model of numbers takes numbers of any size: nobody knows what they mean", async () => {
  await predict(ofFloats, floats(100).inputs, { device });
  await evaluate(ofFloats, floats(100), { device });
});

Deno.test("numbers of another scale than the bytes that a model was trained on are refused", async () => {
  const wrong = [floats(1), floats(1 / 127.5, -1), floats(1 / 64, -2)];
  for (const data of wrong) {
    await assertRejects(
      () => predict(ofBytes, data.inputs, { device }),
      RangeError,
      "so from 0 to 1; give it bytes",
    );
    await assertRejects(
      () => evaluate(ofBytes, data, { device }),
      RangeError,
      "so from 0 to 1; give it bytes",
    );
    await assertRejects(
      () =>
        fit(sequential([dense({ units: 1 })], { inputShape: [3] }), bytes(), { validation: data, device }),
      RangeError,
      "so from 0 to 1; give it bytes",
    );
  }
  await assertRejects(
    () => predict(ofSigned, floats(2 / 255).inputs, { device }),
    RangeError,
    "so from -2 to 0",
  );
  // Resizing and small changes go a little beyond.
  await predict(ofBytes, floats(1.2 / 255, -0.1).inputs, { device });
});

Deno.test("bytes of another scale are refused, in evaluate() and as validation data", async () => {
  for (const scale of [1, 2 / 255, -1 / 255]) {
    await assertRejects(
      () => evaluate(ofBytes, bytes(scale), { device }),
      RangeError,
      `its inputs are bytes times ${scale}, the model is trained on bytes times ${1 / 255}`,
    );
    await assertRejects(
      () =>
        fit(sequential([dense({ units: 1 })], { inputShape: [3] }), bytes(), {
          validation: bytes(scale),
          device,
        }),
      RangeError,
      `bytes times ${scale}`,
    );
  }
  await assertRejects(
    () =>
      fit(sequential([dense({ units: 1 })], { inputShape: [3] }), floats(1), { validation: bytes(), device }),
    TypeError,
    "trained on float32 numbers",
  );
});

Deno.test("classes of other names are not judged as if they were the same", async () => {
  const classes = (...classNames: string[]) =>
    new Dataset({
      inputs: bytes().inputs,
      targets: ndarray("uint8", [8], Array.from({ length: 8 }, (_, i) => i % 2)),
      classNames,
      name: classNames.join("-"),
    });
  const model = sequential([dense({ units: 2 })], { inputShape: [3] });
  await fit(model, classes("cat", "dog"), { validation: classes("cat", "dog"), device });
  await evaluate(model, classes("cat", "dog"), { device });
  const says = 'class 0 is "cat" there and "dog" here';
  await assertRejects(() => evaluate(model, classes("dog", "cat"), { device }), RangeError, says);
  await assertRejects(
    () => evaluate(model, classes("cat", "dog", "ox"), { device }),
    RangeError,
    "3 classes, the model has 2 outputs",
  );
  await assertRejects(
    () => fit(model, classes("cat", "dog"), { validation: classes("dog", "cat"), device }),
    RangeError,
    says,
  );
});

Deno.test("bytes that were brought to -1 to 1 in training are brought there when the model is asked", async () => {
  const image = numbers(ndarray("uint8", [8, 3], levels), { scale: 2 / 255, offset: -1 });
  const data = new Dataset({ fields: { image, size: numbers(targets) }, targets: "size", name: "centred" });
  const model = await trainedOn(data);
  assertEquals(model.info.offset, -1);
  const asked = await predict(model, ndarray("uint8", [8, 3], levels), { device });
  const same = await predict(model, floats(2 / 255, -1).inputs, { device });
  asked.data.forEach((value, i) => assertAlmostEquals(value, same.data[i], 1e-6));
  await assertRejects(() => evaluate(model, bytes(2 / 255), { device }), RangeError, "plus -1");
});
