/** PyTorch as a runner of the training bench: with the number of threads that suits it, and only if it is not crippled. */
import { type Layout, Torch } from "./peers_torch.ts";
import type { Runner } from "./train_runner.ts";

/**
 * What a product of 1024 x 1024 x 1024 has to reach on a processor, in GFLOP/s, for a comparison to be one. Debian's PyTorch
 * comes with a reference BLAS that makes some 3; with OpenBLAS one thread makes more than 100 of them.
 */
const LEAST_PRODUCT = 20;

/** A process for each number of threads that is worth a try, and what each reaches in a product. */
export class TorchRunners {
  readonly #processes: readonly Torch[];
  /** What there is to say of it; why it is left out if it is. */
  readonly notice: string;
  /** Whether it is there and may be compared with. */
  readonly isFit: boolean;

  private constructor(processes: readonly Torch[], notice: string, isFit: boolean) {
    this.#processes = processes;
    this.notice = notice;
    this.isFit = isFit;
  }

  /** Starts it, with one thread and with one for each processor. On a GPU their number makes no difference. */
  static async open(batch: number): Promise<TorchRunners> {
    const all = await Torch.open(batch, navigator.hardwareConcurrency);
    if (!all) return new TorchRunners([], "PyTorch is left out: there is no Python that has it", false);
    const isAlone = all.isOnGpu || navigator.hardwareConcurrency === 1;
    const one = isAlone ? undefined : await Torch.open(batch, 1);
    const processes = one ? [all, one] : [all];
    const rates: number[] = [];
    for (const process of processes) rates.push(await process.product());
    const best = Math.max(...rates);
    const seen = processes.map(({ name }, i) => `${name}: ${rates[i].toFixed(1)} GFLOP/s`).join("; ");
    const product = `product of 1024 x 1024 x 1024 in ${seen}`;
    if (all.isOnGpu || best >= LEAST_PRODUCT) return new TorchRunners(processes, product, true);
    const refused =
      `${product}\nPyTorch is left out: with less than ${LEAST_PRODUCT} GFLOP/s it is not PyTorch ` +
      "that is measured but a reference BLAS; install libopenblas0-pthread (apt-get install libopenblas0-pthread)";
    return new TorchRunners(processes, refused, false);
  }

  /** A runner, with the number of threads that is faster. */
  async runner(layout: Layout): Promise<Runner> {
    const { process, first } = await fastest(this.#processes, layout);
    return {
      name: `${process.name}${layout === "plain" ? "" : ", channels last"}`,
      run: (steps) => process.steps(layout, steps),
      firstStep: first,
      memory: () => process.memory(),
    };
  }

  /** Ends its processes. */
  async close(): Promise<void> {
    for (const process of this.#processes) await process.close();
  }
}

/** Who takes the least time for the same steps, some rounds in turn, and what the first one of all took there. */
async function fastest(
  processes: readonly Torch[],
  layout: Layout,
): Promise<{ process: Torch; first: number }> {
  const trials: { process: Torch; first: number; least: number }[] = [];
  for (const process of processes) {
    const first = await process.steps(layout, 1);
    trials.push({ process, first, least: await process.steps(layout, 2) / 2 });
  }
  if (trials.length === 1) return trials[0];
  const once = Math.max(1e-4, Math.min(...trials.map(({ least }) => least)));
  const steps = Math.max(1, Math.round(0.3 / once));
  for (const trial of trials) trial.least = Infinity;
  for (let round = 0; round < 3; round++) {
    for (const trial of trials) trial.least = Math.min(trial.least, await trial.process.steps(layout, steps));
  }
  return trials.reduce((a, b) => a.least <= b.least ? a : b);
}
