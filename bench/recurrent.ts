/** A recurrent layer's training step beside that of PyTorch, TensorFlow.js and jax-js. */
import { cpuDevice, webgpuDevice } from "../mod.ts";
import { deviceOption, roundsOption, runBench } from "./bench_options.ts";
import { machine, median, timed } from "./machine.ts";
import { BATCH, type Kind, kinds, STEPS, trainStep, UNITS } from "./recurrent_step.ts";
import {
  keepNumbers,
  measureInTurn,
  numbersOption,
  openTorches,
  ownRunner,
  type StepRunner,
} from "./step_rounds.ts";

/** The other libraries of JavaScript; each that does not open is named and left out. */
async function peers(kind: Kind, device: string): Promise<StepRunner[]> {
  const backend = device === "webgpu" ? "webgpu" : "wasm";
  const runners: StepRunner[] = [];
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
  options: [{ ...deviceOption, default: "cpu" }, roundsOption, numbersOption],
}, async (values) => {
  const rounds = values.number("rounds")!;
  const device = values.text("device") === "webgpu" ? await webgpuDevice() : cpuDevice();
  const torches = await openTorches(BATCH);
  const results: Record<string, unknown>[] = [];
  console.log(`${machine()}; median of ${rounds} rounds in turn`);
  for (const kind of kinds) {
    const begin = performance.now();
    const step = await trainStep(kind, device);
    const compile = performance.now() - begin;
    const runners: StepRunner[] = [
      ownRunner(device, step, compile, 20),
      ...torches.map((torch): StepRunner => ({
        name: torch.name,
        run: (steps) => torch.steps(kind, steps),
        steps: 20,
        times: [],
      })),
      ...await peers(kind, device.kind),
    ];
    await measureInTurn(runners, rounds);
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
  await keepNumbers(values, rounds, results);
});
