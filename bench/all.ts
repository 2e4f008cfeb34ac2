/**
 * All benches in one go, for a machine that is lent for a while: tests on its adapter, kernels, the training step beside
 * the peers, scaling, and CIFAR-10 to the end where its files are given. Results and logs go to a folder.
 *
 *     deno task bench:all [--out DIR] [--data DIR] [--skip tests,kernels,train,scale,cifar10]
 */
import { parseArgs } from "@std/cli/parse-args";
import { adapterOf } from "./adapter.ts";
import { machine } from "./machine.ts";

const args = parseArgs(Deno.args, { string: ["out", "data", "skip"] }) as Record<string, string>;
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
const run = (script: string, ...rest: string[]) => ["run", "-A", script, ...rest];
const jobs: Job[] = [
  { name: "tests", file: "tests.txt", args: ["test", "-A", "--parallel", "tests/"] },
  { name: "kernels", file: "kernels.txt", args: run("bench/kernels.ts", "--json", `${out}/kernels.json`) },
  ...[32, 128, 512].map((batch) => ({
    name: "train",
    file: `train-${batch}.txt`,
    args: run("bench/train_step.ts", "--batch", String(batch), "--json", `${out}/train-${batch}.json`),
  })),
  ...["cpu", ...adapter.slug === "cpu" ? [] : ["webgpu"]].map((device) => ({
    name: "scale",
    file: `scale-${device}.txt`,
    args: run("bench/scale.ts", "--device", device, "--out", out),
  })),
  ...(args.data ? [adapter.isHardware ? "webgpu" : "cpu"] : []).map((device) => ({
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
];
for (const job of jobs) {
  if (skipped.includes(job.name)) continue;
  console.log(`\n== deno ${job.args.join(" ")}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...job.args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [file, shown] = child.stdout.tee();
  const errors = new Response(child.stderr).text();
  await Promise.all([
    Deno.writeFile(`${out}/${job.file}`, file),
    shown.pipeTo(Deno.stdout.writable, { preventClose: true }),
  ]);
  const { code } = await child.status;
  if (code !== 0) console.log(`exit code ${code}\n${(await errors).split("\n").slice(-20).join("\n")}`);
}
