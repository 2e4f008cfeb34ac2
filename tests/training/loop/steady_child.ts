/** Trains so many steps in a process that may collect garbage when asked; prints what was made in them, and the heap. */
import { selectDevice } from "../../../devices/select.ts";
import { stepsPerEpoch } from "../../../training/feed/device_batches.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { modelTrainer } from "../model_trainer.ts";
import { pictures, smallModel } from "../small_run.ts";

/** Things that were made. */
const made: Record<string, number> = {};

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Counts the calls of every method whose name says that it makes something, but for what a submit consists of. */
function countMakers(name: string, consumed: readonly string[]): void {
  const { prototype } =
    (globalThis as unknown as Record<string, { prototype: Record<string, Method> }>)[name];
  for (const method of Object.getOwnPropertyNames(prototype)) {
    if (!/^(create|grow)/.test(method) || consumed.includes(method)) continue;
    const original = prototype[method];
    prototype[method] = function (...args) {
      made[method] = (made[method] ?? 0) + 1;
      return original.apply(this, args);
    };
  }
}

// A memory's grow lies on WebAssembly.Memory, which is no global of its own.
(globalThis as unknown as Record<string, unknown>).Memory = WebAssembly.Memory;
countMakers("Memory", []);
if ("GPUDevice" in globalThis) countMakers("GPUDevice", ["createCommandEncoder"]);
for (const type of ["Module", "Instance"] as const) {
  const counting = new Proxy<typeof WebAssembly[typeof type]>(WebAssembly[type], {
    construct: (target, args) => {
      made[type] = (made[type] ?? 0) + 1;
      return Reflect.construct(target, args);
    },
  });
  Object.assign(WebAssembly, { [type]: counting });
}

const [name, measured] = Deno.args;
const { device } = await selectDevice(name as "cpu" | "webgpu");
const batchSize = 16;
const trainer = await modelTrainer({
  device,
  model: smallModel(),
  data: pictures,
  epochs: 2000,
  batchSize,
  optimizer: adam(),
  loss: "softmaxCrossEntropy",
  labelSmoothing: 0,
  augmentation: { flip: true, shift: 2 },
  shuffle: true,
  seed: 0,
});

/** Bytes of live objects. */
function heap(): number {
  (globalThis as unknown as { gc: () => void }).gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

const run = async (steps: number) => {
  trainer.start(steps);
  await trainer.progress();
};
const steps = stepsPerEpoch(pictures.length, batchSize);
for (let i = 0; i < 10; i++) await run(steps);
for (const key of Object.keys(made)) delete made[key];
const before = heap();
for (let i = 0; i < Number(measured) / 50; i++) await run(50);
console.log(JSON.stringify({ made: { ...made }, growth: heap() - before }));
trainer.close();
device.close();
