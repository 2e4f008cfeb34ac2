/** The command line that would work, to be copied. */
import { visible } from "../../engine/visible.ts";
import { folderOf, shortPath } from "./paths.ts";
import { joinPermissions, permissionFlags, type Permissions } from "./permissions.ts";

/** `deno run FLAGS cli.ts ARGS`, quoted for the shell. */
export function commandLine(permissions: Permissions, args: readonly string[]): string {
  const folders = (paths: readonly string[] = []) => paths.map(withoutComma);
  const { read, write } = permissions;
  const grantable = joinPermissions({ read: folders(read), write: folders(write) }, {
    net: permissions.net,
    env: permissions.env,
  });
  return ["deno", "run", ...permissionFlags(grantable), cli(), ...args].map(quoted).join(" ");
}

/**
 * The path, or the nearest folder above that has no comma in its path. Deno 2.9 takes every comma for the end of a path; before,
 * two stood for one in it, and that it refuses now.
 */
function withoutComma(path: string): string {
  while (path.includes(",")) path = folderOf(path);
  return path;
}

/** `deno run -P=SET cli.ts WORDS`, with the permissions that `deno.json` names. */
export const shortCommandLine = (set: string, words: readonly string[]): string =>
  ["deno", "run", `-P=${set}`, cli(), ...words].map(quoted).join(" ");

/** Where `cli.ts` is. */
function cli(): string {
  const { protocol, pathname, href } = new URL("../../cli.ts", import.meta.url);
  if (protocol !== "file:") return href;
  return shortPath(decodeURIComponent(Deno.build.os === "windows" ? pathname.slice(1) : pathname));
}

/** A word as a shell reads it back: bare where that is safe. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (Deno.build.os === "windows") return `"${word.replaceAll('"', '\\"')}"`;
  if (visible(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const bytes = [...new TextEncoder().encode(word)];
  const shown = (byte: number) =>
    byte < 32 || byte > 126 || byte === 39 || byte === 92
      ? `\\x${byte.toString(16).padStart(2, "0")}`
      : String.fromCharCode(byte);
  return `$'${bytes.map(shown).join("")}'`;
}
