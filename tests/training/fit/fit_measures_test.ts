/** `fit` and `evaluate` with losses, metrics, fields and parameters that are not the usual ones. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { abs, add, mean, softmaxCrossEntropy, square, sub } from "../../../ops/mod.ts";
import { accuracy, meanAbsoluteError, topKAccuracy } from "../../../training/mod.ts";
import {
  adam,
  classes,
  Dataset,
  evaluate,
  fit,
  generated,
  graph,
  input,
  merge,
  ndarray,
  numbers,
  parameters,
  predict,
  sequential,
  sgd,
  trainStep,
} from "../../../mod.ts";
import { dense } from "../../../models/layers/mod.ts";
import type { Layer } from "../../../models/layer.ts";
import { cpu } from "../../devices.ts";
import { linearData, linearModel, lossAndGradient, weightsOf } from "../linear_regression.ts";
import { bitsOf, pictures, smallModel, smallOptions } from "../small_run.ts";

const { device } = cpu;
const data = linearData(12);

Deno.test("fit() with a loss as a function goes as with the same one by name", async () => {
  const [named, own] = [linearModel(), linearModel()];
  const options = { epochs: 3, batchSize: 5, validation: data, device };
  const first = await fit(named, data, options);
  const second = await fit(own, data, {
    ...options,
    loss: (output, target) => square(sub(output, target)),
    metrics: { error: meanAbsoluteError },
  });
  weightsOf(named).forEach((weight, i) => assertAlmostEquals(weightsOf(own)[i], weight, 1e-6));
  assertAlmostEquals(second[2].validationLoss, first[2].validationLoss, 1e-6);
  const results = await predict(own, data.inputs, { device });
  const error = results.data.reduce((sum, y, i) => sum + Math.abs(y - data.targets.data[i]), 0) /
    results.data.length;
  assertAlmostEquals(second[2].validationError, error, 1e-5);
  const score = await evaluate(own, data, { device, metrics: { error: meanAbsoluteError } });
  assertAlmostEquals(score.error, error, 1e-5);
});

Deno.test("metrics of classes: accuracy, and that of the best guesses", async () => {
  const model = smallModel();
  const score = await evaluate(model, pictures, {
    device,
    metrics: { top3: topKAccuracy(3), all: topKAccuracy(10) },
  });
  const { data: logits } = await predict(model, pictures.inputs, { device });
  const right = (k: number) =>
    Array.from(pictures.targets.data, (label, i) => {
      const own = logits.subarray(10 * i, 10 * i + 10);
      return own.filter((y) => y > own[label]).length < k ? 1 : 0;
    }).reduce<number>((a, b) => a + b, 0) / pictures.length;
  assertAlmostEquals(score.accuracy, right(1), 1e-6);
  assertAlmostEquals(score.top3, right(3), 1e-6);
  assertEquals(score.all, 1);
});

Deno.test("fit() with frozen weights, rates and gathered gradients changes what it is to change", async () => {
  const model = linearModel();
  const before = weightsOf(model);
  await fit(model, data, {
    batchSize: 4,
    shuffle: false,
    optimizer: sgd(0.1),
    accumulate: 3,
    rate: () => 0.5,
    frozen: (weight) => weight.endsWith("bias"),
    device,
  });
  const { gradient } = lossAndGradient(before, data, [...Array(12).keys()]);
  weightsOf(model).forEach((weight, i) =>
    assertAlmostEquals(weight, before[i] - (i < 6 ? 0.05 * gradient[i] : 0), 1e-6)
  );
});

Deno.test("fit() with a moving average judges it, and the model has it in the end", async () => {
  const run = async (average?: number) => {
    const model = smallModel();
    const history = await fit(model, pictures, { ...smallOptions, average, device });
    return { model, last: history.at(-1)! };
  };
  const [plain, averaged] = [await run(), await run(0.9)];
  assertEquals(averaged.last.loss, plain.last.loss, "it has no say in the training");
  assert(averaged.last.validationLoss !== plain.last.validationLoss);
  const score = await evaluate(averaged.model, smallOptions.validation, { device });
  assertAlmostEquals(score.loss, averaged.last.validationLoss, 1e-5);
  const names = Object.keys(bitsOf(plain.model)).filter((name) => /running|mean|variance/i.test(name));
  assert(names.length > 0);
  for (const name of names) assertEquals(bitsOf(averaged.model)[name], bitsOf(plain.model)[name], name);
});

Deno.test("data without targets is learned to be given back", async () => {
  const values = ndarray("float32", [16, 4], Array.from({ length: 64 }, (_, i) => Math.sin(i)));
  const data = new Dataset({ fields: { level: numbers(values) } });
  const model = sequential([dense({ units: 4 })], { inputShape: [4] });
  const history = await fit(model, data, { epochs: 60, batchSize: 8, optimizer: adam(0.03), device });
  assert(history.at(-1)!.loss < 0.2 * history[0].loss);
});

const sum: Layer = {
  type: "sum",
  config: {},
  arity: 2,
  outputShape: (a) => [...a],
  weights: () => [],
  apply: (_x, { inputs: [a, b] }) => add(a, b),
};

Deno.test("a model with two inputs and two outputs is fitted, judged and asked by the names of the fields", async () => {
  const [left, right] = [input([2], { name: "left" }), input([2], { name: "right" })];
  const hidden = merge(sum, [
    left.to(dense({ units: 6, activation: "tanh" })),
    right.to(dense({ units: 6 })),
  ]);
  const model = graph({
    inputs: { left, right },
    outputs: { kind: hidden.to(dense({ units: 2 })), size: hidden.to(dense({ units: 1 })) },
    name: "both",
  });
  const noise = (seed: number) => Float32Array.from({ length: 60 }, (_, i) => Math.sin(seed * (i + 1)));
  const [a, b] = [noise(1.7), noise(2.3)];
  const data = new Dataset({
    fields: {
      right: numbers(ndarray("float32", [30, 2], b)),
      left: numbers(ndarray("float32", [30, 2], a)),
      kind: classes(ndarray("int32", [30], Array.from({ length: 30 }, (_, i) => a[2 * i] > 0 ? 1 : 0))),
      size: numbers(
        ndarray("float32", [30, 1], Array.from({ length: 30 }, (_, i) => a[2 * i + 1] + b[2 * i])),
      ),
    },
    targets: ["kind", "size"],
  });
  const options = {
    epochs: 40,
    batchSize: 8,
    optimizer: adam(0.02),
    validation: data,
    device,
    loss: (
      kind: Parameters<typeof accuracy>[0],
      target: typeof kind,
      all: { outputs: Record<string, typeof kind>; batch: Record<string, typeof kind> },
    ) => add(softmaxCrossEntropy(kind, target), mean(abs(sub(all.outputs.size, all.batch.size)), 1)),
    metrics: { accuracy },
  };
  const history = await fit(model, data, options);
  assert(history.at(-1)!.validationLoss < 0.5 * history[0].validationLoss);
  assert(history.at(-1)!.validationAccuracy > 0.9);
  const inputs = { left: data.fields.left.values, right: data.fields.right.values };
  const sizes = await predict(model, inputs, { device, output: "size" });
  assertEquals([...sizes.shape], [30, 1]);
  await assertRejects(() => fit(model, data, { device }), RangeError, "give a function as loss");
  await assertRejects(
    () => predict(model, inputs.left, { device }),
    TypeError,
    "one for each of left, right",
  );
  await assertRejects(
    () => predict(model, { left: inputs.left }, { device }),
    TypeError,
    "both takes left, right",
  );
  await assertRejects(
    () => predict(model, inputs, { device, output: "age" }),
    RangeError,
    "there are kind, size",
  );
});

Deno.test("fit() and evaluate() take examples that are made as they go", async () => {
  const made = generated({
    fields: { inputs: { dtype: "float32", shape: [3] }, targets: { dtype: "float32", shape: [2] } },
    targets: "targets",
    examplesPerEpoch: 12,
    *examples() {
      for (let i = 0; i < 12; i++) {
        yield {
          inputs: data.inputs.data.slice(3 * i, 3 * i + 3),
          targets: data.targets.data.slice(2 * i, 2 * i + 2),
        };
      }
    },
  });
  const [fromArrays, fromMade] = [linearModel(), linearModel()];
  const options = { epochs: 3, batchSize: 5, device };
  const first = await fit(fromArrays, data, { ...options, shuffle: false, validation: data });
  const second = await fit(fromMade, made, { ...options, validation: made });
  assertEquals(weightsOf(fromMade), weightsOf(fromArrays));
  assertEquals(second.map((r) => [r.loss, r.validationLoss]), first.map((r) => [r.loss, r.validationLoss]));
  assertEquals(await evaluate(fromMade, made, { device }), await evaluate(fromArrays, data, { device }));
});

Deno.test("evaluate() of a step measures what the step says, with the sets as they are", async () => {
  const model = linearModel();
  const set = parameters(model);
  const step = trainStep(() => ({ minimize: [] }), {
    evaluate: ({ batch }) => ({ error: mean(abs(sub(set.apply(batch.inputs), batch.targets)), 1) }),
  });
  const score = await evaluate(step, data, { device, batchSize: 5 });
  const named = await evaluate(model, data, { device, metrics: { error: meanAbsoluteError } });
  assertAlmostEquals(score.error, named.error, 1e-6);
  await assertRejects(
    () => evaluate(trainStep(() => ({ minimize: [] })), data, { device }),
    TypeError,
    "does not say what to measure",
  );
});
