/** Names of runs by what they learn from. */

/** What a folder is called, as the name of a run can have it; `pictures`, say, where nothing is left of it. */
export function nameOfPath(path: string, otherwise: string): string {
  const name = path.split(/[/\\]+/).findLast((part) => !["", ".", ".."].includes(part)) ?? "";
  return name.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-").replaceAll(/^-+|-+$/g, "") || otherwise;
}

/** The same of what may be a file, too: without what the file's name ends in. */
export const nameOfFile = (path: string, otherwise: string): string =>
  nameOfPath(path.replace(/\.\w+$/, ""), otherwise);
