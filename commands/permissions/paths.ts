/** Paths as text: nothing here looks at a disk. */

const isWindows = Deno.build.os === "windows";
const SEPARATOR = isWindows ? /[/\\]+/ : /\/+/;

/** The names from the root to a path. What is relative begins in the current folder. */
function partsOf(path: string): string[] {
  const isAbsolute = isWindows ? /^([/\\]|[a-zA-Z]:)/.test(path) : path.startsWith("/");
  const names = (isAbsolute ? path : `${Deno.cwd()}/${path}`).split(SEPARATOR);
  const parts: string[] = [];
  for (const name of names) {
    if (name === "..") parts.pop();
    else if (name !== "" && name !== ".") parts.push(name);
  }
  return parts;
}

/** Whether a path is a folder, or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  const [inner, outer] = [partsOf(path), partsOf(folder)];
  return outer.every((name, i) => name === inner[i]);
}

/** A path from the current folder where it lies there, else from the root. */
export function shortPath(path: string): string {
  const [parts, current] = [partsOf(path), partsOf(".")];
  if (isWithin(path, ".")) return parts.slice(current.length).join("/") || ".";
  return isWindows ? parts.join("\\") : `/${parts.join("/")}`;
}

/** The folder that a file lies in: `.`, or what its path says. */
export function folderOf(path: string): string {
  const end = isWindows ? Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) : path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end) || path.slice(0, 1);
}

/** Folders that more than one of these files lie in. */
export function sharedFolders(paths: readonly string[]): string[] {
  const folders = paths.map(folderOf);
  return [...new Set(folders.filter((folder, i) => folders.indexOf(folder) !== i))];
}
