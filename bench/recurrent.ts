/** A recurrent layer's training step beside that of PyTorch, TensorFlow.js and jax-js. */
import { cpuDevice, webgpuDevice } from "../mod.ts";
import { deviceOption, jsonOption, roundsOption, runBench } from "./bench_options.ts";
import { machine, median, timed } from "./machine.ts";
import { Torch } from "./peers_torch.ts";
import { BATCH, type Kind, kinds, STEPS, trainStep, UNITS } from "./recurrent_step.ts";

/** Something that is measured: milliseconds of a step. */
interface Runner {
  readonly name: string;
  readonly compile?: number;
  run(steps: number): Promise<number>;
  /** Steps of a measurement: libraries whose steps take seconds make one. */
  readonly steps: number;
  readonly times: number[];
  close?(): void;
}

/** The other libraries of JavaScript; each that does not open is named and left out. */
async function peers(kind: Kind, device: string): Promise<Runner[]> {
  const backend = device === "webgpu" ? "webgpu" : "wasm";
  const runners: Runner[] = [];
  for (
    const open of [
      async () => (await import("./recurrent_tfjs.ts")).recurrentTfjs(kind, backend),
      async () => (await import("./recurrent_jax.ts")).recurrentJax(kind, backend),
    ]
  ) {
    try {
      const peer = await open();
      const run = (steps: number) => timed(() => peer.run(steps));
      runners.push({ name: peer.name, run, steps: 1, times: [], close: () => peer.close() });
    } catch (error) {
      console.error(`A library is left out: ${(error as Error).message}`);
    }
  }
  return runners;
}

await runBench({
  call: "deno task bench:recurrent",
  summary:
    `Measures a training step of recurrent layers of ${UNITS} units on ${BATCH} sequences of ${STEPS} characters, in Gesso,\n` +
    "PyTorch with one thread and with all, TensorFlow.js and jax-js, in turn.",
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
        steps: 20,
        times: [],
      },
      ...torches.map((torch): Runner => ({
        name: torch.name,
        run: (steps) => torch.steps(kind, steps),
        steps: 20,
        times: [],
      })),
      ...await peers(kind, device.kind),
    ];
    for (const { run, steps } of runners) await run(Math.min(3, steps));
    for (let round = 0; round < rounds; round++) {
      for (const { run, steps, times } of runners) times.push(1000 * await run(steps) / steps);
    }
    const own = median(runners[0].times);
    for (const { name, compile, times, close } of runners) {
      close?.();
      const more = compile === undefined
        ? `, ${(median(times) / own).toPrecision(3)} times as long`
        : `, compiled in ${compile.toFixed(0)} ms`;
      console.log(`${kind}  ${median(times).toFixed(1).padStart(7)} ms a step  ${name}${more}`);
      results.push({ kind, name, compile, milliseconds: median(times), times });
    }
  }
  const file = values.text("json");
  if (!file) return;
  const record = { date: new Date().toISOString(), machine: machine(), rounds, results };
  await Deno.writeTextFile(file, JSON.stringify(record, undefined, 2) + "\n");
});
