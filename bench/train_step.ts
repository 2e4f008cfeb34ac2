/**
 * The worked example's training step in Gesso and in TensorFlow.js, in turn in one process: images a second, ratios,
 * dispatches and submits a step, time of the first step, memory.
 *
 *     deno task bench:train [--batch N] [--rounds N] [--json FILE]
 */
import { parseArgs } from "@std/cli/parse-args";
import { adam, cnn, cpuDevice, Dataset, type Device, ndarray, webgpuDevice } from "../mod.ts";
import { Trainer } from "../training/trainer.ts";
import { calls, countCalls } from "./count_calls.ts";
import { machine, median } from "./machine.ts";
import { tfjsPeer } from "./peers_tfjs.ts";

const args = parseArgs(Deno.args, { string: ["batch", "rounds", "json"] });
const batch = Number(args.batch ?? 32);
const rounds = Number(args.rounds ?? 5);

interface Runner {
  readonly name: string;
  /** Runs some steps and waits for them. */
  run(steps: number): Promise<void>;
  readonly stepsPerRound: number;
  close(): void;
}

/** Random images: as many as four batches, on the device as bytes. */
function randomData(): Dataset {
  const n = batch * 4;
  const bytes = new Uint8Array(n * 3072);
  for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 10);
  return new Dataset({
    inputs: ndarray("uint8", [n, 32, 32, 3], bytes),
    targets: ndarray("uint8", [n], labels),
  });
}

async function gesso(device: Device, stepsPerRound: number): Promise<Runner> {
  const trainer = await Trainer.create({
    device,
    model: cnn(),
    data: randomData(),
    epochs: 1000,
    batchSize: batch,
    optimizer: adam(),
    loss: "softmaxCrossEntropy",
    labelSmoothing: 0,
    augmentation: {},
    shuffle: true,
    seed: 0,
  });
  return {
    name: `Gesso, ${device.description}`,
    stepsPerRound,
    run: async (steps) => {
      trainer.start(steps);
      await trainer.progress();
    },
    close: () => {
      trainer.close();
      device.close();
    },
  };
}

async function tfjs(backend: string, stepsPerRound: number): Promise<Runner> {
  const peer = await tfjsPeer(backend, batch);
  return {
    name: peer.name,
    stepsPerRound,
    run: async (steps) => {
      for (let i = 0; i < steps; i++) await peer.step();
    },
    close: peer.close,
  };
}

countCalls();
const makers: (() => Promise<Runner>)[] = [
  () => gesso(cpuDevice(), Math.ceil(1600 / batch)),
  ...navigator.gpu && await navigator.gpu.requestAdapter()
    ? [async () => await gesso(await webgpuDevice(), Math.ceil(320 / batch)), () => tfjs("webgpu", 2)]
    : [],
];
const results: {
  name: string;
  imagesPerSecond: number;
  firstStep: number;
  dispatches: number;
  submits: number;
  newBuffers: number;
  residentBytes: number;
}[] = [];
for (const make of makers) {
  const before = Deno.memoryUsage().rss;
  const begin = performance.now();
  const runner = await make();
  await runner.run(1);
  const firstStep = (performance.now() - begin) / 1000;
  await runner.run(2);
  Object.assign(calls, { dispatches: 0, submits: 0, buffers: 0 });
  await runner.run(1);
  const counted = { ...calls };
  const rates: number[] = [];
  for (let r = 0; r < rounds; r++) {
    const from = performance.now();
    await runner.run(runner.stepsPerRound);
    rates.push(runner.stepsPerRound * batch / ((performance.now() - from) / 1000));
  }
  results.push({
    name: runner.name,
    imagesPerSecond: median(rates),
    firstStep,
    dispatches: counted.dispatches,
    submits: counted.submits,
    newBuffers: counted.buffers,
    residentBytes: Deno.memoryUsage().rss - before,
  });
  runner.close();
}

const slowest = results[results.length - 1];
console.log(`worked example, batch ${batch}, median of ${rounds} rounds; ${machine()}\n`);
for (const r of results) {
  console.log(
    `${r.name}\n  ${r.imagesPerSecond.toFixed(1)} images/s, ${
      (r.imagesPerSecond / slowest.imagesPerSecond).toFixed(1)
    }x; ` +
      `first step after ${
        r.firstStep.toFixed(2)
      } s; a step with its read-back: ${r.dispatches} dispatches, ` +
      `${r.submits} submits, ${r.newBuffers} new buffers; memory +${(r.residentBytes / 1e6).toFixed(0)} MB`,
  );
}
if (args.json) {
  const record = { date: new Date().toISOString(), machine: machine(), batch, rounds, results };
  await Deno.writeTextFile(args.json as string, JSON.stringify(record, null, 2) + "\n");
}
Deno.exit(0);
