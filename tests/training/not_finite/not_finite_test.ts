import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { Dataset } from "../../../data/dataset.ts";
import { full, less, sqrt, square, where } from "../../../ops/mod.ts";
import type { Layer } from "../../../models/layer.ts";
import { batchNormalization } from "../../../models/layers/normalization/batch_normalization.ts";
import type { ActivationName } from "../../../models/layers/core/activation.ts";
import { conv2d } from "../../../models/layers/convolution/conv2d.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { flatten } from "../../../models/layers/reshaping/flatten.ts";
import { maxPool2d } from "../../../models/layers/pooling/pooling.ts";
import { sequential } from "../../../models/model.ts";
import { checkpointFile } from "../../../training/callbacks/checkpoint_file.ts";
import { loadCheckpoint } from "../../../training/checkpoints/checkpoint.ts";
import { fit, NotFiniteError } from "../../../training/fit/fit.ts";
import { sgd } from "../../../training/optimizers/optimizers.ts";
import { temporary } from "../../data/temporary.ts";
import { cpu, everyDevice } from "../../devices.ts";
import { linearData, linearModel } from "../linear_regression.ts";
import { bitsOf, pictures, SMALL_STEPS, smallOptions } from "../small_run.ts";

/** A rate that is right until a step, and far too large from then on. */
const sudden = (step: number) => ({
  description: `sudden(${step})`,
  at: (now: Tensor) => where(less(now, step), full([], 0.01), full([], 1e30)),
});

/** A network of an activation that devices may let hide NaN; nothing in it is bounded. */
const openModel = (activation: ActivationName) =>
  sequential([
    conv2d({ filters: 4, kernelSize: 5, strides: 3, activation }),
    maxPool2d(),
    flatten(),
    dense({ units: 8, activation }),
    dense({ units: 10 }),
  ], { inputShape: [32, 32, 3] });

for (const { name, device } of everyDevice) {
  Deno.test(`a learning rate of 1e30 stops fit() and names the step, on ${name}`, async () => {
    for (const model of [openModel("relu"), openModel("silu")]) {
      const error = await assertRejects(
        () => fit(model, pictures, { epochs: 5, batchSize: 16, optimizer: sgd(1e30), device }),
        NotFiniteError,
      );
      assertMatch(
        error.message,
        /^Cannot go on training: the loss became infinite or NaN at step \d; a lower /,
      );
      assertEquals(error.message.includes("checkpoint"), false);
      assertEquals(error.checkpoint, undefined);
      assert(error.step !== undefined && error.step >= 1 && error.step <= 2, `step ${error.step}`);
      assertStringIncludes(error.message, `at step ${error.step};`);
    }
  });
}

const { device } = cpu;

Deno.test("a run that fails late names its last checkpoint, which loads and holds finite numbers", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/checkpoint.safetensors`;
  const model = openModel("relu");
  const options = {
    ...smallOptions,
    clipNorm: undefined,
    optimizer: sgd(sudden(SMALL_STEPS + 2), { momentum: 0.5 }),
    device,
  };
  let kept: Record<string, Uint32Array> = {};
  const error = await assertRejects(() =>
    fit(model, pictures, {
      ...options,
      callbacks: [checkpointFile(path), { onEpoch: (_record, { model }) => void (kept = bitsOf(model)) }],
    }), NotFiniteError);
  assertEquals([error.step, error.checkpoint], [SMALL_STEPS + 3, path]);
  assert(error.message.endsWith(`; the last good checkpoint is ${path}`), error.message);
  const { step, history, tensors } = await loadCheckpoint(path);
  assertEquals([step, history.length, tensors.firstBad.data[0]], [SMALL_STEPS, 1, -1]);
  for (const [name, { data }] of Object.entries(tensors)) assert(data.every(Number.isFinite), name);
  assertEquals(bitsOf(model), kept, "the model keeps the weights of the last good epoch");
});

Deno.test("weights that become infinite at the last step of an epoch stop fit() before they are saved", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/checkpoint`;
  const rate = {
    description: "infinite",
    at: (now: Tensor) => where(less(now, 3), full([], 0.01), full([], Infinity)),
  };
  const error = await assertRejects(() =>
    fit(linearModel(), linearData(8), {
      epochs: 3,
      batchSize: 4,
      optimizer: sgd(rate),
      device,
      callbacks: [checkpointFile(path)],
    }), NotFiniteError);
  assertEquals(
    error.message,
    "Cannot go on training: weights became infinite or NaN in epoch 2; a lower learning rate or clipNorm may help; " +
      `the last good checkpoint is ${path}`,
  );
  assertEquals(error.step, undefined);
  assertEquals((await loadCheckpoint(path)).step, 2);
});

Deno.test("NaN in the data stops fit() at its step", async () => {
  const data = linearData(12);
  data.inputs.data[3 * 5] = NaN; // the sixth example, in the second batch
  const error = await assertRejects(
    () => fit(linearModel(), data, { batchSize: 4, shuffle: false, device }),
    NotFiniteError,
  );
  assertEquals(error.step, 1);
});

for (const { name, device } of everyDevice) {
  Deno.test(`NaN in the data is named by its example and place, not blamed on the learning rate, on ${name}`, async () => {
    const wrong: [(data: Dataset) => void, string][] = [
      [(data) => data.inputs.data[3 * 5 + 2] = NaN, "example 5 of linear has NaN at [2] in its inputs"],
      [
        (data) => data.targets.data[2 * 9 + 1] = Infinity,
        "example 9 of linear has Infinity at [1] in its targets",
      ],
      [
        (data) => data.inputs.data.fill(-Infinity, 30),
        "example 10 of linear has -Infinity at [0] in its inputs",
      ],
    ];
    for (const [spoil, says] of wrong) {
      const data = linearData(12);
      spoil(data);
      const { message } = await assertRejects(
        () => fit(linearModel(), data, { batchSize: 4, epochs: 2, device }),
        NotFiniteError,
        says,
      );
      assertMatch(message, /^Cannot go on training: the loss became infinite or NaN at step \d: example /);
      assert(!message.includes("learning rate"), message);
    }
  });

  Deno.test(`a layer that gives no finite numbers with the first weights is named, on ${name}`, async () => {
    const model = sequential([
      dense({ units: 2, name: "small" }),
      dense({ units: 2, name: "large" }),
      dense({ units: 2, name: "last" }),
    ], { inputShape: [3] });
    model.setWeight("large/kernel", ndarray("float32", [2, 2], [3e38, 3e38, -3e38, 3e38]));
    const data = linearData(8);
    data.inputs.data.forEach((x, i) => data.inputs.data[i] = 100 * x);
    const { message } = await assertRejects(() => fit(model, data, { device }), NotFiniteError);
    assertEquals(
      message,
      "Cannot go on training: the loss became infinite or NaN at step 0: " +
        "the output of layer large is the first thing that is infinite or NaN",
    );
  });
}

Deno.test("NaN that no loss shows at once is found where it was", async () => {
  // A rectifier makes zero of -Infinity, and the gradient of its weights is NaN: the next loss shows it.
  const data = linearData(12);
  data.inputs.data[3 * 2] = -Infinity;
  const model = sequential([dense({ units: 2, activation: "relu", kernelInitializer: "ones" })], {
    inputShape: [3],
  });
  await assertRejects(
    () => fit(model, data, { batchSize: 4, shuffle: false, device }),
    NotFiniteError,
    "example 2 of linear has -Infinity at [0] in its inputs",
  );
});

Deno.test("weights that are NaN before the first step are named", async () => {
  const model = linearModel();
  model.setWeight("dense_1/kernel", ndarray("float32", [3, 2], [1, 2, 3, NaN, 5, 6]));
  await assertRejects(
    () => fit(model, linearData(8), { device }),
    NotFiniteError,
    "weight dense_1/kernel of the model has NaN at [1, 1]",
  );
});

Deno.test("a gradient that is not finite while the loss is names its weight", async () => {
  // The root has no slope at 0, and times the slope 0 of what is below it that is NaN.
  const root: Layer = {
    type: "root",
    config: {},
    outputShape: (shape) => [...shape],
    weights: () => [],
    apply: (x) => sqrt(square(x)),
  };
  const model = sequential([dense({ units: 2, kernelInitializer: "zeros", useBias: false }), root], {
    inputShape: [3],
  });
  await assertRejects(
    () => fit(model, linearData(8), { device }),
    NotFiniteError,
    "the gradient of dense_1/kernel is the first thing that is infinite or NaN",
  );
});

Deno.test("NaN in the validation data stops fit() after the first epoch, and the example is named", async () => {
  const validation = linearData(12).slice(4);
  validation.targets.data[2 * 3] = NaN;
  await assertRejects(
    () => fit(linearModel(), linearData(4), { validation, epochs: 3, device }),
    NotFiniteError,
    "Cannot go on training: the validation loss is NaN in epoch 1: example 3 of linear has NaN at [0] in its targets",
  );
});

Deno.test("infinite running statistics stop fit(), as they would spoil inference alone", async () => {
  // The squares of such numbers are beyond float32, and what is divided by infinity is zero: the loss stays finite.
  const data = new Dataset({
    inputs: ndarray("float32", [4, 2], [1e25, -1e25, 2e25, 1e25, -1e25, 0, 1e25, 3e25]),
    targets: ndarray("float32", [4, 2], new Float32Array(8)),
  });
  const model = sequential([batchNormalization()], { inputShape: [2] });
  await assertRejects(() => fit(model, data, { device }), NotFiniteError);
});

Deno.test("a run on numbers that are large but right is not stopped", async () => {
  const data = linearData(8);
  data.targets.data.forEach((t, i) => data.targets.data[i] = t * 1e15);
  const [record] = await fit(linearModel(), data, { device });
  assert(record.loss > 1e28 && Number.isFinite(record.loss));
});

Deno.test("an interrupted run with weights that are infinite does not replace its last good checkpoint", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/checkpoint`;
  const rate = {
    description: "infinite",
    at: (now: Tensor) => where(less(now, 2), full([], 0.01), full([], Infinity)),
  };
  const options = { epochs: 2, batchSize: 4, optimizer: sgd(rate), device };
  await fit(linearModel(), linearData(8), {
    ...options,
    callbacks: [checkpointFile(path), { onEpoch: (_record, run) => run.stop() }],
  });
  const resume = await loadCheckpoint(path);
  assertEquals(resume.step, 2);
  // The loss of the third step is right, its weights are not, and no step follows that would tell.
  const controller = new AbortController();
  await assertRejects(() =>
    fit(linearModel(), linearData(8), {
      ...options,
      resume,
      signal: controller.signal,
      callbacks: [checkpointFile(path), { onProgress: () => controller.abort() }],
    }), NotFiniteError);
  assertEquals(await loadCheckpoint(path), resume);
});
