/**
 * All benches in one go, for a machine that is lent for a while: CIFAR-10 to the end where its files are given, the training
 * step beside the peers, kernels, the tests on its adapter, and scaling. Results and logs go to a folder. A job that takes
 * longer than its limit is ended, and leaves what it has.
 *
 *     deno task bench:all [--out DIR] [--data DIR] [--skip cifar10,train,kernels,tests,scale] [--limit SECONDS]
 */
import { parseArgs } from "@std/cli/parse-args";
import { adapterOf } from "./adapter.ts";
import { machine } from "./machine.ts";

const args = parseArgs(Deno.args, { string: ["out", "data", "skip", "limit"] }) as Record<string, string>;
const limit = Number(args.limit ?? 300);
const adapter = await adapterOf();
const day = new Date().toISOString().slice(0, 10);
const out = args.out ?? `bench/results/${day}-${adapter.slug}`;
const skipped = (args.skip ?? "").split(",");
await Deno.mkdir(out, { recursive: true });
await Deno.writeTextFile(`${out}/machine.txt`, `${machine()}\n${adapter.name}\n`);

interface Job {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}
const run = (script: string, ...rest: string[]) => ["run", "-A", "--no-check", script, ...rest];
const gpuRunners = ["gesso-webgpu", "gesso-webgpu-tuned", "gesso-webgpu-mixed", "tfjs-webgpu", "jax-webgpu"];
/** Beside a GPU, what runs on the processor would take all the time. */
const only = adapter.isHardware ? ["--only", [...gpuRunners, "torch", "torch-channels-last"].join()] : [];
const devices = adapter.isHardware ? ["webgpu"] : adapter.slug === "cpu" ? ["cpu"] : ["cpu", "webgpu"];
const jobs: Job[] = [
  ...(args.data ? devices.slice(0, 1) : []).map((device) => ({
    name: "cifar10",
    file: `cifar10-${device}.txt`,
    args: run(
      "cli.ts",
      ...[
        "train",
        "--dataset",
        "cifar10",
        "--data",
        args.data,
        "--device",
        device,
        "--out",
        `${out}/cifar10`,
      ],
    ),
  })),
  ...[32, 512, 128].map((batch) => ({
    name: "train",
    file: `train-${batch}.txt`,
    args: run(
      "bench/train_step.ts",
      "--batch",
      String(batch),
      "--json",
      `${out}/train-${batch}.json`,
      ...only,
    ),
  })),
  ...devices.map((device) => ({
    name: "kernels",
    file: `kernels-${device}.txt`,
    args: run("bench/kernels.ts", "--device", device, "--json", `${out}/kernels-${device}.json`),
  })),
  { name: "tests", file: "tests.txt", args: ["test", "-A", "--no-check", "--parallel", "tests/"] },
  ...devices.map((device) => ({
    name: "scale",
    file: `scale-${device}.txt`,
    args: run("bench/scale.ts", "--device", device, "--out", out),
  })),
];
for (const job of jobs) {
  if (skipped.includes(job.name)) continue;
  console.log(`\n== deno ${job.args.join(" ")}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...job.args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
    signal: AbortSignal.timeout(1000 * limit),
  }).spawn();
  const [file, shown] = child.stdout.tee();
  await Promise.all([
    Deno.writeFile(`${out}/${job.file}`, file),
    shown.pipeTo(Deno.stdout.writable, { preventClose: true }),
  ]);
  const { code, signal } = await child.status;
  if (signal) console.log(`ended after ${limit} s`);
  else if (code !== 0) console.log(`exit code ${code}`);
}
