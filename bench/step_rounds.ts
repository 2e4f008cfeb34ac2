/** Training steps of several libraries, measured in turn. */
import type { Device } from "../engine/device.ts";
import type { Program } from "../engine/program.ts";
import type { OptionReader, OptionSpec } from "../recipes/options/option_spec.ts";
import { jsonOption } from "./bench_options.ts";
import { machine, timed } from "./machine.ts";
import { Torch } from "./peers_torch.ts";

/** Slower products are those of a BLAS that nobody who wants speed has. */
const LEAST_GFLOPS = 20;

/** Something that is measured. */
export interface StepRunner {
  readonly name: string;
  /** Milliseconds until it was compiled. */
  readonly compile?: number;
  /** Makes some steps; gives seconds. */
  run(steps: number): Promise<number>;
  /** Steps of a measurement: libraries whose steps take seconds make one. */
  readonly steps: number;
  /** Milliseconds of a step, a number a round. */
  readonly times: number[];
  close?(): void;
}

/** PyTorch with one thread and with all, each if its products are as fast as they should be. */
export async function openTorches(
  batch: number,
  script?: Parameters<typeof Torch.open>[2],
): Promise<Torch[]> {
  const torches: Torch[] = [];
  for (const threads of new Set([1, navigator.hardwareConcurrency])) {
    const torch = await Torch.open(batch, threads, script);
    if (torch && await torch.product() >= LEAST_GFLOPS) torches.push(torch);
    else console.error("PyTorch is left out: there is none, or its BLAS is slow (libopenblas0-pthread)");
  }
  return torches;
}

/** Gesso's own step, which has a loss as its output. */
export function ownRunner(
  device: Device,
  step: Program<never, "loss">,
  compile: number,
  steps: number,
): StepRunner {
  const run = (times: number) =>
    timed(async () => {
      step.run({ times });
      await step.read("loss");
    });
  return { name: `Gesso, ${device.description}`, compile, run, steps, times: [] };
}

/** Warms all up, then measures them in turn. */
export async function measureInTurn(runners: readonly StepRunner[], rounds: number): Promise<void> {
  for (const { run, steps } of runners) await run(steps);
  for (let round = 0; round < rounds; round++) {
    for (const { run, steps, times } of runners) times.push(1000 * await run(steps) / steps);
  }
}

/** Where the numbers are kept. */
export const numbersOption: OptionSpec = { ...jsonOption, help: "keep the numbers there" };

/** Keeps what was measured, if that is wanted. */
export async function keepNumbers(
  values: OptionReader,
  rounds: number,
  results: readonly unknown[],
): Promise<void> {
  const file = values.text(numbersOption.name);
  if (!file) return;
  const record = { date: new Date().toISOString(), machine: machine(), rounds, results };
  await Deno.writeTextFile(file, JSON.stringify(record, undefined, 2) + "\n");
}
