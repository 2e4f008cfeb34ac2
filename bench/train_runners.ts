/** Who trains the worked example in the bench: Gesso in its ways, and other libraries. */
import { cpuDevice, type Device, Tuning, webgpuDevice } from "../mod.ts";
import type { Precision } from "../models/mod.ts";
import { timed } from "./machine.ts";
import type { Peer } from "./peer.ts";
import type { Runner } from "./train_runner.ts";
import { workedExample } from "./worked_example.ts";

async function gesso(
  device: Device,
  batch: number,
  options: { isTuned?: boolean; precision?: Precision } = {},
): Promise<Runner> {
  const { isTuned = false, precision = "float32" } = options;
  if (isTuned) device.tuning = new Tuning();
  const trainer = await workedExample(device, batch, { precision });
  const how = [isTuned ? ", tuned" : "", precision === "mixed" ? ", mixed precision" : ""].join("");
  return {
    name: `Gesso, ${device.description}${how}`,
    run: (steps) =>
      timed(async () => {
        trainer.start(steps);
        await trainer.progress();
      }),
    flops: trainer.summary.flops,
  };
}

const stepping = (peer: Peer): Runner => ({ name: peer.name, run: (steps) => timed(() => peer.run(steps)) });

/** Opens a device and puts network, optimizer and data for batches of a size there. */
type Make = (batch: number) => Promise<Runner>;

/** One that can be asked for by its name. */
export interface RunnerMaker {
  readonly name: string;
  readonly device: "cpu" | "webgpu";
  /** Loads the library. */
  load(): Promise<Make>;
  /** It is so slow that it runs at larger batches only if it is asked for. */
  readonly largestBatch?: number;
}

const ours = (name: string, device: "cpu" | "webgpu", make: Make): RunnerMaker => ({
  name,
  device,
  load: () => Promise.resolve(make),
});

async function tfjs(backend: "cpu" | "webgpu"): Promise<Make> {
  const { tfjsPeer } = await import("./peers_tfjs.ts");
  return async (batch) => stepping(await tfjsPeer(backend, batch));
}

async function jax(device: "wasm" | "webgpu"): Promise<Make> {
  const { jaxPeer } = await import("./peers_jax.ts");
  return async (batch) => stepping(await jaxPeer(device, batch));
}

/** All that run in this process. */
export const runnerMakers: readonly RunnerMaker[] = [
  ours("gesso-cpu", "cpu", (batch) => gesso(cpuDevice(), batch)),
  ours("gesso-cpu-tuned", "cpu", (batch) => gesso(cpuDevice(), batch, { isTuned: true })),
  ours("gesso-webgpu", "webgpu", async (batch) => gesso(await webgpuDevice(), batch)),
  ours(
    "gesso-webgpu-tuned",
    "webgpu",
    async (batch) => gesso(await webgpuDevice(), batch, { isTuned: true }),
  ),
  ours(
    "gesso-webgpu-mixed",
    "webgpu",
    async (batch) => gesso(await webgpuDevice(), batch, { precision: "mixed" }),
  ),
  { name: "tfjs-webgpu", device: "webgpu", load: () => tfjs("webgpu") },
  { name: "jax-webgpu", device: "webgpu", load: () => jax("webgpu") },
  { name: "jax-wasm", device: "cpu", load: () => jax("wasm") },
  // The faster backend for processors, wasm, lacks the gradient of a convolution; this one takes a second an image.
  { name: "tfjs-cpu", device: "cpu", load: () => tfjs("cpu"), largestBatch: 32 },
];
