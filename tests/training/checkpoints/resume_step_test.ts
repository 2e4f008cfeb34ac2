/** A step of one's own with all that can be kept from step to step, gone on with from everywhere. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { adam, ndarray, parameters, sequential, sgd, train, trainStep } from "../../../mod.ts";
import { add, mean, mul, square, stopGradient, sub } from "../../../ops/mod.ts";
import { batchNormalization, dense, dropout } from "../../../models/layers/mod.ts";
import {
  bestWeights,
  type Callback,
  type Checkpoint,
  cosineDecay,
  loadCheckpoint,
  saveCheckpoint,
  type TrainOptions,
} from "../../../training/mod.ts";
import { temporary } from "../../data/temporary.ts";
import { cpu, everyDevice } from "../../devices.ts";
import { linearData } from "../linear_regression.ts";
import { measured } from "../small_run.ts";

const data = linearData(22);
const STEPS = 6; // in batches of 4, the last of which has 2 examples
const EPOCHS = 2;

/** Two sets with draws, statistics, gathered gradients, moving averages, a rare set, and what one step hands on to the next. */
function twoSets(seed: number, change = 1) {
  const net = (name: string, units: number, inputs: number) =>
    sequential([
      dense({ units: 6, activation: "tanh" }),
      batchNormalization({ momentum: 0.8 }),
      dropout(0.3),
      dense({ units }),
    ], { inputShape: [inputs], name, seed });
  const A = parameters(net("A", 2, 3), {
    optimizer: adam(cosineDecay(0.05)),
    accumulate: 2,
    average: 0.9,
    clipNorm: 1,
  });
  const B = parameters(net("B", 1, 2), {
    optimizer: sgd(0.05, { momentum: 0.9 }),
    frozen: (name) => name === "dense_1/bias",
    rate: (name) => name.endsWith("bias") ? 2 : 1,
  });
  const memory = parameters({ last: ndarray("float32", [4, 2], new Float32Array(8)) }, { name: "memory" });
  const step = trainStep(({ batch, random }) => {
    const made = A.apply(add(batch.inputs, mul(random.normal([4, 3]), 0.1)));
    const before = memory.values.last;
    const lossA = mean(square(sub(add(made, mul(before, 0.1)), batch.targets)), 1);
    const lossB = mul(mean(square(sub(B.apply(stopGradient(made)), 1)), 1), change);
    return {
      minimize: [[lossA, A], [lossB, B, { every: 2 }]],
      metrics: { lossA, lossB },
      assign: [[memory, { last: made }]],
    };
  }, {
    evaluate: ({ batch }) => ({ lossA: mean(square(sub(A.averaged.apply(batch.inputs), batch.targets)), 1) }),
  });
  return { A, B, memory, step };
}

const callbacks = (): Callback[] => [bestWeights({ monitor: "validationLossA" })];

/** What a run leaves: parameters on the host, history, and its last checkpoint but for the clock. */
async function leave(options: TrainOptions) {
  const { A, B, memory, step } = twoSets(options.resume ? 9 : 1);
  let last: Checkpoint | undefined;
  const history = await train(step, data, {
    epochs: EPOCHS,
    batchSize: 4,
    validation: data,
    ...options,
    callbacks: [...callbacks(), { onEnd: async (run) => void (last = await run.checkpoint()) }],
  });
  const weights = [A, B, memory].map((set) =>
    Object.fromEntries([...set.weights].map(([name, { data }]) => [name, data]))
  );
  const { run, step: steps, tensors, callbacks: kept } = last!;
  return { weights, history: measured(history), run, steps, tensors, kept };
}

/** Goes one step further than a checkpoint, through a file. */
async function further(folder: string, options: TrainOptions): Promise<Checkpoint> {
  const controller = new AbortController();
  const path = `${folder}/checkpoint`;
  await assertRejects(() =>
    train(twoSets(options.resume ? 7 : 1).step, data, {
      epochs: EPOCHS,
      batchSize: 4,
      validation: data,
      ...options,
      signal: controller.signal,
      callbacks: [...callbacks(), {
        onProgress: () => controller.abort(),
        onInterrupt: async (run) => await saveCheckpoint(await run.checkpoint(), path),
      }],
    })
  );
  return await loadCheckpoint(path);
}

for (const { name, device } of everyDevice) {
  for (const precision of device.kind === "cpu" ? ["float32", "mixed"] as const : ["float32"] as const) {
    // Programs take seconds to be made on software adapters, so one break has to do there.
    const breaks = device.kind !== "cpu" ? 1 : precision === "mixed" ? 4 : STEPS * EPOCHS;
    Deno.test(`a step of two sets in ${precision} goes on after ${breaks === 1 ? "a" : breaks === 4 ? "each early" : "every"} break as if there had been none, on ${name}`, async () => {
      await using folder = await temporary();
      const whole = await leave({ device, precision });
      assert(
        whole.history.every((record) =>
          Object.values(record).every((x) => x === undefined || Number.isFinite(x))
        ),
      );
      let resume: Checkpoint | undefined;
      for (let step = 1; step <= breaks; step++) {
        resume = await further(folder.path, { device, precision, resume });
        assertEquals(resume.step, step);
      }
      assertEquals(await leave({ device, precision, resume }), whole);
    });
  }
}

Deno.test("a checkpoint has both sets by name, and what each keeps", async () => {
  const { tensors } = await leave({ device: cpu.device });
  const names = Object.keys(tensors).filter((name) => name.startsWith("parameters/"));
  assertEquals(names.map((name) => name.slice("parameters/".length)).sort(), [
    "A/accumulated",
    "A/average",
    "A/slot/mean",
    "A/slot/square",
    "A/statistics",
    "A/weights",
    "B/frozen",
    "B/slot/velocity",
    "B/statistics",
    "B/weights",
    "memory/statistics",
  ]);
});

Deno.test("a step that computes something else, or sets of other options, are not gone on with", async () => {
  await using folder = await temporary();
  const { device } = cpu;
  const resume = await further(folder.path, { device });
  const options = { epochs: EPOCHS, batchSize: 4, validation: data, device, resume, callbacks: callbacks() };
  await train(twoSets(3).step, data, options);
  await assertRejects(() => train(twoSets(1, 2).step, data, options), RangeError, "checkpoint: step is ");
  const { A, step } = twoSets(1);
  const other = trainStep((context) => {
    const { minimize: [a, [lossB, B]], ...others } = step.step(context);
    return { minimize: [a, [lossB, B, { every: 3 }]], ...others };
  }, { evaluate: step.evaluate });
  await assertRejects(() => train(other, data, options), RangeError, '"every":[1,2]');
  const rest = trainStep((context) => {
    const { minimize: [a], ...others } = step.step(context);
    return { minimize: [a], ...others };
  }, { evaluate: step.evaluate });
  assertEquals(A.name, "A");
  await assertRejects(() => train(rest, data, options), RangeError, "Cannot go on from this checkpoint: ");
});
