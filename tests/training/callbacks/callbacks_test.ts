import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { bestWeights } from "../../../training/callbacks/best_weights.ts";
import type { Callback, RunContext } from "../../../training/callbacks/callback.ts";
import { earlyStopping } from "../../../training/callbacks/early_stopping.ts";
import { jsonLog } from "../../../training/callbacks/json_log.ts";
import type { Checkpoint } from "../../../training/checkpoints/checkpoint.ts";
import { fit } from "../../../training/fit/fit.ts";
import { betterByName, type EpochRecord, isBetter } from "../../../training/loop/history.ts";
import { sgd } from "../../../training/optimizers/optimizers.ts";
import { linearData, linearModel, weightsOf } from "../linear_regression.ts";
import { pictures, SMALL_STEPS, smallModel, smallOptions } from "../small_run.ts";

const device = cpuDevice({ threads: 1 });

/** The epochs after which a callback has stopped, when it sees these values one after another. */
async function epochsUntilStop(
  callback: Callback,
  monitor: string,
  values: readonly number[],
): Promise<number> {
  let isStopped = false;
  const history: EpochRecord[] = [];
  const run = { stop: () => isStopped = true, history } as unknown as RunContext;
  await callback.onStart?.(run);
  for (const [i, value] of values.entries()) {
    const record = { epoch: i + 1, loss: 1, seconds: 1, examplesPerSecond: 1, [monitor]: value };
    history.push(record);
    await callback.onEpoch!(record, run);
    if (isStopped) return i + 1;
  }
  return Infinity;
}

Deno.test("earlyStopping() stops after so many epochs without a better value", async () => {
  const stop = (values: number[], options: Parameters<typeof earlyStopping>[0] = {}) =>
    epochsUntilStop(earlyStopping(options), options.monitor ?? "validationLoss", values);
  assertEquals(await stop([3, 2, 2, 2, 2]), 5);
  assertEquals(await stop([3, 4, 5, 2, 4, 4, 4, 4]), 7);
  assertEquals(await stop([3, 2, 2], { patience: 1 }), 3);
  assertEquals(await stop([5, 4, 3, 2, 1]), Infinity);
  assertEquals(await stop([5, 4.9, 4.8, 4.7], { minDelta: 0.5, patience: 2 }), 3);
  const monitor = "validationAccuracy";
  assertEquals(await stop([0.1, 0.2, 0.3, 0.3, 0.2, 0.1], { monitor, patience: 3 }), 6);
  assertEquals(await stop([0.3, 0.29, 0.28], { monitor: "accuracy", patience: 2 }), 3);
  assertEquals(await stop([3, NaN, NaN], { patience: 2 }), 3);
});

Deno.test("earlyStopping() can be used for one run after another", async () => {
  const callback = earlyStopping({ patience: 2 });
  for (let run = 0; run < 3; run++) {
    assertEquals(await epochsUntilStop(callback, "validationLoss", [3 + run, 7, 7, 7]), 3);
  }
});

Deno.test("earlyStopping() ends a run, which keeps its records", async () => {
  const options = { epochs: 50, optimizer: sgd(1e-12), validation: linearData(8), device };
  const history = await fit(linearModel(), linearData(8), {
    ...options,
    callbacks: [earlyStopping({ patience: 2, minDelta: 1e-3 })],
  });
  assertEquals(history.map((r) => r.epoch), [1, 2, 3]);
});

Deno.test("a run with earlyStopping() that is gone on with stops where one without a break stops", async () => {
  const options = { epochs: 9, optimizer: sgd(1e-12), validation: linearData(8), device };
  const stopping = () => earlyStopping({ patience: 4, minDelta: 1e-3 });
  const whole = await fit(linearModel(), linearData(8), { ...options, callbacks: [stopping()] });
  assertEquals(whole.length, 5);
  let resume: Checkpoint | undefined;
  const leave: Callback = {
    onEpoch: async (record, run) => {
      if (record.epoch !== 3) return;
      resume = await run.checkpoint();
      run.stop();
    },
  };
  await fit(linearModel(), linearData(8), { ...options, callbacks: [stopping(), leave] });
  const again = await fit(linearModel(), linearData(8), { ...options, resume, callbacks: [stopping()] });
  assertEquals(again.length, 5);
});

Deno.test("watching a figure that is not measured is refused with those that are", async () => {
  for (const callback of [earlyStopping(), bestWeights()]) {
    const error = await assertRejects(
      () => fit(linearModel(), linearData(8), { device, callbacks: [callback] }),
      RangeError,
    );
    assertEquals(
      error.message,
      "Cannot watch validationLoss: the run measures epoch, loss, seconds, examplesPerSecond (give validation data)",
    );
  }
});

Deno.test("bestWeights() gives the model the weights of its best epoch, not of its last", async () => {
  const byEpoch: number[][] = [];
  const losses: number[] = [];
  const model = linearModel();
  await fit(model, linearData(8), {
    epochs: 6,
    // Rates that grow make things better, then worse.
    optimizer: sgd({ description: "growing", at: (step) => step }),
    validation: linearData(20).slice(8),
    device,
    callbacks: [bestWeights(), {
      onEpoch: (record, { model }) => {
        byEpoch.push(weightsOf(model));
        losses.push(record.validationLoss!);
      },
    }],
  });
  const best = losses.indexOf(Math.min(...losses));
  assert(best < 5, `the last epoch was the best: ${losses}`);
  assertEquals(weightsOf(model), byEpoch[best]);
  assertNotEquals(weightsOf(model), byEpoch[5]);
});

Deno.test("bestWeights() can be used for one run after another", async () => {
  const callback = bestWeights({ monitor: "loss" });
  const options = { device, epochs: 2, optimizer: sgd(0.1), callbacks: [callback] };
  const [first, second] = [linearModel(), linearModel()];
  await fit(first, linearData(8), options);
  const far = linearData(8);
  far.targets.data.forEach((t, i) => far.targets.data[i] = t + 100);
  await fit(second, far, options);
  assertNotEquals(weightsOf(second), weightsOf(first));
});

Deno.test("higher accuracies and lower losses are better, by more than the least difference", () => {
  const better = (figure: string, value: number, than: number, least?: number) =>
    isBetter(betterByName(figure)!, value, than, least);
  assertEquals([better("loss", 1, 2), better("loss", 2, 1), better("loss", 1, 1)], [true, false, false]);
  assertEquals([better("accuracy", 1, 2), better("accuracy", 2, 1)], [false, true]);
  assertEquals([better("validationAccuracy", 2, 1), better("validationLoss", 2, 1)], [true, false]);
  assertEquals([better("loss", 1, 2, 1), better("loss", 0.9, 2, 1), better("accuracy", 2, 1, 1)], [
    false,
    true,
    false,
  ]);
});

Deno.test("jsonLog() writes each epoch's record as a line", async () => {
  const lines: string[] = [];
  const history = await fit(smallModel(), pictures, {
    ...smallOptions,
    device,
    callbacks: [jsonLog((line) => void lines.push(line))],
  });
  assertEquals(lines.length, 3);
  assert(lines.every((line) => line.endsWith("}\n") && line.indexOf("\n") === line.length - 1));
  assertEquals(lines.map((line) => JSON.parse(line)), history as unknown[]);
});

Deno.test("callbacks are awaited one after another, with what they are for", async () => {
  const events: string[] = [];
  const named = (name: string): Callback => {
    const note = async (event: string) => {
      await new Promise((done) => setTimeout(done, 1));
      events.push(`${event} ${name}`);
    };
    return {
      onStart: async (run) => {
        assertEquals([run.epochs, run.stepsPerEpoch, run.history.length], [2, SMALL_STEPS, 0]);
        assert(run.summary.dispatches > 0 && run.summary.flops > 1e5 && run.summary.plannedBytes > 0);
        assert(run.explain().includes("conv2d"));
        assertEquals([run.device, run.lastCheckpoint], [device, undefined]);
        await note("start");
      },
      onEpoch: async ({ epoch }, run) => {
        assertEquals(run.history.length, epoch);
        await note(`epoch ${epoch}`);
      },
      onEnd: () => note("end"),
    };
  };
  const callbacks = [named("a"), named("b")];
  await fit(smallModel(), pictures, { ...smallOptions, epochs: 2, device, callbacks });
  assertEquals(
    events,
    ["start", "epoch 1", "epoch 2", "end"].flatMap((event) => [`${event} a`, `${event} b`]),
  );
});

Deno.test("an error of a callback ends fit() with it, and leaves the device of use", async () => {
  for (const hook of ["onStart", "onProgress", "onEpoch", "onEnd"] as const) {
    const callback = { [hook]: () => Promise.reject(new Error(`from ${hook}`)) };
    await assertRejects(
      () => fit(linearModel(), linearData(8), { device, callbacks: [callback] }),
      Error,
      `from ${hook}`,
    );
  }
  await fit(linearModel(), linearData(8), { device });
});
