/**
 * Every kernel case on each device: GFLOP/s or GB/s, and the share of what the device reaches at best in the same run
 * (multiply-adds alone; a copy of as many bytes). `--json FILE.json` also draws `FILE.svg`.
 *
 *     deno task bench:kernels [--device cpu|webgpu] [--only TEXT] [--rounds N] [--json FILE]
 */
import { parseArgs } from "@std/cli/parse-args";
import { ops } from "../mod.ts";
import { adapterOf } from "./adapter.ts";
import { multiplyAddCeiling } from "./ceilings.ts";
import { contractionCases, largeCases } from "./contraction_cases.ts";
import { benchDevices, type KernelCase, prepare } from "./kernel_case.ts";
import { kernelPlot } from "./kernel_plot.ts";
import { machine, secondsOfOne } from "./machine.ts";
import { largeMemoryCases, memoryCases } from "./memory_cases.ts";
import { writeRecord } from "./write_record.ts";

const args = parseArgs(Deno.args, { string: ["device", "only", "rounds", "json"] }) as Record<string, string>;
const rounds = Number(args.rounds ?? 5);

const secondsOf = (run: (times: number) => Promise<void>) => secondsOfOne(run, { rounds, seconds: 0.06 });

const { isHardware } = await adapterOf();
const copies = new Map<string, number>();
/** The devices' descriptions. */
const devices: Record<string, string> = {};
const results: {
  device: string;
  group: string;
  name: string;
  seconds: number;
  rate: number;
  share: number;
}[] = [];
console.log(`kernels, median of ${rounds} rounds; ${machine()}`);
for (const device of await benchDevices()) {
  if (args.device && device.kind !== args.device) continue;
  devices[device.kind] = device.description;
  const ceiling = await multiplyAddCeiling(device.kind, navigator.hardwareConcurrency);
  console.log(`\n${device.description}: multiply-adds alone reach ${ceiling.toFixed(0)} GFLOP/s\n`);
  const copyRate = async (bytes: number) => {
    const key = `${device.kind} ${bytes}`;
    if (!copies.has(key)) {
      const copy: KernelCase = {
        group: "",
        name: "",
        inputs: [[Math.ceil(bytes / 8)]],
        build: (x) => ops.mul(x, 1.5),
      };
      copies.set(key, bytes / await secondsOf(await prepare(copy, device)));
    }
    return copies.get(key)!;
  };
  const isGpu = device.kind === "webgpu" && isHardware;
  for (
    const kernel of [
      ...contractionCases,
      ...memoryCases,
      ...isGpu ? [...largeCases, ...largeMemoryCases(64)] : [],
      ...device.kind === "cpu" ? largeMemoryCases(16) : [],
    ]
  ) {
    const { group, name, flops = 0, bytes } = kernel;
    if (args.only && !`${group} ${name}`.includes(args.only)) continue;
    const seconds = await secondsOf(await prepare(kernel, device));
    const rate = (bytes ?? flops) / seconds / 1e9;
    const share = bytes ? rate * 1e9 / await copyRate(bytes) : rate / ceiling;
    results.push({ device: device.kind, group, name, seconds, rate, share });
    console.log(
      `${(seconds * 1e3).toFixed(3).padStart(9)} ms ${rate.toFixed(1).padStart(7)} ${
        bytes ? "GB/s   " : "GFLOP/s"
      } ${(share * 100).toFixed(0).padStart(4)} %  ${group}: ${name}`,
    );
  }
  device.close();
}
if (args.json) {
  const record = { date: new Date().toISOString(), machine: machine(), rounds, devices, results };
  await writeRecord(args.json, record, kernelPlot);
}
Deno.exit(0);
