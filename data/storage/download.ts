/** A file from the web of which size and SHA-256 are known, fetched over connections that break. */
import { DownloadError } from "./download_error.ts";
import { fileHash } from "./file_hash.ts";
import { fileSize } from "./file_size.ts";
import { pause } from "./pause.ts";
import { type Fetch, Interrupted, receive, Refused } from "./receive.ts";
import { replaceFile } from "./write_atomic.ts";
import { plainFile } from "./write_door.ts";

/** How far a download is; see {@linkcode DownloadOptions.onProgress}. */
export interface DownloadProgress {
  /** Bytes on disk so far, those of an earlier, broken download included. */
  received: number;
  /** Bytes of the whole file. */
  total: number;
  /** Which try this is, from 1. */
  attempt: number;
}

/** What is known of the file, and how to fetch it. */
export interface DownloadOptions {
  /** The file's exact size in bytes. Never more than that is stored. */
  bytes: number;
  /** The file's SHA-256, 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Stops the download, which rejects with the signal's reason; what has arrived is kept for the next call. */
  signal?: AbortSignal;
  /** Called whenever bytes have arrived, often many times a second. */
  onProgress?: (progress: DownloadProgress) => void;
  /** How many tries follow the first one. Default 5. */
  retries?: number;
  /** The pause before the second try in milliseconds; each further one is twice as long, up to 30 s. Default 500. */
  retryDelay?: number;
  /**
   * How long nothing, or less than 4 KiB a second, may arrive before a connection counts as broken, in milliseconds.
   * Default 15,000.
   */
  stallTimeout?: number;
  /** What fetches. Default the global `fetch`. */
  fetch?: Fetch;
}

const longestPause = 30_000;

/**
 * Fetches `url` to `file`. What arrives is kept in `FILE.part`, and a later try or call goes on from there; the
 * file gets its name only when size and SHA-256 are right. A file that is already there and right is not fetched.
 *
 * A broken or stalled connection and the answers 408, 425, 429 and 5xx are tried again, after pauses that double
 * and vary at random, so that many clients do not come back together. A server that no try has reached is asked
 * only twice, so that a machine with no network soon knows. Any other answer, another size, or another hash ends
 * the download at once with a {@linkcode DownloadError}. Redirects may lead to `https:`, or stay on one origin, or
 * on the loopback interface. A server that compresses on the way though it was asked not to is put up with.
 *
 * Where `FILE.part` is a link, or the file has another name, too, a `RangeError` is thrown.
 *
 * Needs permission for the hosts, and to read and write the folder of `file`, which must exist.
 *
 * ```ts ignore
 * await download("https://example.com/data.bin", ".gesso/data.bin", { bytes: 1000, sha256: "c4a3..." });
 * ```
 */
export async function download(url: string | URL, file: string, options: DownloadOptions): Promise<void> {
  const { bytes, sha256, signal, onProgress, retries = 5, retryDelay = 500 } = options;
  const { stallTimeout = 15_000, fetch = globalThis.fetch } = options;
  const address = URL.parse(url);
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new TypeError(`Cannot download ${url}: it is no http or https address`);
  }
  signal?.throwIfAborted();
  if (await fileSize(file) === bytes && await fileHash(file, signal) === sha256) return;

  const part = `${file}.part`;
  const fail = (reason: string, cause: Error) =>
    new DownloadError(address.href, `${reason}, or put the file at ${file} by other means`, { cause });
  let reached = false;
  let keepEncoding = false;
  for (let attempt = 1;; attempt++) {
    const resumed = ((await plainFile(part, { onlyName: true }))?.size ?? 0) > 0;
    const onBytes = (received: number) => onProgress?.({ received, total: bytes, attempt });
    try {
      const { wasDecoded } = await receive(address, part, {
        bytes,
        stallTimeout,
        keepEncoding,
        fetch,
        signal,
        onBytes,
      });
      const hash = await fileHash(part, signal);
      if (hash === sha256) return await replaceFile(part, file);
      await Deno.remove(part);
      // Pieces may be of two versions of the file, and deserve another try; one that came whole is the wrong file.
      if (!resumed) {
        throw new Refused(`the server's file has SHA-256 ${hash}, expected ${sha256}`, { wasDecoded });
      }
      throw new Interrupted(`the pieces made a file with SHA-256 ${hash}, expected ${sha256}`, {
        reached: true,
      });
    } catch (error) {
      if (error instanceof Refused && error.wasDecoded && !keepEncoding) {
        keepEncoding = true; // the file may be what the server calls encoded
        continue;
      }
      if (error instanceof Refused) throw fail(`${error.message}; name another mirror`, error);
      if (!(error instanceof Interrupted)) throw error;
      reached ||= error.reached;
      if (attempt > (reached ? retries : Math.min(retries, 1))) {
        throw fail(`${error.message}, at try ${attempt}; call again to go on, name another mirror`, error);
      }
      const delay = Math.max(retryDelay * 2 ** (attempt - 1) * (0.5 + Math.random()), error.retryAfter);
      await pause(Math.min(delay, longestPause), signal);
    }
  }
}
