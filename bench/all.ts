/**
 * All benches in one go, for a machine that is lent for a while: CIFAR-10 to the end where its files are given, the training
 * step beside the peers, kernels, the tests on its adapter, and scaling.
 */
import { adapterOf } from "./adapter.ts";
import { jobNames, jobsOf } from "./all_jobs.ts";
import { namesIn, runBench } from "./bench_options.ts";
import { machine } from "./machine.ts";

await runBench({
  call: "deno task bench:all",
  summary:
    "Runs all benches, and the tests. Results and logs go to a folder; a job that takes longer than its limit is\n" +
    "ended, and leaves what it has.",
  options: [
    { name: "out", value: "DIR", help: "where the files go; named by day and adapter when left out" },
    { name: "data", value: "DIR", help: "where CIFAR-10 is; it is not trained on when left out" },
    { name: "skip", value: "NAME,...", help: `jobs to leave out: ${jobNames.join(", ")}` },
    {
      name: "limit",
      value: "SECONDS",
      help: "the limit of a job",
      number: { above: 0, most: 86400 },
      default: 360,
    },
  ],
}, async (values) => {
  const limit = values.number("limit")!;
  const data = values.text("data");
  const skipped = namesIn(values, "skip", jobNames) ?? [];
  const adapter = await adapterOf();
  const day = new Date().toISOString().slice(0, 10);
  const out = values.text("out") ?? `bench/results/${day}-${adapter.slug}`;
  await Deno.mkdir(out, { recursive: true });
  await Deno.writeTextFile(`${out}/machine.txt`, `${machine()}\n${adapter.name}\n`);

  const jobs = jobsOf({ adapter, out, data });
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
});
