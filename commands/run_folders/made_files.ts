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

/** Refuses an `--out` where something is already, or nothing can be, before anything is made. */
export async function checkOut(out: string, extensions: readonly string[]): Promise<void> {
  const path = pathsOf(out, extensions);
  for (const ending of [...extensions.length > 0 ? extensions : [""], SETTINGS]) {
    if (await exists(path(ending))) throw new UsageError(isThere(path(ending)));
  }
  await orUsageError(out, () => makeFolder(folderOf(out)));
}

const isThere = (path: string) => `Cannot write ${path}: it is already there, and nothing is written over`;

/**
 * Writes files by what their names end in, and beside them how they were made, if that is said; gives their paths. Without `out` they get the
 * next number in {@linkcode MADE}, and the name of what makes them.
 */
export async function writeMade(
  { out, name, extensions, files, settings }: {
    out: string | undefined;
    name: string;
    extensions: readonly string[];
    files: Readonly<Record<string, Uint8Array>>;
    settings?: Readonly<Record<string, unknown>>;
  },
): Promise<string[]> {
  const path = out === undefined ? await nextPaths(name) : pathsOf(out, extensions);
  const root = out === undefined ? MADE : undefined;
  const all = { ...files };
  if (settings) all[SETTINGS] = new TextEncoder().encode(JSON.stringify(settings, null, 2) + "\n");
  const named = Object.entries(all).map(([ending, bytes]) => [path(ending), bytes] as const);
  for (const [path] of named) {
    if (await exists(path)) throw new UsageError(isThere(path));
  }
  const claimed: string[] = [];
  try {
    return await orUsageError(out ?? MADE, async () => {
      // To make a file is to claim its name: of several that write at the same time, no two get one.
      for (const [path] of named) {
        (await createFile(path, { root })).close();
        claimed.push(path);
      }
      for (const [path, bytes] of named) await writeAtomic(path, bytes, { root });
      return claimed;
    });
  } catch (error) {
    for (const path of claimed) await Deno.remove(path).catch(() => {});
    throw error;
  }
}

/** The next names that are free. */
async function nextPaths(name: string): Promise<(ending: string) => string> {
  await makeFolder(MADE);
  let last = 0;
  for await (const entry of Deno.readDir(MADE)) {
    const number = /^(\d{3,})-/.exec(entry.name)?.[1];
    if (number !== undefined) last = Math.max(last, parseInt(number));
  }
  return (ending) => `${MADE}/${String(last + 1).padStart(3, "0")}-${name}${ending}`;
}

/** What the system or the door to the disk refuses is refused to the person who named the place. */
async function orUsageError<T>(out: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof Deno.errors.NotCapable) throw cause;
    const message = messageOf(cause);
    throw new UsageError(message.startsWith("Cannot write ") ? message : `Cannot write ${out}: ${message}`, {
      cause,
    });
  }
}
