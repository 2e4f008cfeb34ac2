/** A recurrent layer's training step beside PyTorch's. */
import { cpuDevice, webgpuDevice } from "../mod.ts";
import { deviceOption, jsonOption, roundsOption, runBench } from "./bench_options.ts";
import { machine, median, timed } from "./machine.ts";
import { Torch } from "./peers_torch.ts";
import { BATCH, kinds, STEPS, trainStep, UNITS } from "./recurrent_step.ts";

/** Something that is measured: milliseconds of a step. */
interface Runner {
  readonly name: string;
  readonly compile?: number;
  run(steps: number): Promise<number>;
  readonly times: number[];
}

await runBench({
  call: "deno task bench:recurrent",
  summary:
    `Measures a training step of recurrent layers of ${UNITS} units on ${BATCH} sequences of ${STEPS} characters, in Gesso\n` +
    "and in PyTorch with one thread and with all, in turn.",
  options: [{ ...deviceOption, default: "cpu" }, roundsOption, jsonOption],
}, async (values) => {
  const rounds = values.number("rounds")!;
  const device = values.text("device") === "webgpu" ? await webgpuDevice() : cpuDevice();
  const torches: Torch[] = [];
  for (const threads of new Set([1, navigator.hardwareConcurrency])) {
    const torch = await Torch.open(BATCH, threads);
    if (torch && await torch.product() >= 20) torches.push(torch);
    else console.error("PyTorch is left out: there is none, or its BLAS is slow (libopenblas0-pthread)");
  }
  const results: Record<string, unknown>[] = [];
  console.log(`${machine()}; median of ${rounds} rounds in turn`);
  for (const kind of kinds) {
    const begin = performance.now();
    const step = await trainStep(kind, device);
    const compile = performance.now() - begin;
    const runners: Runner[] = [
      {
        name: `Gesso, ${device.description}`,
        compile,
        run: (steps) =>
          timed(async () => {
            step.run({ times: steps });
            await step.read("loss");
          }),
        times: [],
      },
      ...torches.map((torch): Runner => ({
        name: torch.name,
        run: (steps) => torch.steps(kind, steps),
        times: [],
      })),
    ];
    for (const { run } of runners) await run(3);
    for (let round = 0; round < rounds; round++) {
      for (const { run, times } of runners) times.push(1000 * await run(20) / 20);
    }
    for (const { name, compile, times } of runners) {
      const more = compile === undefined ? "" : `, compiled in ${compile.toFixed(0)} ms`;
      console.log(`${kind}  ${median(times).toFixed(1).padStart(7)} ms a step  ${name}${more}`);
      results.push({ kind, name, compile, milliseconds: median(times), times });
    }
  }
  const file = values.text("json");
  if (!file) return;
  const record = { date: new Date().toISOString(), machine: machine(), rounds, results };
  await Deno.writeTextFile(file, JSON.stringify(record, undefined, 2) + "\n");
});
