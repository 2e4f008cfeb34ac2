import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import type { Model } from "../../../models/model.ts";
import type { Callback } from "../../../training/callbacks/callback.ts";
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from "../../../training/checkpoints/checkpoint.ts";
import { fit } from "../../../training/fit/fit.ts";
import type { History } from "../../../training/loop/history.ts";
import { temporary } from "../../data/temporary.ts";
import { everyDevice } from "../../devices.ts";
import { oneStep } from "./interrupted_run.ts";
import { linearData, linearModel } from "../linear_regression.ts";
import { bitsOf, measured, pictures, SMALL_STEPS, smallModel, smallOptions } from "../small_run.ts";

const device = cpuDevice({ threads: 1 });

/** Everything that a run leaves: weights, history, and the device's state with the optimizer's slots. */
interface Left {
  readonly bits: Record<string, Uint32Array>;
  readonly history: unknown;
  readonly step: number;
  readonly state: Record<string, unknown>;
}

async function leave(run: (model: Model, keep: Callback) => Promise<History>): Promise<Left> {
  const model = smallModel();
  let last: Checkpoint | undefined;
  const history = await run(model, {
    onEnd: async (context) => {
      last = await context.checkpoint();
    },
  });
  const { step, tensors } = last!;
  const state = Object.fromEntries(
    Object.entries(tensors).map((
      [name, { dtype, shape, data }],
    ) => [name, { dtype, shape, data: [...data] }]),
  );
  return { bits: bitsOf(model), history: measured(history), step, state };
}

for (const { name, device } of everyDevice) {
  Deno.test(`a run stopped at an epoch's end and gone on with equals one without a stop, on ${name}`, async () => {
    await using folder = await temporary();
    const whole = await leave((model, keep) =>
      fit(model, pictures, { ...smallOptions, device, callbacks: [keep] })
    );
    const path = `${folder.path}/checkpoint`;
    await fit(smallModel(), pictures, {
      ...smallOptions,
      device,
      callbacks: [{
        onEpoch: async (record, run) => {
          if (record.epoch !== 2) return;
          await saveCheckpoint(await run.checkpoint(), path);
          run.stop();
        },
      }],
    });
    const resume = await loadCheckpoint(path);
    assertEquals([resume.step, resume.history.length], [2 * SMALL_STEPS, 2]);
    const again = await leave((model, keep) =>
      fit(model, pictures, { ...smallOptions, device, resume, callbacks: [keep] })
    );
    assertEquals(again, whole);
    assertEquals(Object.keys(whole.state).sort(), [
      "firstBad",
      "metrics/accuracy",
      "metrics/accuracy/before",
      "metrics/accuracy/last",
      "metrics/loss",
      "metrics/loss/before",
      "metrics/loss/last",
      "parameters/small/slot/velocity",
      "parameters/small/statistics",
      "parameters/small/weights",
      "seed",
      "step",
    ]);
  });
}

Deno.test("a run interrupted after every single step equals one without a stop", async () => {
  await using folder = await temporary();
  const whole = await leave((model, keep) =>
    fit(model, pictures, { ...smallOptions, device, callbacks: [keep] })
  );
  let resume = await oneStep(folder.path);
  // Another model each time: its weights come from the file.
  while (resume.step < 3 * SMALL_STEPS - 1) resume = await oneStep(folder.path, { resume }, smallModel(7));
  const again = await leave((model, keep) =>
    fit(model, pictures, { ...smallOptions, device, resume, callbacks: [keep] })
  );
  assertEquals(again, whole);
});

Deno.test("an interrupted run leaves the weights of the moment in its model", async () => {
  await using folder = await temporary();
  const model = smallModel();
  const before = bitsOf(model);
  const { tensors } = await oneStep(folder.path, {}, model);
  const after = bitsOf(model);
  for (const name of Object.keys(before)) assertNotEquals(after[name], before[name], name);
  const kernel = model.weights.get("conv2d_1/kernel")!.data;
  assertEquals<unknown>(tensors["parameters/small/weights"].data.slice(0, kernel.length), kernel);
});

Deno.test("a run gone on with from its end gives its weights and history, and computes nothing", async () => {
  const whole = await leave((model, keep) =>
    fit(model, pictures, { ...smallOptions, device, callbacks: [keep] })
  );
  let end: Checkpoint | undefined;
  await fit(smallModel(), pictures, {
    ...smallOptions,
    device,
    callbacks: [{ onEnd: async (run) => void (end = await run.checkpoint()) }],
  });
  const again = await leave((model, keep) =>
    fit(model, pictures, { ...smallOptions, device, resume: end, callbacks: [keep] })
  );
  assertEquals(again, whole);
});

for (const threads of [1, 2]) {
  Deno.test(`fit() heeds a signal that comes from outside in the middle of an epoch, on ${threads} threads`, async () => {
    const device = cpuDevice({ threads });
    const controller = new AbortController();
    // An epoch of half a million steps takes seconds.
    const data = linearData(500_000);
    let steps = 0;
    await assertRejects(() =>
      fit(linearModel(), data, {
        batchSize: 1,
        device,
        signal: controller.signal,
        callbacks: [{
          onProgress: ({ step }) => {
            if (steps === 0) setTimeout(() => controller.abort(), 50);
            steps = step;
          },
        }],
      }), DOMException);
    assert(steps < 500_000, `${steps} steps were made`);
    device.close();
  });
}

Deno.test("fit() with a signal that is set already does nothing", async () => {
  const model = smallModel();
  const before = bitsOf(model);
  const signal = AbortSignal.abort(new Error("before"));
  await assertRejects(() => fit(model, pictures, { ...smallOptions, device, signal }), Error, "before");
  assertEquals(bitsOf(model), before);
});
