/** Files that a person names: they may be of any size, or have no end. */
import { closing } from "../../engine/file_access.ts";
import { UsageError } from "../../recipes/usage_error.ts";

/**
 * Reads a file, pipe or device of at most `most` bytes.
 *
 * @param what What is being read, for messages: `a file of options`.
 * @throws {UsageError} when there are more; then no memory is taken for what a file claims to have.
 */
export async function readFileUpTo(most: number, path: string, what: string): Promise<Uint8Array> {
  return await closing(await Deno.open(path), async (file) => {
    const { size } = await file.stat();
    let bytes = new Uint8Array(Math.min(size, most) + 1);
    let length = size > most ? size : 0;
    for (let count; length <= most && (count = await file.read(bytes.subarray(length))) !== null;) {
      length += count;
      if (length < bytes.length) continue;
      const larger = new Uint8Array(Math.min(2 * length + 4096, most + 1));
      if (length <= most) larger.set(bytes);
      bytes = larger;
    }
    if (length <= most) return bytes.subarray(0, length);
    throw new UsageError(
      `Cannot read ${path}: it has more than ${most} bytes, the most that ${what} has here`,
    );
  });
}
