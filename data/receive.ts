/** One try at fetching a file: request, redirects, and the bytes to disk. */
import { fileSize } from "./file_size.ts";
import { writeAll } from "./write_atomic.ts";

/** What fetches: the global `fetch` or something that acts like it. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** What {@linkcode receive} needs to know. */
export interface ReceiveOptions {
  /** The size that the file must have, in bytes. */
  bytes: number;
  /** How long nothing may arrive, in milliseconds. */
  stallTimeout: number;
  /** What fetches. */
  fetch: Fetch;
  /** Stops, rejecting with the signal's reason. */
  signal?: AbortSignal;
  /** Called with the number of bytes on disk whenever it has grown. */
  onBytes: (received: number) => void;
}

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
}

/**
 * Adds to the file `part` what it lacks of the `bytes` bytes at `url`, asking for just that (RFC 9110, 14: `Range`).
 * A server that sends all from the start is taken at that. Returns when `part` has its size and is synced.
 *
 * Throws {@linkcode Interrupted} (what has arrived stays in `part`), {@linkcode Refused}, the signal's reason, or
 * what the file system or a missing permission throws.
 */
export async function receive(url: URL, part: string, options: ReceiveOptions): Promise<void> {
  const { bytes, stallTimeout, signal, onBytes } = options;
  let received = await fileSize(part) ?? 0;
  if (received > bytes) received = 0;
  if (received === bytes) return;

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
    const start = startOf(response, received, bytes);
    if (start === undefined) {
      await Deno.remove(part);
      throw new Interrupted("the server could not go on where it had stopped", { reached });
    }
    using file = await Deno.open(part, {
      create: true,
      ...(start > 0 ? { append: true } : { write: true, truncate: true }),
    });
    onBytes(received = start);
    const reader = response.body?.getReader();
    for (let next; reader && !(next = await patiently(() => reader.read())).done;) {
      if (received + next.value.length > bytes) {
        await file.truncate(0);
        throw new Refused(`the server sends more than the expected ${bytes} bytes`);
      }
      await writeAll(file, next.value);
      onBytes(received += next.value.length);
    }
    if (received < bytes) {
      throw new Interrupted(`the connection ended after ${received} of ${bytes} bytes`, { reached });
    }
    await file.sync();
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
    url = next;
  }
  throw new Refused("the server points from one address to the next without end");
}

function isLoopback(url: URL): boolean {
  return url.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
}

/** At which byte of the file the answer's body starts; `undefined` when the rest that was asked for can't be had. */
function startOf(response: Response, asked: number, bytes: number): number | undefined {
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
  if (status === 206) {
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
