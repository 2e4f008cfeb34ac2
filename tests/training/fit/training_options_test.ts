/** Every option of training and of data: what is not of its kind is refused before anything is computed. */
import { assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { Dataset } from "../../../data/dataset.ts";
import type { InputsAndTargets } from "../../../data/dataset_options.ts";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { program } from "../../../devices/program.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { sequential } from "../../../models/model.ts";
import { zeros } from "../../../ops/creation/full.ts";
import { RandomSource } from "../../../ops/random/random.ts";
import { augment } from "../../../training/fit/augment.ts";
import { bestWeights } from "../../../training/callbacks/best_weights.ts";
import { earlyStopping } from "../../../training/callbacks/early_stopping.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { predict } from "../../../training/fit/predict.ts";
import { fit } from "../../../training/fit/fit.ts";
import { adam, adamW, rmsprop, sgd } from "../../../training/optimizers/optimizers.ts";
import { cosineDecay, oneCycle, stepDecay, warmUp } from "../../../training/optimizers/schedules.ts";

const never: readonly unknown[] = [null, NaN, "x", [NaN]];
const noPart: readonly unknown[] = [...never, -0.1, 1, "0.5"];
const fromZero: readonly unknown[] = [...never, -1, Infinity];
const aboveZero: readonly unknown[] = [...fromZero, 0];
const noCount: readonly unknown[] = [...never, 0, -1, 0.5, Infinity];
const noFlag: readonly unknown[] = [null, 0, 1, "true"];
const noSeed: readonly unknown[] = [...never, -1, 0.5];

const inputs = ndarray("float32", [4, 2], new Float32Array(8));
const parts: InputsAndTargets = { inputs, targets: ndarray("int32", [4], [0, 1, 0, 1]) };
const data = new Dataset(parts);
const model = sequential([dense({ units: 2 })], { inputShape: [2] });
const device = cpuDevice({ threads: 1 });

type Make = (value: never) => unknown;
const options: Record<string, Record<string, [readonly unknown[], Make]>> = {
  sgd: {
    learningRate: [[...aboveZero, {}], (rate) => sgd(rate)],
    momentum: [noPart, (momentum) => sgd(1, { momentum })],
    nesterov: [noFlag, (nesterov) => sgd(1, { nesterov })],
    weightDecay: [fromZero, (weightDecay) => sgd(1, { weightDecay })],
    momentun: [[0.9], (momentun) => sgd(1, { momentun } as object)],
  },
  adam: {
    learningRate: [aboveZero, (rate) => adam(rate)],
    beta1: [noPart, (beta1) => adam(1, { beta1 })],
    beta2: [noPart, (beta2) => adamW(1, { beta2 })],
    epsilon: [fromZero, (epsilon) => adam(1, { epsilon })],
  },
  rmsprop: {
    rho: [noPart, (rho) => rmsprop(1, { rho })],
    momentum: [noPart, (momentum) => rmsprop(1, { momentum })],
  },
  schedules: {
    rate: [aboveZero, (rate) => cosineDecay(rate)],
    end: [fromZero, (end) => cosineDecay(1, { end })],
    every: [[...aboveZero, undefined], (every) => stepDecay(1, { every, factor: 0.5 })],
    factor: [[...aboveZero, undefined], (factor) => stepDecay(1, { every: 1, factor })],
    rise: [[...never, 0, 1], (rise) => oneCycle(1, { rise })],
    steps: [[...aboveZero, undefined], (steps) => warmUp(1, steps)],
    schedule: [[...aboveZero, {}, { at: 1 }], (schedule) => warmUp(schedule, 1)],
  },
  callbacks: {
    monitor: [[...never, "f1"], (monitor) => earlyStopping({ monitor })],
    patience: [noCount, (patience) => earlyStopping({ patience })],
    minDelta: [fromZero, (minDelta) => earlyStopping({ minDelta })],
    " monitor": [[null, "f1"], (monitor) => bestWeights({ monitor })],
  },
  augment: {
    flip: [noFlag, (flip) => augment(zeros([1, 4, 4, 1]), { flip }, new RandomSource({ seed: 1 }))],
    shift: [
      [...never, -1, 0.5, 4],
      (shift) => augment(zeros([1, 4, 4, 1]), { shift }, new RandomSource({ seed: 1 })),
    ],
  },
  Dataset: {
    inputs: [[null, undefined, 3, new Float32Array(8)], (inputs) => new Dataset({ ...parts, inputs })],
    targets: [[null, undefined, [0, 1]], (targets) => new Dataset({ ...parts, targets })],
    classNames: [[null, "ab", ["a", 2], [, "b"]], (classNames) => new Dataset({ ...parts, classNames })],
    name: [[null, 3], (name) => new Dataset({ ...parts, name })],
    scale: [[...never, 0, Infinity], (scale) => new Dataset({ ...parts, scale })],
    count: [[...noSeed, undefined], (count) => data.take(count)],
    seed: [noSeed, (seed) => data.split(0.5, { seed })],
    "batch size": [[...noCount, undefined], (size) => data.batches(size)],
    dropRemainder: [noFlag, (dropRemainder) => data.batches(1, { dropRemainder })],
  },
};
for (const [what, own] of Object.entries(options)) {
  for (const [option, [values, make]] of Object.entries(own)) {
    Deno.test(`${what}: what is no ${option.trim()} is refused`, () => {
      for (const value of values) {
        const { message } = assertThrows(() => make(value as never), Error, "Cannot ", String(value));
        assertStringIncludes(message, option.trim().split(" ")[0]);
      }
    });
  }
}

const asked: Record<string, Record<string, [readonly unknown[], (value: never) => Promise<unknown>]>> = {
  fit: {
    validation: [[null, {}, inputs], (validation) => fit(model, data, { validation })],
    epochs: [[...never, -1, 0.5], (epochs) => fit(model, data, { epochs })],
    batchSize: [noCount, (batchSize) => fit(model, data, { batchSize })],
    optimizer: [[null, "adam", {}, adam], (optimizer) => fit(model, data, { optimizer })],
    loss: [[null, "hinge", 3], (loss) => fit(model, data, { loss })],
    labelSmoothing: [noPart, (labelSmoothing) => fit(model, data, { labelSmoothing })],
    clipNorm: [aboveZero, (clipNorm) => fit(model, data, { clipNorm })],
    shift: [[null, NaN, 0.5], (shift) => fit(model, data, { augmentation: { shift } })],
    precision: [[null, "half", 16], (precision) => fit(model, data, { precision })],
    shuffle: [noFlag, (shuffle) => fit(model, data, { shuffle })],
    seed: [[...noSeed, 2 ** 32], (seed) => fit(model, data, { seed })],
    device: [[null, "gpu", {}], (device) => fit(model, data, { device })],
    callbacks: [[null, {}, [null], [{ onEpoch: 3 }]], (callbacks) => fit(model, data, { callbacks })],
    resume: [[null, {}, "file"], (resume) => fit(model, data, { resume })],
    signal: [[null, {}, true], (signal) => fit(model, data, { signal })],
    epoch: [[3], (epoch) => fit(model, data, { epoch } as object)],
  },
  evaluate: {
    batchSize: [noCount, (batchSize) => evaluate(model, data, { batchSize })],
    loss: [[null, "hinge"], (loss) => evaluate(model, data, { loss })],
    device: [[null, "gpu"], (device) => evaluate(model, data, { device })],
  },
  predict: {
    batchSize: [noCount, (batchSize) => predict(model, inputs, { batchSize })],
    probabilities: [noFlag, (probabilities) => predict(model, inputs, { probabilities })],
  },
  program: {
    device: [[null, "gpu", {}], (device) => program(() => ({}), { device })],
    state: [[null, 3], (state) => program(() => ({}), { device, state })],
    inputs: [[null, 3], (inputs) => program(() => ({}), { device, inputs })],
    times: [[...never, -1, 0.5], async (times) => (await program(() => ({}), { device })).run({ times })],
  },
};
for (const [what, own] of Object.entries(asked)) {
  for (const [option, [values, ask]] of Object.entries(own)) {
    Deno.test(`${what}: what is no ${option} is refused before anything is computed`, async () => {
      for (const value of values) {
        const { message } = await assertRejects(() => ask(value as never), Error, "Cannot ", String(value));
        assertStringIncludes(message, option);
      }
    });
  }
}

Deno.test("options of training that are undefined are left out", async () => {
  const none = undefined;
  const some = new Dataset({ ...parts, classNames: none, name: none, scale: none });
  await fit(model, some, {
    epochs: none,
    batchSize: none,
    optimizer: none,
    clipNorm: none,
    device,
    signal: none,
  });
  await evaluate(model, some, { batchSize: none, loss: none, device });
});
