/** What killed runs have left. */
import { temporaryEnd } from "../../data/storage/leftovers.ts";
import { files, listRuns, RUNS, tryHold } from "./run_folder.ts";

/** Removes temporary files from the folders of runs that no process trains. What cannot be removed is left. */
export async function sweepRuns(): Promise<void> {
  for (const run of await listRuns()) {
    const folder = `${RUNS}/${run}`;
    const left: string[] = [];
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && name.startsWith(".") && temporaryEnd.test(name)) left.push(`${folder}/${name}`);
    }
    if (left.length === 0) continue;
    try {
      using held = await tryHold(`${folder}/${files.options}`);
      if (held) { for (const path of left) await Deno.remove(path); }
    } catch { /* It may have been removed, or belong to another person. */ }
  }
}
