/** One process at a time. */
import { closing } from "../../engine/file_access.ts";
import { pause } from "./pause.ts";
import { openFile } from "./write_door.ts";

/**
 * Runs `work` while no other holder of the lock file does, in this process or another.
 *
 * The operating system's own file lock (`flock`, `LockFileEx`) is what counts, not the file's existence: it ends
 * with the process that holds it, killed or not, so that no lock is ever left over and none has to be broken by
 * age. The empty file itself stays, as removing it would let two holders in: one on the old file, one on a new one.
 *
 * Needs permission to read and write `path`, and nothing else.
 *
 * ```ts ignore
 * await withLock(".gesso/cifar-10.lock", () => fetchOnce(), { signal, onWait: () => console.error("waiting") });
 * ```
 *
 * @param path The lock file; its folder must exist. It must be a plain file, or nothing yet, and no link.
 * @param work What to do meanwhile.
 * @param options `signal`: stops waiting and rejects with its reason. `onWait`: called once when another holder has
 * to be waited for.
 * @returns What `work` returns.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: { signal?: AbortSignal; onWait?: () => void } = {},
): Promise<T> {
  const { signal, onWait } = options;
  signal?.throwIfAborted();
  // Closing the file unlocks it.
  return await closing(await openFile(path), async (file) => {
    for (let tries = 0; !await file.tryLock(true); tries++) {
      if (tries === 0) onWait?.();
      await pause(100, signal); // a blocking lock could not be called off
    }
    return await work();
  });
}
