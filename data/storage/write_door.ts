/**
 * The one door to the disk: whatever makes folders, or opens files to write, does it here, and follows no link. A link
 * under a name that Gesso writes to would send its bytes to any file that the user can write, and Deno's own
 * `--allow-write=DIR` follows links out of DIR.
 */

/** Where a path has to lie. */
export interface WriteOptions {
  /** A folder that the path must lie in. Nothing below it may be a link. */
  root?: string;
}

/** What else matters to a look at the way to a path. */
interface WayOptions extends WriteOptions {
  /** What is to be written there, for messages; the path itself when left out. */
  what?: string;
}

/**
 * Throws a `RangeError` if writing to `path` would follow a link, or leave `root`; nothing has to exist yet. No part
 * of a path within the working folder may be a link, nor any part below `root`; what else leads to a path elsewhere is
 * the caller's to name.
 */
async function checkWay(path: string, { root, what = path }: WayOptions = {}): Promise<void> {
  const above = root === undefined ? undefined : resolved(root);
  const here = resolved(Deno.cwd());
  const isIn = (place: string, folder: string) =>
    place.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
  const isHere = (place: string) => !elsewhere.test(place) || isIn(place, here);
  const whole = resolved(path);
  const isInRoot = above === undefined || whole === above ||
    (above === "" ? isHere(whole) : isIn(whole, above));
  if (!isInRoot) {
    throw new RangeError(`Cannot write ${what}: it is outside of ${root}`);
  }
  for (const end of path.matchAll(isWindows ? /[^/\\]+/g : /[^/]+/g)) {
    // As it was written: `a/../b` goes through `a`.
    const place = path.slice(0, end.index + end[0].length);
    const real = resolved(place);
    if (/^\.\.?$/.test(end[0]) || !(isHere(real) || above && isIn(real, above))) continue;
    if ((await lstatIfAny(place))?.isSymlink) throw await isLink(what, place, root);
  }
}

/**
 * Makes a folder and those above it, where they are missing, as {@linkcode checkWay} allows.
 *
 * @param options `isNew`: the folder itself must not be there yet, else `Deno.errors.AlreadyExists` is thrown: of several
 * that make it at the same time, one does.
 */
export async function makeFolder(
  path: string,
  options: WayOptions & { isNew?: boolean } = {},
): Promise<void> {
  const { isNew, ...way } = options;
  await checkWay(path, way);
  if (isNew) await makeFolder(folderOf(path), { what: path });
  await Deno.mkdir(path, { recursive: !isNew });
  await checkWay(path, way); // `missing/../link` could not be judged before, or someone was quicker
}

/**
 * Opens a new file to write. Nothing may be there under its name, not even a link that leads nowhere; its folder must
 * exist.
 */
export async function createFile(path: string, options: WriteOptions = {}): Promise<Deno.FsFile> {
  const folder = folderOf(path);
  await checkWay(folder, options);
  const real = options.root === undefined ? undefined : await Deno.realPath(folder);
  const file = await Deno.open(path, { read: true, write: true, createNew: true });
  // A folder that was exchanged for a link meanwhile has led elsewhere. The file is empty and is removed again.
  if (
    real !== undefined &&
    await Deno.realPath(path) !== `${real.replace(/[/\\]$/, "")}${separator}${nameOf(path)}`
  ) {
    file.close();
    await Deno.remove(path).catch(() => {});
    throw new RangeError(`Cannot write ${path}: its folder was exchanged meanwhile`);
  }
  return file;
}

/**
 * Opens a file to read and write that may be there already, and then must be a plain file. Its content stays; what
 * is opened is what was looked at. Its folder must exist.
 *
 * @param options `onlyName`: the file may have no other name (hard link), as what is written would show there.
 */
export async function openFile(
  path: string,
  options: WriteOptions & { onlyName?: boolean } = {},
): Promise<Deno.FsFile> {
  const seen = await plainFile(path, options);
  if (seen === undefined) {
    try {
      return await createFile(path, options);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      return await openFile(path, options); // another one has just made it
    }
  }
  const file = await Deno.open(path, { read: true, write: true });
  const opened = await file.stat();
  if (opened.ino === seen.ino && opened.dev === seen.dev) return file;
  file.close();
  throw new RangeError(`Cannot write ${path}: it was exchanged for another file meanwhile`);
}

/** What is known of the plain file at `path`; `undefined` where nothing is, and a `RangeError` for anything else. */
export async function plainFile(
  path: string,
  options: WriteOptions & { onlyName?: boolean } = {},
): Promise<Deno.FileInfo | undefined> {
  await checkWay(path, options);
  const info = await lstatIfAny(path);
  if (info === undefined) return undefined;
  // Where `path` is the caller's own to name, its last part was not looked at yet.
  if (info.isSymlink) throw await isLink(path, path, options.root);
  if (!info.isFile) throw new RangeError(`Cannot write ${path}: it is no plain file; move it away`);
  if (options.onlyName && (info.nlink ?? 1) > 1) {
    throw new RangeError(
      `Cannot write ${path}: the file has another name, too, and would change there; remove this one`,
    );
  }
  return info;
}

/** The folder of a path. `node:path` would cost every import of the package some 7 ms. */
export function folderOf(path: string): string {
  return path.slice(0, -nameOf(path).length) || ".";
}

/** The last part of a path, with the slashes that follow it. */
export function nameOf(path: string): string {
  return path.match(isWindows ? /[^/\\]*[/\\]*$/ : /[^/]*\/*$/)![0];
}

const isWindows = globalThis.Deno?.build.os === "windows"; // in a browser, importing must not fail
const separator = isWindows ? "\\" : "/";
/** What leads out of the working folder, or could. */
const elsewhere = isWindows ? /^(\/|[a-z]:|\.\.(\/|$))/i : /^(\/|\.\.(\/|$))/;

/** A path without `.`, and without `..` as far as names before them go; `""` is the working folder. */
function resolved(path: string): string {
  const parts: string[] = [];
  for (const part of path.split(isWindows ? /[/\\]/ : "/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || parts.length === 0 || parts.at(-1) === "..") parts.push(part);
    else parts.pop();
  }
  return (/^[/\\]/.test(path) && (isWindows || path[0] === "/") ? "/" : "") + parts.join("/");
}

async function lstatIfAny(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

async function targetOf(link: string): Promise<string> {
  try {
    return ` to ${await Deno.readLink(link)}`;
  } catch {
    return ""; // reading a link may need a permission that writing does not
  }
}

async function isLink(path: string, link: string, root = "the working folder"): Promise<RangeError> {
  return new RangeError(
    `Cannot write ${path}: ${path === link ? "it" : link} is a link${await targetOf(
      link,
    )}, and what is written must ` +
      `not land outside of ${root}; remove the link, or name a place without one`,
  );
}
