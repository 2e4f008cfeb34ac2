/** Files that are either the old ones or the new ones, whatever happens while they are written. */

/**
 * Writes a file so that a crash, a kill or a full disk at any moment leaves the old content or the new one, never
 * a mixture: a temporary file beside it, fsync, rename, fsync of the folder. Folders on the way are created. On
 * failure the temporary file is removed; only a process killed in the middle leaves one (`.NAME.*.tmp`), which
 * nothing reads. A `path` that is a symlink is replaced, not followed.
 *
 * Needs permission to read and write the folder of `path`.
 *
 * ```ts ignore
 * await writeAtomic("out/model.safetensors", [header, weights], { root: "out" });
 * ```
 *
 * @param path Where to.
 * @param content Bytes, or pieces that are written one after another.
 * @param options `root`: a folder that the file must really lie in, after every symlink on the way is followed;
 * `Deno`'s own `--allow-write=DIR` follows them out of DIR. Else a `RangeError` is thrown, and nothing is written.
 */
export async function writeAtomic(
  path: string,
  content: Uint8Array | readonly Uint8Array[],
  options: { root?: string } = {},
): Promise<void> {
  const { root } = options;
  if (root !== undefined) {
    await Deno.mkdir(root, { recursive: true });
    await checkInside(path, root);
  }
  await Deno.mkdir(folderOf(path), { recursive: true });
  if (root !== undefined) await checkInside(path, root); // `missing/../..` could not be judged before
  const name = nameOf(path);
  const temporary = `${path.slice(0, -name.length)}.${name}.${crypto.randomUUID()}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      for (const piece of content instanceof Uint8Array ? [content] : content) await writeAll(file, piece);
      await file.sync();
    }
    await replaceFile(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may never have come to be
    throw error;
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
    using folder = await Deno.open(folderOf(to));
    await folder.sync();
  } catch (error) {
    // Windows can't open a folder, some file systems can't sync one; the rename itself has happened.
    if (error instanceof Deno.errors.NotCapable) throw error;
  }
}

/** Throws unless the folder of `path`, or the nearest one above that exists, really lies in `root`. */
async function checkInside(path: string, root: string): Promise<void> {
  const realRoot = await Deno.realPath(root);
  let folder = folderOf(path);
  let real = await realPathIfAny(folder);
  while (real === undefined) real = await realPathIfAny(folder = folderOf(folder));
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  const prefix = realRoot.endsWith(separator) ? realRoot : realRoot + separator;
  if (real !== realRoot && !real.startsWith(prefix)) {
    throw new RangeError(`Cannot write ${path}: its folder is really in ${real}, outside of ${realRoot}`);
  }
}

async function realPathIfAny(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

// `node:path` would cost every import of the package some 7 ms.
function folderOf(path: string): string {
  return path.slice(0, -nameOf(path).length) || ".";
}

function nameOf(path: string): string {
  return path.match(Deno.build.os === "windows" ? /[^/\\]*[/\\]*$/ : /[^/]*\/*$/)![0];
}
