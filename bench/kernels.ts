/** Every kernel case on each device: GFLOP/s or GB/s, and the share of what the device reaches at best in the same run. */
import { cpuDevice, type Device, ops, webgpuDevice } from "../mod.ts";
import { adapterOf } from "./adapter.ts";
import { deviceOption, jsonOption, roundsOption, runBench } from "./bench_options.ts";
import { Ceiling, rateOf } from "./ceilings.ts";
import { batch128Cases, contractionCases, largeCases } from "./contraction_cases.ts";
import { type KernelCase, prepare } from "./kernel_case.ts";
import { kernelPlot } from "./kernel_plot.ts";
import { machine } from "./machine.ts";
import { largeMemoryCases, memoryCases } from "./memory_cases.ts";
import { secondsOfOne } from "./time_runs.ts";
import { writeRecord } from "./write_record.ts";

interface Result {
  readonly device: string;
  readonly group: string;
  readonly name: string;
  readonly seconds: number;
  readonly rate: number;
  readonly share: number;
}

/** Seconds of one run of a case. */
async function secondsOf(kernel: KernelCase, device: Device, rounds: number): Promise<number> {
  const { run, close } = await prepare(kernel, device);
  try {
    return await secondsOfOne(run, { rounds, seconds: 0.06 });
  } finally {
    close();
  }
}

/** Measures and prints cases on a device. */
async function measure(device: Device, cases: readonly KernelCase[], rounds: number): Promise<Result[]> {
  const ceiling = new Ceiling(device.kind);
  const best = await ceiling.rate();
  console.log(`\n${device.description}: multiply-adds alone reach ${best.toFixed(0)} GFLOP/s\n`);
  const copies = new Map<number, number>();
  const copyRate = async (bytes: number) => {
    const copy: KernelCase = {
      group: "copy",
      name: `of ${bytes} bytes`,
      inputs: [[Math.ceil(bytes / 8)]],
      build: (x) => ops.mul(x, 1.5),
      bytes,
    };
    const rate = copies.get(bytes) ?? bytes / await secondsOf(copy, device, rounds) / 1e9;
    copies.set(bytes, rate);
    return rate;
  };
  const results: Result[] = [];
  for (const kernel of cases) {
    const { group, name, bytes } = kernel;
    const seconds = await secondsOf(kernel, device, rounds);
    await ceiling.check(`${group}: ${name}`, kernel, seconds);
    const { rate, unit } = rateOf(kernel, seconds);
    const share = rate / (bytes === undefined ? await ceiling.rate() : await copyRate(bytes));
    results.push({ device: device.kind, group, name, seconds, rate, share });
    console.log(
      `${(seconds * 1e3).toFixed(3).padStart(9)} ms ${rate.toFixed(1).padStart(7)} ${unit.padEnd(7)} ${
        (share * 100).toFixed(0).padStart(4)
      } %  ${group}: ${name}`,
    );
  }
  return results;
}

await runBench({
  call: "deno task bench:kernels",
  summary:
    "Measures every kernel on each device: GFLOP/s or GB/s, and the share of what the device reaches at\n" +
    "best in the same run: multiply-adds alone, or a copy of as many bytes.",
  options: [
    { ...deviceOption, help: "this device alone" },
    { name: "only", value: "TEXT", help: "the kernels with this in their names alone" },
    roundsOption,
    jsonOption,
  ],
}, async (values) => {
  const rounds = values.number("rounds")!;
  const only = values.text("only") ?? "";
  const wanted = values.text("device");
  const adapter = wanted === "cpu" ? undefined : await adapterOf();
  const hasAdapter = adapter !== undefined && adapter.slug !== "cpu";
  if (adapter && !hasAdapter) console.error("webgpu is left out: no adapter was found");
  console.log(`kernels, median of ${rounds} rounds; ${machine()}`);
  const devices: Record<string, string> = {};
  const results: Result[] = [];
  for (const kind of [...wanted === "webgpu" ? [] : ["cpu"], ...hasAdapter ? ["webgpu"] : []]) {
    const device = kind === "cpu" ? cpuDevice() : await webgpuDevice();
    devices[kind] = device.description;
    const isGpu = kind === "webgpu" && adapter!.isHardware;
    const cases = [
      ...[contractionCases, batch128Cases, memoryCases],
      ...isGpu ? [largeCases, largeMemoryCases(64)] : [],
      ...kind === "cpu" ? [largeMemoryCases(16)] : [],
    ].flat();
    const named = cases.filter(({ group, name }) => `${group} ${name}`.includes(only));
    results.push(...await measure(device, named, rounds));
    device.close();
  }
  const file = values.text("json");
  if (!file) return;
  const record = { date: new Date().toISOString(), machine: machine(), rounds, devices, results };
  await writeRecord(file, record, kernelPlot);
});
