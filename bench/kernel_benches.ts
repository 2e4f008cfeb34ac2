/** Kernel cases as benches for `deno bench`: Gesso's beside TensorFlow.js's, on each device. */
import { cpuDevice, type Device, webgpuDevice } from "../mod.ts";
import { Ceiling, rateOf } from "./ceilings.ts";
import { type KernelCase, prepare, type PreparedKernel } from "./kernel_case.ts";
import { hasTfjs, prepareTfjs } from "./kernel_tfjs.ts";
import { median } from "./machine.ts";
import { RunTimer } from "./time_runs.ts";

type Kind = "cpu" | "webgpu";

/** About this many seconds of runs are one measurement. */
const SECONDS = 0.05;
const ROUNDS = 3;

/** What is open now. Nothing is opened or compiled before a bench runs, so one that is filtered out costs nothing. */
class Bench {
  readonly #devices = new Map<Kind, Promise<Device>>();
  readonly #ceilings = new Map<Kind, Ceiling>();
  #opened: PreparedKernel | undefined;

  async open(kernel: KernelCase, kind: Kind, library: Library): Promise<PreparedKernel> {
    this.close();
    this.#opened = library === "Gesso"
      ? await prepare(kernel, await this.#device(kind))
      : await prepareTfjs(kernel, kind);
    return this.#opened;
  }

  ceiling(kind: Kind): Ceiling {
    const ceiling = this.#ceilings.get(kind) ?? new Ceiling(kind);
    this.#ceilings.set(kind, ceiling);
    return ceiling;
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }

  #device(kind: Kind): Promise<Device> {
    const device = this.#devices.get(kind) ??
      (kind === "cpu" ? Promise.resolve(cpuDevice()) : webgpuDevice());
    this.#devices.set(kind, device);
    return device;
  }
}

type Library = "Gesso" | "TensorFlow.js";

/**
 * A bench for each case, device and library: a group for each case and device, of which Gesso is the baseline. Before its
 * row a bench prints its rate, and the share of what multiply-adds alone reach; one that is faster than these fails.
 *
 * The time in the table is that of one run. Deno's own clock would count what waiting for a GPU takes, some 10 ms, and cannot
 * time one run by many. So each measurement is taken here, until the device is done and without the wait, and Deno's clock
 * is then started and held for as long as one run took.
 */
export function kernelBenches(
  cases: readonly KernelCase[],
  kinds: readonly Kind[],
  { tfjsOnCpu }: { tfjsOnCpu: boolean },
): Deno.BenchDefinition[] {
  const bench = new Bench();
  return kinds.flatMap((kind) =>
    cases.flatMap((kernel) => {
      const group = `${kernel.group} ${kernel.name}, ${kind}`;
      const isBeside = hasTfjs(kernel, kind) && (kind === "webgpu" || tfjsOnCpu);
      const libraries: Library[] = isBeside ? ["Gesso", "TensorFlow.js"] : ["Gesso"];
      return libraries.map((library): Deno.BenchDefinition => {
        const name = `${group}, ${library}`;
        let timer: RunTimer | undefined;
        const samples: number[] = [];
        /** Of all so far: one alone may be wrong where the machine is busy. */
        const check = () => bench.ceiling(kind).check(name, kernel, median(samples));
        const begin = async () => {
          const opened = await bench.open(kernel, kind, library);
          const timer = await RunTimer.of(opened.run, SECONDS);
          samples.push(...await timer.samples(ROUNDS));
          await check();
          const { rate, unit } = rateOf(kernel, median(samples));
          const share = (100 * rate / await bench.ceiling(kind).rate()).toFixed(0);
          const ofWhat = unit === "GFLOP/s" ? `, ${share} % of multiply-adds alone` : "";
          console.log(`${rate.toFixed(rate < 1 ? 2 : 1)} ${unit}${ofWhat}; ${opened.name}`);
          return timer;
        };
        return {
          group,
          name,
          baseline: library === "Gesso",
          // The first call finds out how many runs are one measurement.
          warmup: 1,
          n: library === "Gesso" ? 10 : 3,
          // Deno waits only for functions that are declared so.
          fn: async (b) => {
            timer ??= await begin();
            const seconds = await timer.sample();
            samples.push(seconds);
            await check();
            b.start();
            hold(seconds);
            b.end();
          },
        };
      });
    })
  );
}

function hold(seconds: number): void {
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end);
}
