import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { ndarray } from "../../../engine/array.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { bestWeights } from "../../../training/callbacks/best_weights.ts";
import type { Callback } from "../../../training/callbacks/callback.ts";
import { checkpointFile } from "../../../training/callbacks/checkpoint_file.ts";
import { earlyStopping } from "../../../training/callbacks/early_stopping.ts";
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from "../../../training/checkpoints/checkpoint.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import { sgd } from "../../../training/optimizers/optimizers.ts";
import { temporary } from "../../data/temporary.ts";
import { linearData, linearModel, weightsOf } from "../linear_regression.ts";
import { measured } from "../small_run.ts";

const device = cpuDevice({ threads: 1 });

/** Rates that grow make things better, then worse: the best epoch is the third. */
const growing = { description: "growing", at: (step: Tensor) => step };
const options = {
  epochs: 8,
  batchSize: 8,
  optimizer: sgd(growing),
  validation: linearData(20).slice(8),
  seed: 3,
  device,
} satisfies FitOptions;
const data = linearData(8);
const named = () => [bestWeights(), earlyStopping({ patience: 3 })];

async function ended(callbacks: readonly Callback[], resume?: Checkpoint) {
  const model = linearModel();
  const history = await fit(model, data, { ...options, callbacks, resume });
  return { weights: weightsOf(model), history: measured(history) };
}

const whole = await ended(named());

/** The run that breaks with an error after an epoch, behind the callback that saves; what its file then holds. */
async function broken(epoch: number, order: (save: Callback) => Callback[]): Promise<Checkpoint> {
  await using folder = await temporary();
  const path = `${folder.path}/checkpoint`;
  const breaks: Callback = {
    onEpoch: (record) => {
      if (record.epoch === epoch) throw new Error("killed");
    },
  };
  await assertRejects(() => ended([...order(checkpointFile(path)), breaks]), Error, "killed");
  return await loadCheckpoint(path);
}

Deno.test("the run of these tests is best in the middle, and is stopped early", () => {
  const losses = whole.history.map((r) => r.validationLoss!);
  const best = losses.indexOf(Math.min(...losses));
  assert(best > 0 && best < 4, `${losses}`);
  assertEquals(losses.length, best + 4);
});

for (const epoch of [1, 2, 3, 4, 5]) {
  Deno.test(`bestWeights() and earlyStopping() go on from epoch ${epoch} as if there had been no break`, async () => {
    const resume = await broken(epoch, (save) => [...named(), save]);
    assertEquals(await ended(named(), resume), whole);
  });

  Deno.test(`they do so from epoch ${epoch}, too, when the checkpoint is written before they see the epoch`, async () => {
    for (
      const order of [
        (save: Callback) => [save, ...named()],
        (save: Callback) => [named()[0], save, named()[1]],
      ]
    ) {
      // What is killed as soon as the file is there has shown the epoch to none of those behind.
      let kill = false;
      const resume = await broken(epoch, (save) => [
        ...order({
          ...save,
          onEpoch: async (record, run) => {
            await save.onEpoch!(record, run);
            kill = record.epoch === epoch;
            if (kill) throw new Error("killed");
          },
        }),
      ]);
      assert(kill);
      assertEquals(await ended(named(), resume), whole);
    }
  });
}

Deno.test("a run that was ended by a callback is gone on with to its end, not beyond", async () => {
  let resume: Checkpoint | undefined;
  const last: Callback = { onEnd: async (run) => void (resume = await run.checkpoint()) };
  await ended([...named(), last]);
  assertEquals([resume!.isEnded, resume!.history.length], [true, whole.history.length]);
  let steps = 0;
  assertEquals(await ended([...named(), { onProgress: () => void steps++ }], resume), whole);
  assertEquals(steps, 0);
  // So it is with a callback that no history tells about.
  const stopping: Callback = {
    name: "second",
    onEpoch: ({ epoch }, run) => epoch === 2 ? run.stop() : undefined,
  };
  const first = await ended([stopping, last]);
  assertEquals(first.history.length, 2);
  assertEquals(await ended([stopping], resume), first);
});

Deno.test("what a callback keeps comes back through the file: all numbers, texts, lists, and arrays", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/checkpoint`;
  const values = {
    numbers: [NaN, Infinity, -Infinity, -0, 0.1 + 0.2, 5e-324],
    text: "a \u0000 b",
    nested: { yes: true, nothing: null, list: [[1], []] },
    $number: "NaN",
  };
  const tensors = { "a/b": ndarray("float32", [2], [NaN, -0]), ids: ndarray("int32", [], [-7]) };
  let loaded: unknown;
  const keeps: Callback = {
    name: "keeps",
    save: () => ({ values, tensors }),
    load: (state) => loaded = state,
  };
  const calls: string[] = [];
  await ended([keeps, checkpointFile(path), { onEpoch: (_r, run) => run.stop() }]);
  const resume = await loadCheckpoint(path);
  await ended([{
    ...keeps,
    onStart: () => void calls.push("start"),
    load: (state) => {
      calls.push("load");
      keeps.load!(state);
    },
  }], resume);
  assertEquals(loaded, { values, tensors });
  assertEquals(calls, ["start", "load"]);
});

Deno.test("what a callback keeps that is no plain value is refused, and the message says where", async () => {
  for (
    const [wrong, says] of [[new Map(), "a Map"], [() => 1, "a function"], [1n, "a bigint"], [
      Symbol("x"),
      "a symbol",
    ]] as const
  ) {
    const keeps = {
      name: "keeps",
      save: () => ({ values: { a: [1, { b: wrong }] } }),
      load: () => {},
    } as unknown as Callback;
    await assertRejects(
      () => ended([keeps, { onEpoch: async (_r, run) => void await run.checkpoint() }]),
      TypeError,
      `a[1].b`,
    ).then(({ message }) => assert(message.includes(says), message));
  }
});

Deno.test("a run is not gone on with without a callback that has a say in it, or with another one", async () => {
  const resume = await broken(2, (save) => [...named(), save]);
  for (
    const [callbacks, says] of [
      [[], "callbacks is "],
      [[earlyStopping({ patience: 3 })], "callbacks is "],
      [[bestWeights(), earlyStopping({ patience: 4 })], "patience 4"],
      [[bestWeights({ monitor: "loss" }), earlyStopping({ patience: 3 })], "bestWeights(loss)"],
      [[...named(), { name: "mine" }], "mine"],
    ] as const
  ) {
    await assertRejects(() => ended(callbacks, resume), RangeError, says);
  }
  // Those that only watch may come and go.
  assertEquals(await ended([{ onEpoch: () => {} }, ...named()], resume), whole);
});

Deno.test("a run without a break and one with differ if what bestWeights() keeps is lost, so these tests tell", async () => {
  const resume = await broken(4, (save) => [...named(), save]);
  const [best, ...others] = resume.callbacks!;
  const { checksum: _, ...rest } = resume;
  const lost = { ...rest, callbacks: [{ ...best, values: {}, tensors: {} }, ...others] };
  assertNotEquals((await ended(named(), lost)).weights, whole.weights);
});

Deno.test("every onInterrupt is called, also when one of them throws", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/checkpoint`;
  const controller = new AbortController();
  await assertRejects(
    () =>
      fit(linearModel(), data, {
        ...options,
        signal: controller.signal,
        callbacks: [
          {
            onProgress: () => controller.abort(),
            onInterrupt: () => Promise.reject(new Error("closed output")),
          },
          checkpointFile(path),
        ],
      }),
    Error,
    "closed output",
  );
  const checkpoint = await loadCheckpoint(path);
  await saveCheckpoint(checkpoint, path);
  assertEquals(await loadCheckpoint(path), checkpoint);
});
