/** Where `generate` puts what it makes: `made/001-music.mid` and so on, or where a person says. Nothing is written over. */
import { writeAtomic } from "../../data/storage/write_atomic.ts";
import { createFile, makeFolder } from "../../data/storage/write_door.ts";
import { UsageError } from "../../recipes/usage_error.ts";
import { messageOf } from "../failure.ts";
import { folderOf } from "../permissions/paths.ts";
import { exists } from "./run_folder.ts";

/** The folder of what is made. */
export const MADE = "made";

/** How it was made, beside it. */
const SETTINGS = ".json";

/** The ending of a file's name: `.mid`. */
const endingOf = (path: string) => /[^/\\](\.[^./\\]+)$/.exec(path)?.[1] ?? "";

/** The path of a file by what it ends in, where `--out` was given; see {@linkcode Maker.extensions}. */
function pathsOf(out: string, extensions: readonly string[]): (ending: string) => string {
  if (/(^|[/\\])\.{0,2}$/.test(out)) {
    throw new UsageError(`Cannot write ${out || '""'}: it names a folder; name a file in it`);
  }
  const own = endingOf(out);
  if (own === SETTINGS) {
    throw new UsageError(
      `Cannot write ${out}: a file in ${SETTINGS} beside it says how it was made; name it otherwise`,
    );
  }
  if (extensions.length > 0 && own !== "" && !extensions.includes(own)) {
    throw new UsageError(
      `Cannot write ${out}: its name has to end in ${extensions.join(", ")}, or in none of these`,
    );
  }
  const base = own === "" ? out : out.slice(0, -own.length);
  return (ending) => ending === "" ? out : base + ending;
}

/**
 * Refuses an `--out` where something is already, or nothing can be, before anything is made. Folders that are missing are made;
 * those that nothing has come into are taken away again in the end.
 */
export async function checkOut(out: string, extensions: readonly string[]): Promise<AsyncDisposable> {
  const path = pathsOf(out, extensions);
  for (const ending of [...extensions.length > 0 ? extensions : [""], SETTINGS]) {
    if (await exists(path(ending))) throw new IsThere(path(ending));
  }
  // What lies above those that may be looked at is not missing.
  const isMissing = (folder: string) => exists(folder).then((is) => !is, () => false);
  const missing: string[] = [];
  for (let folder = folderOf(out); await isMissing(folder); folder = folderOf(folder)) missing.push(folder);
  await orUsageError(out, () => makeFolder(folderOf(out)));
  return {
    async [Symbol.asyncDispose]() {
      for (const folder of missing) await Deno.remove(folder).catch(() => {}); // not where something is in it
    },
  };
}

/** What was made. */
export interface MadeFiles {
  /** Where a person wants it; the next number in {@linkcode MADE} when left out. */
  readonly out: string | undefined;
  /** What makes it, for its name. */
  readonly name: string;
  /** See {@linkcode Maker.extensions}. */
  readonly extensions: readonly string[];
  /** Files by what their names end in. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** How it was made, if that is to be kept beside it. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Writes what was made, all or nothing; gives the paths. */
export async function writeMade({ out, name, extensions, files, settings }: MadeFiles): Promise<string[]> {
  const all = { ...files };
  if (settings) all[SETTINGS] = new TextEncoder().encode(JSON.stringify(settings, null, 2) + "\n");
  if (out !== undefined) return await writeAll(out, pathsOf(out, extensions), all, undefined);
  await orUsageError(MADE, () => makeFolder(MADE));
  for (let number = await lastNumber() + 1;; number++) {
    const base = `${MADE}/${String(number).padStart(3, "0")}-${name}`;
    try {
      return await writeAll(MADE, (ending) => base + ending, all, MADE);
    } catch (error) {
      if (!(error instanceof IsThere)) throw error; // else another one was quicker
    }
  }
}

/** A place that is taken. */
class IsThere extends UsageError {
  constructor(path: string) {
    super(`Cannot write ${path}: it is already there, and nothing is written over`);
  }
}

async function writeAll(
  out: string,
  path: (ending: string) => string,
  files: Readonly<Record<string, Uint8Array>>,
  root: string | undefined,
): Promise<string[]> {
  const claimed: string[] = [];
  try {
    return await orUsageError(out, async () => {
      // To make a file is to claim its name: of several that write at the same time, no two get one.
      for (const ending of Object.keys(files)) {
        try {
          (await createFile(path(ending), { root })).close();
        } catch (error) {
          throw error instanceof Deno.errors.AlreadyExists ? new IsThere(path(ending)) : error;
        }
        claimed.push(path(ending));
      }
      for (const [ending, bytes] of Object.entries(files)) await writeAtomic(path(ending), bytes, { root });
      return claimed;
    });
  } catch (error) {
    for (const path of claimed) await Deno.remove(path).catch(() => {});
    throw error;
  }
}

/** The highest number that something in {@linkcode MADE} has. */
async function lastNumber(): Promise<number> {
  let last = 0;
  for await (const entry of Deno.readDir(MADE)) {
    const number = /^(\d{3,})-/.exec(entry.name)?.[1];
    if (number !== undefined) last = Math.max(last, parseInt(number));
  }
  return last;
}

/** What the system or the door to the disk refuses is refused to the person who named the place. */
async function orUsageError<T>(out: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof UsageError) throw cause;
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const message = messageOf(cause).replace(/^Cannot use /, "");
    const reason = message.startsWith(`${out}: `) ? message.slice(out.length + 2) : message;
    throw new UsageError(reason.startsWith("Cannot write ") ? reason : `Cannot write ${out}: ${reason}`, {
      cause,
    });
  }
}
