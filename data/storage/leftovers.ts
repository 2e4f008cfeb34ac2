/** What killed processes have left. */
import { closing } from "../../engine/file_access.ts";
import { folderOf, nameOf } from "./write_door.ts";

/**
 * Removes temporary files of `path` whose writers are no more. A writer holds a lock on its file, which the system
 * takes away with the process, so that one which is being written is left alone.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = folderOf(path);
  const begin = `.${nameOf(path)}.`;
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile || !name.startsWith(begin) || name.search(temporaryEnd) !== begin.length - 1) continue;
    const leftover = `${folder}/${name}`;
    try {
      await closing(await Deno.open(leftover), async (file) => {
        if (await file.tryLock(true)) await Deno.remove(leftover);
      });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // another one has removed it
    }
  }
}

/** The end of the name of a file that is being written, or was when its writer was killed. */
export const temporaryEnd = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;
