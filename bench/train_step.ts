/**
 * The worked example's training step in Gesso and in other libraries, in turn in one run: images a second, ratios,
 * dispatches and submits a step, time of the first step, memory. `--json FILE.json` also draws `FILE.svg`.
 *
 *     deno task bench:train [--batch N] [--rounds N] [--only NAME,...] [--json FILE]
 */
import { parseArgs } from "@std/cli/parse-args";
import { cpuDevice, type Device, type Precision, Tuning, webgpuDevice } from "../mod.ts";
import { calls, countCalls } from "./count_calls.ts";
import { machine, median, timed } from "./machine.ts";
import type { Peer } from "./peer.ts";
import { jaxPeer } from "./peers_jax.ts";
import { tfjsPeer } from "./peers_tfjs.ts";
import { Torch } from "./peers_torch.ts";
import { trainPlot } from "./train_plot.ts";
import { workedExample } from "./worked_example.ts";
import { writeRecord } from "./write_record.ts";

const args = parseArgs(Deno.args, { string: ["batch", "rounds", "only", "json"] });
const batch = Number(args.batch ?? 32);
const rounds = Number(args.rounds ?? 5);
const only = (args.only as string | undefined)?.split(",");

/** Something that trains; one of the lines of the result. */
interface Runner {
  readonly name: string;
  /** Runs some steps and waits for them; gives the seconds. */
  run(steps: number): Promise<number>;
}

interface Result {
  readonly name: string;
  imagesPerSecond: number;
  readonly firstStep: number;
  /** Of one step with the read-back of its loss; only where it is WebGPU that is called. */
  readonly calls?: { dispatches: number; submits: number; buffers: number };
  readonly residentBytes: number;
  readonly rates: number[];
}

async function gesso(
  device: Device,
  options: { isTuned?: boolean; precision?: Precision } = {},
): Promise<Runner> {
  const { isTuned = false, precision = "float32" } = options;
  if (isTuned) device.tuning = new Tuning();
  const trainer = await workedExample(device, batch, { precision });
  const run = (steps: number) =>
    timed(async () => {
      trainer.start(steps);
      await trainer.progress();
    });
  const how = [isTuned ? ", tuned" : "", precision === "mixed" ? ", mixed precision" : ""].join("");
  return { name: `Gesso, ${device.description}${how}`, run };
}

const stepping = (peer: Peer): Runner => ({ name: peer.name, run: (steps) => timed(() => peer.run(steps)) });

let torch: Torch | undefined;
async function pytorch(layout: "plain" | "channels_last"): Promise<Runner | undefined> {
  torch ??= await Torch.open(batch);
  if (!torch) return undefined;
  const opened = torch;
  return {
    name: layout === "plain" ? opened.name : `${opened.name}, channels last`,
    run: (steps) => opened.seconds(layout, steps),
  };
}

countCalls();
const hasAdapter = Boolean(await navigator.gpu?.requestAdapter());
const onGpu = {
  "gesso-webgpu": async () => await gesso(await webgpuDevice()),
  "gesso-webgpu-tuned": async () => await gesso(await webgpuDevice(), { isTuned: true }),
  "gesso-webgpu-mixed": async () => await gesso(await webgpuDevice(), { precision: "mixed" }),
};
const peersOnGpu = {
  "tfjs-webgpu": async () => stepping(await tfjsPeer("webgpu", batch)),
  "jax-webgpu": async () => stepping(await jaxPeer("webgpu", batch)),
};
const makers: Record<string, () => Promise<Runner | undefined>> = {
  "gesso-cpu": () => gesso(cpuDevice()),
  "gesso-cpu-tuned": () => gesso(cpuDevice(), { isTuned: true }),
  ...hasAdapter ? { ...onGpu, ...peersOnGpu } : {},
  "jax-wasm": async () => stepping(await jaxPeer("wasm", batch)),
  "tfjs-cpu": async () => stepping(await tfjsPeer("cpu", batch)),
  "torch": () => pytorch("plain"),
  "torch-channels-last": () => pytorch("channels_last"),
};

/** What each of so many more steps takes; reading a result belongs to none. */
function perStep(more: typeof calls, less: typeof calls, steps: number): typeof calls {
  const each = (name: keyof typeof calls) => Math.round((more[name] - less[name]) / steps * 100) / 100;
  return { dispatches: each("dispatches"), submits: each("submits"), buffers: each("buffers") };
}

/** A round of each runner should take about this many seconds. */
const ROUND = 1;
const prepared: { runner: Runner; result: Result; steps: number }[] = [];
for (const [key, make] of Object.entries(makers)) {
  if (only && !only.includes(key)) continue;
  const before = Deno.memoryUsage().rss;
  const begin = performance.now();
  const runner = await make();
  if (!runner) continue;
  await runner.run(1);
  const firstStep = (performance.now() - begin) / 1000;
  const warm = await runner.run(1);
  if (warm < 2) await runner.run(2);
  const countedRun = async (steps: number) => {
    Object.assign(calls, { dispatches: 0, submits: 0, buffers: 0 });
    const seconds = await runner.run(steps);
    return { seconds, counts: { ...calls } };
  };
  const { seconds: once, counts: one } = await countedRun(1);
  const more = once < ROUND / 5 ? 20 : 1;
  let steps = Math.max(1, Math.round(ROUND / once));
  // One step alone is mostly waiting where the device is fast.
  for (let i = 0; i < 2 && once < ROUND / 8; i++) {
    steps = Math.round(Math.min(20, ROUND / await runner.run(steps)) * steps);
  }
  const result = {
    name: runner.name,
    imagesPerSecond: 0,
    firstStep,
    ...one.dispatches > 0 && { calls: perStep((await countedRun(1 + more)).counts, one, more) },
    residentBytes: Deno.memoryUsage().rss - before,
    rates: [],
  };
  console.error(`${result.name}: first step ${firstStep.toFixed(2)} s`);
  prepared.push({ runner, result, steps });
}
const file = args.json as string | undefined;
const results = prepared.map(({ result }) => result);
for (let round = 0; round < rounds; round++) {
  for (const { runner, result, steps } of prepared) {
    // What takes seconds a step is measured once.
    if (round > 0 && steps === 1) continue;
    result.rates.push(steps * batch / await runner.run(steps));
    result.imagesPerSecond = median(result.rates);
  }
  // After every round, so that a run that is cut short leaves what it has.
  if (!file) continue;
  const record = { date: new Date().toISOString(), machine: machine(), batch, rounds: round + 1, results };
  await writeRecord(file, record, trainPlot);
}

console.log(`worked example, batch ${batch}, median of ${rounds} rounds in turn; ${machine()}\n`);
const fastest = Math.max(...results.map((r) => r.imagesPerSecond));
for (const r of results) {
  const { dispatches, submits, buffers } = r.calls ?? {};
  console.log(
    `${r.imagesPerSecond.toFixed(1).padStart(8)} images/s  ${
      (100 * r.imagesPerSecond / fastest).toFixed(1).padStart(5)
    } %  first step ${r.firstStep.toFixed(2).padStart(6)} s  memory +${
      (r.residentBytes / 1e6).toFixed(0).padStart(4)
    } MB  ${r.name}` +
      (r.calls ? `; ${dispatches} dispatches, ${submits} submits, ${buffers} new buffers a step` : ""),
  );
}
await torch?.close();
Deno.exit(0);
