/** A server on the loopback interface that misbehaves as told, for the tests of the fetcher. */

/** A running server; `await using` stops it. */
export interface TestServer extends AsyncDisposable {
  /** The address of `/file`. */
  readonly url: string;
  /** The `Range` header of each request so far, or `"whole"`. */
  readonly requests: string[];
}

/** Answers each request with `handler`; `count` is 1 for the first. */
export function serve(
  handler: (request: Request, count: number) => Response | Promise<Response>,
): TestServer {
  const requests: string[] = [];
  const stop = new AbortController();
  const server = Deno.serve(
    {
      port: 0,
      hostname: "127.0.0.1",
      signal: stop.signal,
      onListen() {},
      onError: () => new Response(null, { status: 500 }),
    },
    (request) => {
      requests.push(request.headers.get("range") ?? "whole");
      return handler(request, requests.length);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/file`,
    requests,
    async [Symbol.asyncDispose]() {
      stop.abort(); // not a shutdown, which would wait for answers that never end
      await server.finished;
    },
  };
}

/** Answers as a good server does: the range that is asked for. */
export function ranged(request: Request, bytes: Uint8Array): Response {
  const asked = request.headers.get("range")?.match(/^bytes=(\d+)-$/);
  if (!asked) return new Response(bytes as BodyInit);
  const start = Number(asked[1]);
  return new Response(bytes.subarray(start) as BodyInit, {
    status: 206,
    headers: { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` },
  });
}

/** A body that gives `bytes`, then breaks the connection, or, with `stall`, stays silent. */
export function broken(bytes: Uint8Array, how: "break" | "stall" = "break"): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    async pull(controller) {
      if (!sent) {
        controller.enqueue(bytes);
        sent = true;
      } else if (how === "break") {
        await new Promise((done) => setTimeout(done, 20)); // or the bytes would be lost with the connection
        controller.error(new Error("broken on purpose"));
      } else {
        await new Promise(() => {});
      }
    },
  });
}
