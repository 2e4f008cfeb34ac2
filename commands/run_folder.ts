/** Folders in which runs leave what they made: `runs/001-cnn-cifar10` and so on. */
import { UsageError } from "./command.ts";

/** The folder of all runs. */
export const RUNS = "runs";
/** The files of a run. */
export const files = {
  model: "model.safetensors",
  checkpoint: "checkpoint.safetensors",
  history: "history.jsonl",
  picture: "predictions.png",
  curve: "loss.svg",
  options: "options.json",
  tuning: "tuning.json",
} as const;

/** Runs there are, oldest first. */
async function listRuns(): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(RUNS)) {
      if (entry.isDirectory && /^\d{3,}-/.test(entry.name)) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort((a, b) => parseInt(a) - parseInt(b));
}

/** The next free folder for a run of this name. */
export async function newRun(name: string): Promise<string> {
  const last = (await listRuns()).at(-1);
  const number = last ? parseInt(last) + 1 : 1;
  return `${RUNS}/${String(number).padStart(3, "0")}-${name}`;
}

/** The newest run that has a file, and the path of that file. */
export async function newestFile(file: string, what: string): Promise<{ folder: string; path: string }> {
  for (const name of (await listRuns()).reverse()) {
    const path = `${RUNS}/${name}/${file}`;
    if (await exists(path)) return { folder: `${RUNS}/${name}`, path };
  }
  throw new UsageError(`Cannot find a ${what}: no run in ${RUNS}/ has one; train makes one`);
}

/** Whether there is a file. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
