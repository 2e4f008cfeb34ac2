/** The worked example's training step in PyTorch, where Python has it: a process of its own. */

/** What the script prints: images a second or GFLOP/s, one number a round. */
export interface TorchRates {
  readonly name: string;
  readonly firstStep: number;
  readonly plain: readonly number[];
  readonly channelsLast: readonly number[];
  readonly gemm1024: readonly number[];
}

const script = new URL("./torch_step.py", import.meta.url).pathname;

/** Runs PyTorch's step; `undefined` where no Python with PyTorch is found. */
export async function torchRates(
  batch: number,
  rounds: number,
  stepsPerRound: number,
): Promise<TorchRates | undefined> {
  // A python3 that comes first in the path may be another than the system's, which has Debian's packages.
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      const args = [script, batch, rounds, stepsPerRound].map(String);
      const { success, stdout } = await new Deno.Command(python, { args, stderr: "null" }).output();
      if (success) return JSON.parse(new TextDecoder().decode(stdout));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}
