/** What a file is known by. */
import { closing } from "../../engine/file_access.ts";

/**
 * The SHA-256 of a file in hexadecimal digits, read in pieces: WebCrypto would need it in memory at once.
 *
 * @param signal Stops, rejecting with its reason.
 */
export async function fileHash(file: string, signal?: AbortSignal): Promise<string> {
  const { createHash } = await import("node:crypto"); // loaded when used, as it takes some 30 ms
  const hash = createHash("sha256");
  await closing(await Deno.open(file), async (source) => {
    const buffer = new Uint8Array(1 << 20);
    for (let count; (count = await source.read(buffer)) !== null;) {
      signal?.throwIfAborted();
      hash.update(buffer.subarray(0, count));
    }
  });
  return hash.digest("hex");
}
