/** Batches that go on from one another: which examples they have, and what models hand on between them. */
import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { Dataset } from "../../../data/dataset.ts";
import { numbers, tokens } from "../../../data/field.ts";
import { windows } from "../../../data/windows.ts";
import { generated } from "../../../data/generated.ts";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { type NdArray, ndarray } from "../../../engine/array.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import { State } from "../../../engine/state.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import type { Layer } from "../../../models/layer.ts";
import * as layers from "../../../models/layers/mod.ts";
import { sequential } from "../../../models/model.ts";
import { add, cumsum, grad, mean, mul, reshape, slice, softmaxCrossEntropy, sub } from "../../../ops/mod.ts";
import type { Checkpoint } from "../../../training/checkpoints/checkpoint.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import { sgd } from "../../../training/optimizers/optimizers.ts";
import { everyDevice } from "../../devices.ts";
import { narrowDevice } from "../loop/narrow_device.ts";

const device = cpuDevice({ threads: 1 });

/** A stream of numbers 0.001, 0.002 ... in windows side by side. */
function stream(count: number, length = 2): Dataset {
  const values = ndarray(
    "float32",
    [count * length, 1],
    Float32Array.from({ length: count * length }, (_, i) => (i + 1) / 1000),
  );
  return new Dataset({ fields: { x: windows(numbers(values), { length, stride: length }) } });
}

/** Adds up what it has seen of a row. */
const running: Layer = {
  type: "running",
  config: {},
  outputShape: (shape) => [...shape],
  weights: () => [{ name: "unused", shape: [1], initializer: "ones", trainable: true }],
  carry: () => ({ sum: { shape: [1] } }),
  apply: (x, { carry, handOn, weights }) => {
    const [batch, length] = x.shape;
    const all = add(cumsum(x, 1), reshape(carry!.sum, [batch, 1, 1]));
    handOn("sum", reshape(slice(all, [0, length - 1, 0], [batch, 1, 1]), [batch, 1]));
    return mul(all, weights.unused);
  },
};

/** The mean over an epoch of what `running` gives for rows of batches that go through `steps` windows each. */
function expected(count: number, steps: number, length = 2): number {
  const rows = Math.ceil(count / steps);
  const means = Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    const own = Math.min(count, (row + 1) * steps) - row * steps;
    return Array.from({ length: own * length }, (_, i) => sum += (row * steps * length + i + 1) / 1000);
  }).flat();
  return means.reduce((a, b) => a + b) / means.length;
}

const output = (y: Tensor) => mean(y, [1, 2]);

Deno.test("with carry, each row of a batch goes through its part of the examples, and begins an epoch with zeros", async () => {
  const model = sequential([running], { inputShape: [2, 1] });
  const options = {
    carry: true,
    loss: output,
    optimizer: sgd(1),
    rate: () => 0,
    batchSize: 4,
    epochs: 2,
    device,
  } satisfies FitOptions;
  // 22 windows are 4 rows of 5; two are left over.
  const history = await fit(model, stream(22), { ...options, validation: stream(10) });
  for (const { loss, validationLoss } of history) {
    assertAlmostEquals(loss, expected(20, 5), 1e-6);
    // All are measured: rows of 3, 3, 3 and 1.
    assertAlmostEquals(validationLoss, expected(10, 3), 1e-6);
  }
  for (const [batchSize, steps] of [[1, 22], [3, 8], [22, 1]]) {
    const score = await evaluate(model, stream(22), { carry: true, loss: output, batchSize, device });
    assertAlmostEquals(score.loss, expected(22, steps), 1e-6);
  }
  // 32 rows when nothing is said.
  const score = await evaluate(model, stream(70), { carry: true, loss: output, device });
  assertAlmostEquals(score.loss, expected(70, 3), 1e-6);
});

Deno.test("with carry, examples that pass through a device are those that lie on it", async () => {
  const model = sequential([running], { inputShape: [2, 1] });
  // Windows of 4 bytes an element in a stream of 160 bytes.
  const { device, largest } = narrowDevice(64);
  const score = await evaluate(model, stream(20), { carry: true, loss: output, batchSize: 4, device });
  assertAlmostEquals(score.loss, expected(20, 5), 1e-6);
  assertEquals(largest() <= 64, true);
});

const [length, letters, batch, steps] = [3, 5, 2, 4];
const text = Uint8Array.from({ length: length * batch * steps + 1 }, (_, i) => (i * i + 2 * i) % letters);
const corpus = (values = ndarray("uint8", [text.length], text)) =>
  new Dataset({
    fields: {
      x: windows(tokens(values), { length, stride: length }),
      y: windows(tokens(values), { length, stride: length, shift: 1 }),
    },
    targets: "y",
  });
const charModel = () =>
  sequential([
    layers.embedding({ tokens: letters, units: 4 }),
    layers.gru({ units: 8, returnSequences: true }),
    layers.multiHeadAttention({ heads: 2, causal: true, rotary: true }),
    layers.dense({ units: letters }),
  ], { inputShape: [length], seed: 3 });

for (const { name, device } of everyDevice) {
  Deno.test(`fit with carry is back-propagation through each batch, from the state behind the one before, on ${name}`, async () => {
    const [trained, model] = [charModel(), charModel()];
    await fit(trained, corpus(), { carry: true, batchSize: batch, epochs: 1, optimizer: sgd(0.5), device });
    const first = { ...Object.fromEntries(model.weights), ...model.firstCarry(batch) };
    const state = new State(device, first);
    const step = await compileProgram((s: Record<string, Tensor>, { x, y }: Record<string, Tensor>) => {
      const { output, carry } = model.apply(x, s, { carry: s });
      const loss = mean(softmaxCrossEntropy(output, y));
      const names = [...model.weights.keys()];
      const gradients = grad(loss, names.map((name) => s[name]));
      const next = names.map((name, i) => [name, sub(s[name], mul(gradients[i], 0.5))]);
      return { state: { ...Object.fromEntries(next), ...carry } };
    }, {
      device,
      state,
      inputs: {
        x: { dtype: "int32", shape: [batch, length] },
        y: { dtype: "int32", shape: [batch, length] },
      },
    });
    for (let s = 0; s < steps; s++) {
      const part = (shift: number): NdArray => {
        const rows = Array.from({ length: batch }, (_, b) => {
          const start = (b * steps + s) * length + shift;
          return [...text.slice(start, start + length)];
        });
        return ndarray("int32", [batch, length], rows.flat());
      };
      step.run({ inputs: { x: part(0), y: part(1) } });
    }
    for (const [name, { data }] of trained.weights) {
      const { data: byHand } = await state.read(name);
      data.forEach((value, i) => assertAlmostEquals(value, byHand[i], 1e-5, `${name} ${i}`));
    }
    step.close();
    state.close();
  });
}

Deno.test("a run with carry that is broken in the midst of an epoch ends with the bits of one without a break", async () => {
  const options = {
    carry: true,
    batchSize: batch,
    epochs: 3,
    validation: corpus(),
    device,
  } satisfies FitOptions;
  const [whole, broken, resumed] = [charModel(), charModel(), charModel()];
  const history = await fit(whole, corpus(), options);
  const controller = new AbortController();
  let resume: Checkpoint | undefined;
  await assertRejects(() =>
    fit(broken, corpus(), {
      ...options,
      signal: controller.signal,
      callbacks: [{
        onProgress: () => controller.abort(),
        onInterrupt: async (run) => void (resume = await run.checkpoint()),
      }],
    })
  );
  assertEquals(resume!.step % steps > 0, true);
  const rest = await fit(resumed, corpus(), { ...options, resume });
  assertEquals(
    rest.map(({ loss, validationLoss }) => [loss, validationLoss]),
    history.map(({ loss, validationLoss }) => [loss, validationLoss]),
  );
  for (const [name, { data }] of whole.weights) assertEquals(resumed.weights.get(name)!.data, data);
  await assertRejects(
    () => fit(charModel(), corpus(), { ...options, carry: false, shuffle: false, resume }),
    RangeError,
    "carry",
  );
});

Deno.test("what cannot go on from batch to batch is refused, and why is said", async () => {
  const gru = sequential([layers.gru({ units: 2 })], { inputShape: [2, 1] });
  const on = (data: Dataset, model = gru, options: FitOptions = {}) => () =>
    fit(model, data, { carry: true, loss: (y) => mean(y, 1), device, ...options });
  const data = stream(8);
  await assertRejects(on(data, gru, { shuffle: true }), TypeError, "leave shuffle out");
  const values = ndarray("float32", [20, 1], new Float32Array(20));
  const overlapping = new Dataset({ fields: { x: windows(numbers(values), { length: 2, stride: 1 }) } });
  await assertRejects(on(overlapping), RangeError, "begin every 1 elements");
  await assertRejects(on(data, gru, { validation: overlapping }), RangeError, "begin every 1 elements");
  await assertRejects(
    () => evaluate(gru, overlapping, { carry: true, loss: (y) => mean(y, 1), device }),
    RangeError,
    "begin every 1 elements",
  );
  const dense = sequential([layers.dense({ units: 2 })], { inputShape: [2, 1] });
  await assertRejects(on(data, dense), RangeError, "none of its layers hands anything on");
  const both = sequential([layers.gru({ units: 2, direction: "both" })], { inputShape: [2, 1] });
  await assertRejects(on(data, both), RangeError, "begins at the end");
  const learned = sequential([layers.positionEmbedding(), layers.gru({ units: 2 })], { inputShape: [2, 1] });
  await assertRejects(on(data, learned, { batchSize: 2 }), RangeError, "goes up to 2 places");
  // Of 3 examples in 2 rows, training leaves one out, and an evaluation goes to the end.
  const rows = { carry: true, loss: (y: Tensor) => mean(y, 1), device, batchSize: 2 };
  await fit(learned, stream(3), { ...rows, epochs: 1 });
  await assertRejects(() => evaluate(learned, stream(3), rows), RangeError, "a sequence of 2 examples of 2");
  await assertRejects(
    on(stream(3), learned, { batchSize: 2, validation: stream(3) }),
    RangeError,
    "2 examples",
  );
  const endless = generated({
    fields: { x: { dtype: "float32", shape: [2, 1] } },
    examplesPerEpoch: 8,
    *examples() {
      while (true) yield { x: new Float32Array(2) };
    },
  });
  await assertRejects(
    () => fit(gru, endless, { carry: true, loss: (y) => mean(y, 1), device }),
    TypeError,
    "a Dataset would do",
  );
});
