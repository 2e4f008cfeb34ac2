/** What lies in a folder, with links followed within it alone. */
import { DataError } from "../data_error.ts";
import type { Skipped } from "./skipped.ts";

/** Where a folder really is; throws a {@linkcode DataError} where there is none. */
export async function realFolder(path: string, attempt: string): Promise<string> {
  try {
    const real = await Deno.realPath(path);
    if ((await Deno.stat(real)).isDirectory) return real;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new DataError(path, `${attempt}: there is no such folder`, { cause });
  }
  throw new DataError(path, `${attempt}: it is no folder`);
}

/** A file or a folder in a folder. */
export interface Entry {
  /** Its name alone. */
  readonly name: string;
  /** Whether it is a folder. */
  readonly isFolder: boolean;
}

/** Files and folders in a folder, by name; what is neither, and links that lead out of the root, are left out and named. */
export async function entriesOf(
  root: string,
  folder: string,
  prefix: string,
  skipped: Skipped[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const { name, isFile, isDirectory, isSymlink } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    const found = isSymlink ? await followed(root, `${folder}/${name}`) : { isFile, isDirectory };
    if (typeof found === "string") skipped.push({ file: prefix + name, reason: found });
    else if (found.isFile || found.isDirectory) entries.push({ name, isFolder: found.isDirectory });
    else skipped.push({ file: prefix + name, reason: "it is no file" });
  }
  // By the numbers of their characters: the same order on every machine.
  return entries.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** What a link leads to, or why it is not followed. */
async function followed(
  root: string,
  link: string,
): Promise<{ isFile: boolean; isDirectory: boolean } | string> {
  try {
    const real = await Deno.realPath(link);
    const separator = root.includes("\\") ? "\\" : "/";
    if (!real.startsWith(root.endsWith(separator) ? root : root + separator)) {
      return "it is a link that leads out of the folder";
    }
    return await Deno.stat(real);
  } catch (error) {
    const { NotFound, FilesystemLoop } = Deno.errors;
    if (error instanceof NotFound || error instanceof FilesystemLoop) {
      return "it is a link that leads nowhere";
    }
    // What may not be read is out of the folder: permission is for that.
    if (error instanceof Deno.errors.NotCapable) return "it is a link that leads out of the folder";
    throw error;
  }
}
