/** What fails or is ended leaves no programs and no memory on a device that others use. */
import { assertEquals, assertRejects } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import type { Device } from "../../../engine/device.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { fit } from "../../../training/fit/fit.ts";
import { predict } from "../../../training/fit/predict.ts";
import { train } from "../../../training/loop/train.ts";
import { sgd } from "../../../training/optimizers/optimizers.ts";
import { parameters } from "../../../training/step/parameters.ts";
import { trainStep } from "../../../training/step/train_step.ts";
import { mean } from "../../../ops/mod.ts";
import { linearData, linearModel } from "../linear_regression.ts";

/** A device that does its work, counts the programs and buffers that it holds, and sets a signal when a program is started. */
function holdingDevice() {
  const inner = cpuDevice({ threads: 1 });
  const held = { programs: 0, buffers: 0 };
  const started = new AbortController();
  const device: Device = {
    kind: inner.kind,
    description: inner.description,
    policy: inner.policy,
    maxTensorBytes: inner.maxTensorBytes,
    allocate: (...args) => {
      held.buffers++;
      return inner.allocate(...args);
    },
    release: (...args) => {
      held.buffers--;
      inner.release(...args);
    },
    write: (...args) => inner.write(...args),
    read: (...args) => inner.read(...args),
    compiler: async () => {
      const compile = await inner.compiler();
      return async (...args) => {
        const executable = await compile(...args);
        held.programs++;
        return {
          ...executable,
          run: (times) => {
            executable.run(times);
            started.abort(new Error("mine"));
          },
          close: () => {
            held.programs--;
            executable.close();
          },
        };
      };
    },
    close: () => inner.close(),
  };
  return { device, held, signal: started.signal };
}

const fails = () => {
  throw new Error("mine");
};
const data = linearData(12);
const cases: Record<string, (device: Device, signal: AbortSignal) => Promise<unknown>> = {
  "a step whose validation fails": (device) => {
    const set = parameters(linearModel(), { optimizer: sgd(0.1) });
    const step = trainStep(({ batch }) => ({ minimize: [[mean(set.apply(batch.inputs), 1), set]] }), {
      evaluate: fails,
    });
    return train(step, data, { device, validation: data });
  },
  "a callback that fails": (device) => fit(linearModel(), data, { device, callbacks: [{ onEpoch: fails }] }),
  "a training that is ended": (device, signal) => fit(linearModel(), data, { device, signal, epochs: 3 }),
  "an evaluation that is ended": (device, signal) =>
    evaluate(linearModel(), data, { device, signal, batchSize: 1 }),
  "a prediction that is ended": (device, signal) =>
    predict(linearModel(), data.inputs, { device, signal, batchSize: 1 }),
};

for (const [what, run] of Object.entries(cases)) {
  Deno.test(`${what} leaves nothing on the device`, async () => {
    const { device, held, signal } = holdingDevice();
    await assertRejects(() => run(device, signal), Error, "mine");
    assertEquals(held, { programs: 0, buffers: 0 });
    device.close();
  });
}
