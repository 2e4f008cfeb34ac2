import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { Dataset } from "../../../data/dataset.ts";
import { ndarray } from "../../../engine/array.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import { State } from "../../../engine/state.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { sequential } from "../../../models/model.ts";
import { add, cast, full } from "../../../ops/mod.ts";
import { fit } from "../../../training/fit/fit.ts";
import type { Optimizer } from "../../../training/optimizers/optimizer.ts";
import { adam, adamW, rmsprop, sgd } from "../../../training/optimizers/optimizers.ts";
import { everyDevice, type TestDevice } from "../../devices.ts";
import { cosineDecay, warmUp } from "../../../training/optimizers/schedules.ts";
import {
  examplesAt,
  isMatrix,
  linearData,
  linearModel,
  lossAndGradient,
  weightsOf,
} from "../linear_regression.ts";

const device = cpuDevice({ threads: 1 });
const data = linearData(11);
const [batchSize, epochs] = [4, 7];
const steps = epochs * 3;

/** One weight's move at step t (from 1) as the papers have it, in doubles; `kept` holds what lives on. */
type Move = (g: number, kept: Record<string, number>, t: number, rate: number) => number;

interface Case {
  readonly optimizer: Optimizer;
  readonly move: Move;
  /** What part of the rate times the weight a matrix loses at each step. */
  readonly decay?: number;
  /** The rate at step t, from 1; the same one always when left out. */
  readonly rate: number | ((t: number) => number);
}

const keep = (kept: Record<string, number>, name: string, part: number, value: number) =>
  kept[name] = part * (kept[name] ?? 0) + (1 - part) * value;

const momentum = (part: number, nesterov: boolean): Move => (g, kept, _t, rate) => {
  kept.velocity = part * (kept.velocity ?? 0) + g;
  return rate * (nesterov ? part * kept.velocity + g : kept.velocity);
};

const adams = (beta1: number, beta2: number, epsilon: number): Move => (g, kept, t, rate) => {
  const mean = keep(kept, "mean", beta1, g) / (1 - beta1 ** t);
  const square = keep(kept, "square", beta2, g * g) / (1 - beta2 ** t);
  // Keras adds epsilon before the correction of the square, so after it epsilon is divided as well.
  return rate * mean / (Math.sqrt(square) + epsilon / Math.sqrt(1 - beta2 ** t));
};

const rms = (rho: number, epsilon: number, part = 0): Move => (g, kept, _t, rate) => {
  const move = rate * g / Math.sqrt(keep(kept, "square", rho, g * g) + epsilon);
  if (part === 0) return move;
  return kept.velocity = part * (kept.velocity ?? 0) + move;
};

const cosine = (rate: number) => (t: number) => rate / 2 * (1 + Math.cos(Math.PI * (t - 1) / steps));

const cases: Record<string, Case> = {
  "sgd()": { optimizer: sgd(0.1), move: (g, _kept, _t, rate) => rate * g, rate: 0.1 },
  "sgd() with momentum": { optimizer: sgd(0.05, { momentum: 0.8 }), move: momentum(0.8, false), rate: 0.05 },
  "sgd() with Nesterov momentum": {
    optimizer: sgd(0.05, { momentum: 0.8, nesterov: true }),
    move: momentum(0.8, true),
    rate: 0.05,
  },
  "sgd() with momentum and weight decay": {
    optimizer: sgd(0.05, { momentum: 0.5, weightDecay: 0.7 }),
    move: momentum(0.5, false),
    decay: 0.7,
    rate: 0.05,
  },
  "sgd() with cosine decay": {
    optimizer: sgd(cosineDecay(0.2)),
    move: (g, _k, _t, rate) => rate * g,
    rate: cosine(0.2),
  },
  "adam()": { optimizer: adam(0.02), move: adams(0.9, 0.999, 1e-7), rate: 0.02 },
  "adam() with other numbers": {
    optimizer: adam(0.05, { beta1: 0.5, beta2: 0.8, epsilon: 0.1 }),
    move: adams(0.5, 0.8, 0.1),
    rate: 0.05,
  },
  "adam() with weight decay, a warm-up and cosine decay": {
    optimizer: adam(warmUp(cosineDecay(0.05), 4), { weightDecay: 0.3 }),
    move: adams(0.9, 0.999, 1e-7),
    decay: 0.3,
    rate: (t) => cosine(0.05)(t) * Math.min(1, t / 4),
  },
  "adamW()": {
    optimizer: adamW(0.03, { weightDecay: 0.5 }),
    move: adams(0.9, 0.999, 1e-7),
    decay: 0.5,
    rate: 0.03,
  },
  "adamW() with its defaults": {
    optimizer: adamW(),
    move: adams(0.9, 0.999, 1e-7),
    decay: 0.004,
    rate: 0.001,
  },
  "rmsprop()": { optimizer: rmsprop(0.02), move: rms(0.9, 1e-7), rate: 0.02 },
  "rmsprop() with momentum and weight decay": {
    optimizer: rmsprop(0.01, { rho: 0.7, momentum: 0.6, epsilon: 0.01, weightDecay: 0.2 }),
    move: rms(0.7, 0.01, 0.6),
    decay: 0.2,
    rate: 0.01,
  },
};

for (const [what, { optimizer, move, decay = 0, rate }] of Object.entries(cases)) {
  Deno.test(`${what} makes the steps that its formula makes in doubles`, async () => {
    const model = linearModel();
    let weights = weightsOf(model);
    const kept = weights.map(() => ({}));
    const history = await fit(model, data, { epochs, batchSize, optimizer, shuffle: false, device });
    const losses = new Array<number>(epochs).fill(0);
    for (let step = 0; step < steps; step++) {
      const examples = examplesAt(step, data.length, batchSize);
      const { loss, gradient } = lossAndGradient(weights, data, examples);
      losses[Math.floor(step / 3)] += loss * examples.length / data.length;
      const now = typeof rate === "number" ? rate : rate(step + 1);
      weights = weights.map((w, i) =>
        w - (isMatrix(i) ? w * decay * now : 0) - move(gradient[i], kept[i], step + 1, now)
      );
    }
    const trained = weightsOf(model);
    weights.forEach((w, i) => assertAlmostEquals(trained[i], w, 2e-5, `weight ${i}`));
    losses.forEach((loss, i) => assertAlmostEquals(history[i].loss, loss, 2e-5 * loss, `epoch ${i + 1}`));
  });
}

Deno.test("weight decay leaves biases alone and shrinks matrices even where there is no gradient", async () => {
  for (const make of [sgd, adam, adamW, rmsprop]) {
    const model = linearModel();
    const before = weightsOf(model);
    // Inputs and targets of zero and a bias of zero: no gradient anywhere.
    model.setWeight("dense_1/bias", { dtype: "float32", shape: [2], data: new Float32Array(2) });
    const zero = linearData(4);
    zero.inputs.data.fill(0);
    zero.targets.data.fill(0);
    await fit(model, zero, { epochs: 3, batchSize: 4, optimizer: make(0.1, { weightDecay: 0.5 }), device });
    weightsOf(model).forEach((w, i) =>
      assertAlmostEquals(w, isMatrix(i) ? before[i] * (1 - 0.1 * 0.5) ** 3 : 0, 1e-6)
    );
  }
});

Deno.test("optimizers describe all that they are defined by, so that a run can be told from another", () => {
  const described = [
    sgd(0.1),
    sgd(0.2),
    sgd(0.1, { momentum: 0.9 }),
    sgd(0.1, { momentum: 0.9, nesterov: true }),
    sgd(0.1, { weightDecay: 0.1 }),
    adam(),
    adam(0.001, { beta1: 0.5 }),
    adam(0.001, { beta1: 0 }),
    adam(0.001, { epsilon: 0 }),
    adam(0.001, { beta2: 0.5 }),
    adam(0.001, { epsilon: 0.5 }),
    adam(0.001, { weightDecay: 0.5 }),
    adam(cosineDecay(0.001)),
    adamW(),
    adamW(0.001, { weightDecay: 0 }),
    rmsprop(),
    rmsprop(0.001, { rho: 0.5 }),
    rmsprop(0.001, { epsilon: 0.5 }),
    rmsprop(0.001, { momentum: 0.5 }),
  ].map((o) => o.description);
  assertEquals(described.filter((text, i) => described.indexOf(text) !== i), []);
  assertEquals(adam().description, "adam(0.001)");
});

Deno.test("optimizers refuse numbers that make no sense", () => {
  const wrong = [
    () => sgd(0),
    () => adam(NaN),
    () => sgd(0.1, { momentum: 1 }),
    () => sgd(0.1, { momentum: -0.1 }),
    () => sgd(0.1, { momentum: NaN }),
    () => sgd(0.1, { weightDecay: -1 }),
    () => adam(0.1, { beta1: 1 }),
    () => adam(0.1, { beta2: -1 }),
    () => adam(0.1, { epsilon: -1 }),
    () => adam(0.1, { epsilon: NaN }),
    () => adamW(0.1, { weightDecay: NaN }),
    () => rmsprop(0.1, { rho: 1 }),
    () => rmsprop(0.1, { momentum: 2 }),
    () => rmsprop(0.1, { epsilon: -1 }),
  ];
  for (const make of wrong) assertThrows(make, RangeError, "Cannot make", String(make));
});

/** Weights that were zero, after some steps of one gradient at a rate of 0.1. */
async function moved(
  optimizer: Optimizer,
  gradient: readonly number[],
  times: number,
  { device }: TestDevice,
): Promise<number[]> {
  const shape = [gradient.length];
  const zeros = ndarray("float32", shape, new Float32Array(gradient.length));
  const slots = Object.fromEntries(optimizer.slots.map((slot) => [slot, zeros]));
  const state = new State(device, { weights: zeros, ...slots, step: ndarray("int32", [], [0]) });
  const program = await compileProgram((s: Record<string, Tensor>, given: Record<string, Tensor>) => {
    const step = add(s.step, 1);
    const { weights, slots } = optimizer.update({
      weights: s.weights,
      gradient: given.gradient,
      slots: s,
      step: cast(step, "float32"),
      learningRate: full([], 0.1),
    });
    return { state: { weights, ...slots, step } };
  }, { device, state, inputs: { gradient: { dtype: "float32", shape } } });
  program.run({ inputs: { gradient: Float32Array.from(gradient) }, times });
  const found = [...(await state.read("weights")).data];
  program.close();
  state.close();
  return found;
}

for (const where of everyDevice) {
  Deno.test(`adam() with betas close to one moves by the rate, from the first step on, on ${where.name}`, async () => {
    for (const beta2 of [0.9, 0.999, 0.999999, 0.99999999]) {
      for (const beta1 of [0, 0.9, 0.9999999]) {
        const optimizer = adam(0.1, { beta1, beta2, epsilon: 0 });
        const [once] = await moved(optimizer, [3], 1, where);
        const [often] = await moved(optimizer, [3], 40, where);
        assertAlmostEquals(once, -0.1, 1e-6, `first step, betas ${beta1} and ${beta2}`);
        assertAlmostEquals(often, -4, 4e-5, `forty steps, betas ${beta1} and ${beta2}`);
      }
    }
  });

  Deno.test(`without epsilon, what has no gradient stays where it is, on ${where.name}`, async () => {
    for (const epsilon of [0, 1e-50, 1e-40]) {
      for (const make of [adam, adamW, rmsprop]) {
        const found = await moved(make(0.1, { epsilon }), [2, 0, -1e-3, 0, 0], 3, where);
        assertEquals(found.map(Math.sign), [-1, 0, 1, 0, 0], `${make.name} with epsilon ${epsilon}`);
      }
    }
  });
}

Deno.test("a model of one weight is trained without epsilon, and its block has no NaN", async () => {
  for (const make of [adam, adamW, rmsprop]) {
    const model = sequential([dense({ units: 1, useBias: false })], { inputShape: [1], seed: 1 });
    const data = new Dataset({
      inputs: ndarray("float32", [4, 1], [1, 2, 3, 4]),
      targets: ndarray("float32", [4, 1], [2, 4, 6, 8]),
    });
    const optimizer = make(0.05, { epsilon: 0 });
    const history = await fit(model, data, {
      epochs: 60,
      batchSize: 2,
      optimizer,
      clipNorm: 1,
      device,
    });
    assertLess(history.at(-1)!.loss, 0.1, make.name);
    assertAlmostEquals(model.weights.get("dense_1/kernel")!.data[0], 2, 0.2, make.name);
  }
});
