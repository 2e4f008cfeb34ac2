/** Files that are either the old ones or the new ones, whatever happens while they are written. */
import { closing } from "../../engine/file_access.ts";
import { removeLeftovers } from "./leftovers.ts";
import { createFile, folderOf, makeFolder, nameOf, type WriteOptions } from "./write_door.ts";

/**
 * Writes a file so that a crash, a kill or a full disk at any moment leaves the old content or the new one, never
 * a mixture: a temporary file beside it, fsync, rename, fsync of the folder. Folders on the way are created. On
 * failure the temporary file is removed; only a process killed in the middle leaves one (`.NAME.*.tmp`), which
 * nothing reads, and which the next call for the same file removes. A `path` that is a link is replaced, not followed,
 * and folders within the working folder or `root` must not be links.
 *
 * Needs permission to read and write the folder of `path`.
 *
 * ```ts ignore
 * await writeAtomic("out/model.safetensors", [header, weights], { root: "out" });
 * ```
 *
 * @param path Where to.
 * @param content Bytes, or pieces that are written one after another.
 * @param options `root`: a folder that the file must lie in, else a `RangeError` is thrown and nothing is written.
 */
export async function writeAtomic(
  path: string,
  content: Uint8Array | readonly Uint8Array[],
  options: WriteOptions = {},
): Promise<void> {
  const name = nameOf(path);
  const temporary = `${path.slice(0, -name.length)}.${name}.${crypto.randomUUID()}.tmp`;
  try {
    if (options.root !== undefined) await makeFolder(options.root, { what: path });
    await makeFolder(folderOf(path), { ...options, what: path });
    await removeLeftovers(path);
    await closing(await createFile(temporary, options), async (file) => {
      await file.tryLock(true); // says to others that it is no leftover
      for (const piece of content instanceof Uint8Array ? [content] : content) await writeAll(file, piece);
      await file.sync();
      await replaceFile(temporary, path);
    });
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may never have come to be
    throw ofFile(path, error);
  }
}

/** Writes all of `bytes` at the file's position; one `write` may take only a part. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/** Gives a complete and synced file its final name, and makes the new name last. */
export async function replaceFile(from: string, to: string): Promise<void> {
  await Deno.rename(from, to);
  try {
    await closing(await Deno.open(folderOf(to)), (folder) => folder.sync());
  } catch (error) {
    // Windows can't open a folder, some file systems can't sync one; the rename itself has happened.
    if (error instanceof Deno.errors.NotCapable) throw error;
  }
}

/** What the system says of a write, with the file: "No space left on device" alone does not help. */
export function ofFile(path: string, error: unknown): unknown {
  const isSystems = error instanceof Error && /\(os error \d+\)/.test(error.message);
  if (!isSystems || error.message.startsWith("Cannot write ")) return error;
  const reason = error.message.replace(/ \(os error \d+\).*$/s, "");
  return new Error(`Cannot write ${path}: ${reason[0].toLowerCase()}${reason.slice(1)}`, { cause: error });
}
