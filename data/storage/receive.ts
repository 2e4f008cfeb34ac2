/** One try at fetching a file: request, redirects, and the bytes to disk. */
import { closing } from "../../engine/file_access.ts";
import { ofFile, writeAll } from "./write_atomic.ts";
import { openFile, plainFile } from "./write_door.ts";

/** What fetches: the global `fetch` or something that acts like it. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** What {@linkcode receive} needs to know. */
export interface ReceiveOptions {
  /** The size that the file must have, in bytes. */
  bytes: number;
  /** How long nothing, or less than {@linkcode leastRate}, may arrive, in milliseconds. */
  stallTimeout: number;
  /** Take a body that is said to be encoded as it is: the file itself is what the server calls so. */
  keepEncoding?: boolean;
  /** What fetches. */
  fetch: Fetch;
  /** Stops, rejecting with the signal's reason. */
  signal?: AbortSignal;
  /** Called with the number of bytes on disk whenever it has grown. */
  onBytes: (received: number) => void;
}

/** Bytes a second that a connection must bring; else one byte now and then would keep it up for years. */
const leastRate = 4096;

/** Thrown when another try may succeed. */
export class Interrupted extends Error {
  /** `"Interrupted"` */
  override readonly name = "Interrupted";
  /** Whether a server answered at all. */
  readonly reached: boolean;
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfter: number;

  /** Makes an error from a reason that continues `Cannot download URL: `. */
  constructor(reason: string, options: { reached: boolean; retryAfter?: number; cause?: unknown }) {
    super(reason, { cause: options.cause });
    this.reached = options.reached;
    this.retryAfter = options.retryAfter ?? 0;
  }
}

/** Thrown when another try would end the same way. */
export class Refused extends Error {
  /** `"Refused"` */
  override readonly name = "Refused";
  /** Whether what arrived was decoded first, which may have been the mistake. */
  readonly wasDecoded: boolean;

  /** Makes an error from a reason that continues `Cannot download URL: `. */
  constructor(reason: string, options: { wasDecoded?: boolean } = {}) {
    super(reason);
    this.wasDecoded = options.wasDecoded ?? false;
  }
}

/**
 * Adds to the file `part` what it lacks of the `bytes` bytes at `url`, asking for just that (RFC 9110, 14: `Range`).
 * A server that sends all from the start is taken at that. Returns when `part` has its size and is synced; the result
 * tells whether the bytes were decoded from what the server sent.
 *
 * Throws {@linkcode Interrupted} (what has arrived stays in `part`), {@linkcode Refused}, the signal's reason, or
 * what the file system or a missing permission throws.
 */
export async function receive(
  url: URL,
  part: string,
  options: ReceiveOptions,
): Promise<{ wasDecoded: boolean }> {
  const { bytes, stallTimeout, signal, onBytes } = options;
  let received = (await plainFile(part, { onlyName: true }))?.size ?? 0;
  if (received > bytes) received = 0;
  if (received === bytes) return { wasDecoded: false };

  let reached = false;
  let stalled = false;
  const connection = new AbortController();
  const either = signal ? AbortSignal.any([signal, connection.signal]) : connection.signal;
  const patiently = async <T>(step: () => Promise<T>): Promise<T> => {
    const timer = setTimeout(() => {
      stalled = true;
      connection.abort();
    }, stallTimeout);
    try {
      return await step();
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof Deno.errors.NotCapable) throw cause;
      throw new Interrupted(stalled ? `nothing arrived for ${stallTimeout / 1000} s` : said(cause), {
        reached,
        cause,
      });
    } finally {
      clearTimeout(timer);
    }
  };

  try {
    const response = await follow(url, (address) =>
      patiently(() =>
        options.fetch(address, {
          // `identity`: the size and hash are those of the file, not of a transport's compression of it.
          headers: { "accept-encoding": "identity", ...(received > 0 && { range: `bytes=${received}-` }) },
          redirect: "manual",
          signal: either,
        })
      ));
    reached = true;
    const decoder = decoderFor(response, bytes, options.keepEncoding);
    const wasDecoded = decoder !== undefined;
    const start = startOf(response, received, bytes, wasDecoded);
    if (start === undefined) {
      await Deno.remove(part);
      throw new Interrupted("the server could not go on where it had stopped", { reached });
    }
    await closing(await openFile(part, { onlyName: true }), async (file) => {
      await file.truncate(start);
      await file.seek(start, Deno.SeekMode.Start);
      onBytes(received = start);
      const pace = new Pace(stallTimeout);
      const body = decoder ? response.body?.pipeThrough(decoder) : response.body;
      const reader = body?.getReader();
      const read = async () => {
        try {
          return await patiently(() => reader!.read());
        } catch (error) {
          if (!decoder || received > 0 || stalled || !(error instanceof Interrupted)) throw error;
          throw new Refused(`what the server sends is not encoded as it says: ${error.message}`, {
            wasDecoded,
          });
        }
      };
      for (let next; reader && !(next = await read()).done;) {
        if (received + next.value.length > bytes) {
          await file.truncate(0);
          throw new Refused(`the server sends more than the expected ${bytes} bytes`, { wasDecoded });
        }
        await writeAll(file, next.value).catch((error) => {
          throw ofFile(part, error);
        });
        onBytes(received += next.value.length);
        const slow = pace.tooSlow(next.value.length);
        if (slow !== undefined) throw new Interrupted(slow, { reached });
      }
      if (received < bytes) {
        throw new Interrupted(`the connection ended after ${received} of ${bytes} bytes`, { reached });
      }
      await file.sync();
    });
    return { wasDecoded };
  } finally {
    connection.abort(); // whatever is still under way
  }
}

/** Follows redirects, to `https:`, within an origin, or within the loopback interface. */
async function follow(url: URL, request: (url: URL) => Promise<Response>): Promise<Response> {
  for (let hops = 0; hops <= 5; hops++) {
    const response = await request(url);
    const location = [301, 302, 303, 307, 308].includes(response.status) && response.headers.get("location");
    if (!location) return response;
    await response.body?.cancel();
    const next = URL.parse(location, url);
    if (
      !next ||
      !(next.protocol === "https:" || next.origin === url.origin || isLoopback(next) && isLoopback(url))
    ) {
      throw new Refused(`the server points to ${location}, which is not https`);
    }
    await requireNet(next);
    url = next;
  }
  throw new Refused("the server points from one address to the next without end");
}

/** Throws what Deno throws where a host is not permitted; at a terminal Deno would ask first, and wait for an answer. */
async function requireNet({ host }: URL): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "net", host });
  if (state === "granted") return;
  throw new Deno.errors.NotCapable(
    `Requires net access to "${host}", run again with the --allow-net flag`,
  );
}

function isLoopback(url: URL): boolean {
  return url.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
}

/** Watches that enough arrives, in stretches of time. */
class Pace {
  readonly #stretch: number;
  #begin = performance.now();
  #arrived = 0;

  constructor(stretch: number) {
    this.#stretch = stretch;
  }

  /** Takes note of bytes; says so when there were too few in the stretch that ends with them. */
  tooSlow(count: number): string | undefined {
    this.#arrived += count;
    const milliseconds = performance.now() - this.#begin;
    if (milliseconds < this.#stretch) return undefined;
    const rate = this.#arrived / milliseconds * 1000;
    if (rate < leastRate) {
      return `only ${this.#arrived} bytes arrived in ${(milliseconds / 1000).toFixed(1)} s, ` +
        `less than ${leastRate} a second`;
    }
    this.#begin += milliseconds;
    this.#arrived = 0;
    return undefined;
  }
}

/**
 * What undoes the encoding of a body that came encoded though it was asked for as it is; `undefined` where nothing has
 * to be undone. A server that names the compression of the file itself, as some do for `.gz`, gives the file's size.
 */
function decoderFor(
  response: Response,
  bytes: number,
  keep = false,
): ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> | undefined {
  const { headers, status } = response;
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  const size = status === 206 ? headers.get("content-range")?.split("/")[1] : headers.get("content-length");
  if (keep || encoding === "identity" || encoding === "" || Number(size) === bytes || status >= 300) {
    return undefined;
  }
  const format = encoding === "x-gzip" ? "gzip" : encoding;
  if (format !== "gzip" && format !== "deflate") {
    throw new Refused(`the server sends it encoded as ${encoding}, and was asked not to`);
  }
  return new DecompressionStream(format) as ReadableWritablePair<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >;
}

/**
 * At which byte of the file the answer's body starts; `undefined` when the rest that was asked for can't be had: the
 * middle of an encoded body is of no use.
 */
function startOf(response: Response, asked: number, bytes: number, isEncoded: boolean): number | undefined {
  const { status, headers } = response;
  const size = (total: string | null) => {
    if (total !== null && Number(total) !== bytes) {
      throw new Refused(`the server's file has ${total} bytes, expected ${bytes}`);
    }
  };
  if (status === 200) {
    if (!headers.has("content-encoding")) size(headers.get("content-length"));
    return 0;
  }
  if (status === 206 && !isEncoded) {
    const range = headers.get("content-range")?.match(/^bytes (\d+)-\d+\/(\d+|\*)$/);
    if (range && range[2] !== "*") size(range[2]);
    if (Number(range?.[1]) === asked) return asked;
  }
  if (asked > 0 && (status === 206 || status === 416)) return undefined;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    throw new Interrupted(`the server answers ${status}`, { reached: true, retryAfter: retryAfter(headers) });
  }
  throw new Refused(`the server answers ${status}`);
}

/** What `Retry-After` asks for, in milliseconds; it holds seconds or a date. */
function retryAfter(headers: Headers): number {
  const asked = headers.get("retry-after") ?? "0";
  const wait = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now();
  return wait > 0 ? wait : 0; // also where the date could not be read
}

/** An error in its own words; `fetch` puts them into the cause. */
function said(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return (inner instanceof Error ? inner.message : String(inner)).replace(
    /^error sending request.*?\): /,
    "",
  );
}
