/** The files in a folder and its folders. */
import type { Skipped } from "./skipped.ts";

/** The files of a folder and its folders, by name. Hidden ones are passed over; what is neither is added to `skipped`. */
export async function listFiles(path: string, skipped: Skipped[], prefix = ""): Promise<string[]> {
  const entries: Deno.DirEntry[] = [];
  for await (const entry of Deno.readDir(`${path}/${prefix}`)) entries.push(entry);
  entries.sort((a, b) => a.name < b.name ? -1 : 1); // by the numbers of their characters, as everywhere
  const files: string[] = [];
  for (const { name, isFile, isDirectory } of entries) {
    if (name.startsWith(".")) continue;
    const file = prefix + name;
    if (isFile) files.push(file);
    else if (isDirectory) files.push(...await listFiles(path, skipped, `${file}/`));
    else skipped.push({ file, reason: "it is a link, and no links are followed" });
  }
  return files;
}
