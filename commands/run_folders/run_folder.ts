/** Folders in which runs leave what they made: `runs/001-cnn-cifar10` and so on. */
import { pause } from "../../data/storage/pause.ts";
import { createFile, makeFolder } from "../../data/storage/write_door.ts";
import { UsageError } from "../../recipes/usage_error.ts";

/** The folder of all runs. */
export const RUNS = "runs";
/** The files of a run. */
export const files = {
  model: "model.safetensors",
  checkpoint: "checkpoint.safetensors",
  history: "history.jsonl",
  picture: "predictions.png",
  /** The last that is written. */
  curve: "loss.svg",
  /** The first that is written. */
  options: "options.json",
  tuning: "tuning.json",
} as const;

/** Runs there are, oldest first. */
export async function listRuns(): Promise<string[]> {
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

/**
 * Makes the next folder for a run of this name. To make it is to claim it: of several runs that begin at the same time, no two
 * get one folder, or one number.
 */
export async function newRun(name: string): Promise<string> {
  await makeFolder(RUNS);
  for (let atLeast = 1;;) {
    const last = (await listRuns()).at(-1);
    const number = Math.max(atLeast, last ? parseInt(last) + 1 : 1);
    const folder = `${RUNS}/${String(number).padStart(3, "0")}-${name}`;
    try {
      await makeFolder(folder, { isNew: true, root: RUNS });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      atLeast = number + 1; // it may be a file, which is no run
      continue;
    }
    if ((await listRuns()).filter((run) => parseInt(run) === number).length === 1) return folder;
    // Another run has the number under its own name. Both may see that, so both give it back, and one is earlier next time.
    await Deno.remove(folder);
    await pause(50 * Math.random());
  }
}

/** Claims a folder that was named, and makes it if need be. Throws a {@linkcode UsageError} where another run lies in it. */
export async function claimRun(folder: string): Promise<void> {
  await checkIsFree(folder);
  await makeFolder(folder);
  try {
    (await createFile(`${folder}/${files.options}`)).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new UsageError(hasOther(folder, files.options));
  }
}

/** Throws a {@linkcode UsageError} where a new run would be mixed with what is there. */
export async function checkIsFree(folder: string): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === "file") throw new UsageError(`Cannot begin a run in ${folder}: it is a file`);
  if (kind === undefined) return;
  for (const file of Object.values(files)) {
    if (await exists(`${folder}/${file}`)) throw new UsageError(hasOther(folder, file));
  }
}

const hasOther = (folder: string, file: string) =>
  `Cannot begin a run in ${folder}: it has ${file} of another one; name another folder with --out, ` +
  `or go on with that run: train --resume ${folder}`;

/**
 * Holds a run's folder, so that no other process trains in it, until what is given back is closed or the process ends. Throws a
 * {@linkcode UsageError} where one does.
 */
export async function holdRun(folder: string): Promise<Disposable> {
  // Another run that begins may look for a moment whether somebody is here.
  for (let tries = 0; tries < 20; tries++) {
    const held = await tryHold(`${folder}/${files.options}`);
    if (held) return held;
    await pause(25);
  }
  throw new UsageError(`Cannot go on with ${folder}: another process is training it`);
}

/** Locks a file, if no other process has: the lock ends with what is given back, and with the process. */
export async function tryHold(path: string): Promise<Disposable | undefined> {
  const file = await Deno.open(path);
  try {
    if (await file.tryLock(true)) return file;
  } catch {
    return file; // some file systems have no locks
  }
  file.close();
  return undefined;
}

/** The newest run that has a file, and the path of that file. */
export async function newestFile(file: string, what: string): Promise<{ folder: string; path: string }> {
  for (const name of (await listRuns()).reverse()) {
    const path = `${RUNS}/${name}/${file}`;
    if (await exists(path)) return { folder: `${RUNS}/${name}`, path };
  }
  throw new UsageError(`Cannot find a ${what}: no run in ${RUNS}/ has one; train makes one`);
}

/** Whether there is something of that name. */
export async function exists(path: string): Promise<boolean> {
  return await kindOf(path) !== undefined;
}

/** What lies at a path, if something does. */
export async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  try {
    return (await Deno.stat(path)).isDirectory ? "folder" : "file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
