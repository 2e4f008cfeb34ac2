/**
 * The worked example's training step in Gesso and in other libraries, in turn in one run: images a second, ratios,
 * dispatches and submits a step, time of the first step, memory.
 */
import { batchOption, jsonOption, namesIn, roundsOption, runBench } from "./bench_options.ts";
import { Ceiling } from "./ceilings.ts";
import { calls, countCalls } from "./count_calls.ts";
import { machine, median } from "./machine.ts";
import { trainPlot } from "./train_plot.ts";
import type { Runner } from "./train_runner.ts";
import { runnerMakers } from "./train_runners.ts";
import { TorchRunners } from "./train_torch.ts";
import { UsageError } from "../recipes/usage_error.ts";
import { findAdapter } from "../devices/webgpu/runtime/adapter.ts";
import { writeRecord } from "./write_record.ts";

interface Result {
  readonly name: string;
  imagesPerSecond: number;
  /** Seconds from a library that is loaded to the loss of its first step. */
  readonly firstStep: number;
  /** Of one step; only where it is WebGPU that is called. */
  readonly calls?: typeof calls;
  readonly residentBytes: number;
  /** Images a second of each round; one where a step takes seconds. */
  readonly rates: number[];
}

interface Prepared {
  readonly runner: Runner;
  readonly result: Result;
  /** Steps of a round; 0 where it is measured. */
  readonly steps: number;
}

/** A round of each runner should take about this many seconds. */
const ROUND = 1;

/** What each of so many more steps takes; reading a result belongs to none. */
function perStep(more: typeof calls, less: typeof calls, steps: number): typeof calls {
  const each = (name: keyof typeof calls) => Math.round((more[name] - less[name]) / steps * 100) / 100;
  return { dispatches: each("dispatches"), submits: each("submits"), buffers: each("buffers") };
}

async function counted(runner: Runner, steps: number): Promise<{ seconds: number; counts: typeof calls }> {
  Object.assign(calls, { dispatches: 0, submits: 0, buffers: 0 });
  const seconds = await runner.run(steps);
  return { seconds, counts: { ...calls } };
}

/** Takes the first steps, and finds out how many make a round. */
async function prepare(make: () => Promise<Runner>, batch: number): Promise<Prepared> {
  const before = Deno.memoryUsage().rss;
  const begin = performance.now();
  const runner = await make();
  if (runner.firstStep === undefined) await runner.run(1);
  const { firstStep = (performance.now() - begin) / 1000 } = runner;
  const rates: number[] = [];
  let steps = 0;
  let one = await counted(runner, 1);
  let perOne = one.counts;
  if (one.seconds > 2 * ROUND) {
    // What takes seconds a step is measured once, as soon as its first step is behind it.
    if (one.seconds < 10 * ROUND) one = await counted(runner, 1);
    rates.push(batch / one.seconds);
  } else {
    await runner.run(2);
    one = await counted(runner, 1);
    const more = one.seconds < ROUND / 5 ? 20 : 1;
    perOne = perStep((await counted(runner, 1 + more)).counts, one.counts, more);
    steps = Math.max(1, Math.round(ROUND / one.seconds));
    // One step alone is mostly waiting where the device is fast.
    for (let i = 0; i < 2 && one.seconds < ROUND / 8; i++) {
      steps = Math.max(1, Math.round(Math.min(20, ROUND / await runner.run(steps)) * steps));
    }
  }
  const result = {
    name: runner.name,
    imagesPerSecond: rates.length > 0 ? median(rates) : 0,
    firstStep,
    ...one.counts.dispatches > 0 && { calls: perOne },
    residentBytes: await runner.memory?.() ?? Deno.memoryUsage().rss - before,
    rates,
  };
  console.error(`${result.name}: first step ${firstStep.toFixed(2)} s`);
  return { runner, result, steps };
}

function lineOf(r: Result, fastest: number, rounds: number): string {
  const { dispatches, submits, buffers } = r.calls ?? {};
  return `${r.imagesPerSecond.toFixed(1).padStart(8)} images/s  ${
    (100 * r.imagesPerSecond / fastest).toFixed(1).padStart(5)
  } %  first step ${r.firstStep.toFixed(2).padStart(6)} s  memory +${
    (r.residentBytes / 1e6).toFixed(0).padStart(4)
  } MB  ${r.name}` +
    (r.rates.length < rounds ? ", one round" : "") +
    (r.calls ? `; ${dispatches} dispatches, ${submits} submits, ${buffers} new buffers a step` : "");
}

const torchNames = { "torch": "plain", "torch-channels-last": "channels_last" } as const;
const names = [...runnerMakers.map(({ name }) => name), ...Object.keys(torchNames)];

await runBench({
  call: "deno task bench:train",
  summary:
    "Measures the worked example's training step in Gesso and in other libraries, in turn: images a second,\n" +
    "dispatches and submits a step, time of the first step, memory.",
  options: [
    batchOption,
    roundsOption,
    { name: "only", value: "NAME,...", help: `these alone of ${names.join(", ")}` },
    jsonOption,
  ],
}, async (values) => {
  const batch = values.number("batch")!;
  const rounds = values.number("rounds")!;
  const only = namesIn(values, "only", names);
  const file = values.text("json");

  const asked = runnerMakers.filter(({ name, largestBatch = Infinity }) =>
    only ? only.includes(name) : batch <= largestBatch
  );
  const needsAdapter = asked.some(({ device }) => device === "webgpu");
  const hasAdapter = needsAdapter && await findAdapter() !== undefined;
  if (needsAdapter && !hasAdapter) console.error("webgpu is left out: no adapter was found");
  const wanted = asked.filter(({ device }) => hasAdapter || device === "cpu");
  const layouts = Object.entries(torchNames).filter(([name]) => !only || only.includes(name));
  // Loaded before any clock runs, as the other libraries are.
  const torch = layouts.length > 0 ? await TorchRunners.open(batch) : undefined;
  if (torch) console.error(torch.notice);

  const endCounting = countCalls();
  const prepared: Prepared[] = [];
  for (const { load } of wanted) {
    const make = await load();
    prepared.push(await prepare(() => make(batch), batch));
  }
  for (const [, layout] of torch?.isFit ? layouts : []) {
    prepared.push(await prepare(() => torch!.runner(layout), batch));
  }
  endCounting();
  if (prepared.length === 0) {
    throw new UsageError("Cannot measure anything: nothing that was asked for can run here");
  }

  // The others take the same operations, as it is the same network.
  const flops = Math.min(...prepared.map(({ runner }) => runner.flops ?? Infinity));
  const ceilings = { cpu: new Ceiling("cpu"), webgpu: new Ceiling("webgpu") };
  const results = prepared.map(({ result }) => result);
  for (let round = 0; round < rounds; round++) {
    for (const { runner, result, steps } of prepared) {
      if (steps === 0) continue;
      const seconds = await runner.run(steps);
      result.rates.push(steps * batch / seconds);
      result.imagesPerSecond = median(result.rates);
    }
    // After every round, so that a run that is cut short leaves what it has.
    if (!file) continue;
    const record = {
      date: new Date().toISOString(),
      machine: machine(),
      batch,
      rounds: round + 1,
      ...torch && { torch: torch.notice },
      results,
    };
    await writeRecord(file, record, trainPlot);
  }
  for (const { runner, result } of prepared) {
    // PyTorch on a GPU may use units that are no multiply-adds of single numbers.
    const kind = /, webgpu\b/.test(result.name) ? "webgpu" : "cpu";
    if (runner.memory || !Number.isFinite(flops)) continue;
    await ceilings[kind].check(
      `a step, ${result.name}`,
      { flops, sumsWindows: true },
      batch / result.imagesPerSecond,
    );
  }

  console.log(`worked example, batch ${batch}, median of ${rounds} rounds in turn; ${machine()}`);
  if (torch) console.log(torch.notice);
  console.log();
  const fastest = Math.max(...results.map((r) => r.imagesPerSecond));
  for (const r of results) console.log(lineOf(r, fastest, rounds));
  await torch?.close();
});
