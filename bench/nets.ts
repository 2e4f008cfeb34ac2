/** Whole networks' training steps beside PyTorch: a transformer, recurrent nets of chords, a classifier of sounds, a ResNet-9. */
import { audio } from "./audio_step.ts";
import { cpuDevice, type Device, webgpuDevice } from "../mod.ts";
import { deviceOption, namesIn, roundsOption, runBench } from "./bench_options.ts";
import { machine, median } from "./machine.ts";
import { chords } from "./chord_step.ts";
import type { NetStep } from "./net_step.ts";
import type { TorchNet } from "./peers_torch.ts";
import { resnet } from "./resnet_step.ts";
import {
  keepNumbers,
  measureInTurn,
  numbersOption,
  openTorches,
  ownRunner,
  type StepRunner,
} from "./step_rounds.ts";
import { transformer } from "./transformer_step.ts";

interface NetCase {
  readonly name: string;
  readonly make: (device: Device) => Promise<NetStep>;
  /** What PyTorch calls it; each is measured. */
  readonly torch: readonly TorchNet[];
  /** Steps of a measurement, and of its warm-up: engines make code faster while it runs, so short steps need many. */
  readonly steps: number;
}
const nets: readonly NetCase[] = [
  { name: "transformer", make: transformer, torch: ["transformer"], steps: 4 },
  { name: "chordRnn", make: (device) => chords(device, "rnn", 200), torch: ["chord_rnn"], steps: 60 },
  { name: "chordGru", make: (device) => chords(device, "gru", 150), torch: ["chord_gru"], steps: 60 },
  { name: "audio", make: audio, torch: ["audio"], steps: 20 },
  { name: "resnet", make: resnet, torch: ["resnet", "resnet_channels_last"], steps: 4 },
];
const names = nets.map(({ name }) => name);

await runBench({
  call: "deno task bench:nets",
  summary:
    "Measures a training step of a small causal transformer, of recurrent nets of chords, of a classifier of sounds and of a\n" +
    "ResNet-9, in Gesso and in PyTorch with one thread and with all, in turn.",
  options: [
    { ...deviceOption, default: "cpu" },
    { name: "only", value: "NAMES", help: `nets, of ${names.join(", ")}; all when left out` },
    roundsOption,
    numbersOption,
  ],
}, async (values) => {
  const rounds = values.number("rounds")!;
  const only = namesIn(values, "only", names) ?? names;
  const device = values.text("device") === "webgpu" ? await webgpuDevice() : cpuDevice();
  const torches = await openTorches(128, "torch_nets.py");
  const results: Record<string, unknown>[] = [];
  console.log(`${machine()}; median of ${rounds} rounds in turn`);
  for (
    const { name: net, make, torch: torchNames, steps } of nets.filter(({ name }) => only.includes(name))
  ) {
    const begin = performance.now();
    const { step, items, unit, parameters } = await make(device);
    const compile = performance.now() - begin;
    console.log(`${net}, ${parameters} parameters, ${(step.summary.flops / 1e9).toFixed(2)} GFLOP a step`);
    const runners: StepRunner[] = [
      ownRunner(device, step, compile, steps),
      ...torches.flatMap((torch) =>
        torchNames.map((name): StepRunner => ({
          name: `${torch.name}${name.endsWith("channels_last") ? ", channels last" : ""}`,
          run: (count) => torch.steps(name, count),
          steps,
          times: [],
        }))
      ),
    ];
    await measureInTurn(runners, rounds);
    for (const { name, compile, times } of runners) {
      const more = compile === undefined ? "" : `, compiled in ${compile.toFixed(0)} ms`;
      const [time, rate] = [median(times), items / median(times) * 1000];
      console.log(
        `${time.toFixed(1).padStart(8)} ms a step ${rate.toFixed(0).padStart(7)} ${unit}/s  ${name}${more}`,
      );
      results.push({ net, name, compile, milliseconds: time, times });
    }
  }
  await keepNumbers(values, rounds, results);
});
