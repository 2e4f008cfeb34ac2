import { assert, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { download, type DownloadOptions, type DownloadProgress } from "../../data/storage/download.ts";
import { DownloadError } from "../../data/storage/download_error.ts";
import { gzip, sha256 } from "./make_tar.ts";
import { broken, ranged, serve } from "./serve.ts";
import { temporary } from "./temporary.ts";

const body = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) >> 7);
const known: DownloadOptions = { bytes: body.length, sha256: await sha256(body), retryDelay: 10 };
const half = body.length / 2;

/** `assertEquals` would take minutes to show how two large arrays differ. */
async function assertHolds(path: string, bytes: Uint8Array): Promise<void> {
  const held = await Deno.readFile(path);
  assert(
    held.length === bytes.length && held.every((byte, i) => byte === bytes[i]),
    `${path} holds something else`,
  );
}

Deno.test("download() fetches a file, reports progress, and leaves nothing else", async () => {
  await using folder = await temporary();
  await using server = serve((request) => ranged(request, body));
  const seen: DownloadProgress[] = [];
  await download(server.url, `${folder.path}/file`, {
    ...known,
    onProgress: (progress) => seen.push(progress),
  });
  await assertHolds(`${folder.path}/file`, body);
  assertEquals(folder.names(), ["file"]);
  assertEquals(seen[0], { received: 0, total: body.length, attempt: 1 });
  assertEquals(seen.at(-1), { received: body.length, total: body.length, attempt: 1 });
});

Deno.test("download() does not fetch what is there and right, and replaces what is wrong", async () => {
  await using folder = await temporary();
  await using server = serve((request) => ranged(request, body));
  await Deno.writeFile(`${folder.path}/file`, body);
  await download(server.url, `${folder.path}/file`, known);
  assertEquals(server.requests, []);
  await Deno.writeFile(`${folder.path}/file`, body.toReversed());
  await download(server.url, `${folder.path}/file`, known);
  await assertHolds(`${folder.path}/file`, body);
  assertEquals(server.requests, ["whole"]);
});

Deno.test("download() goes on with the part of an earlier call", async () => {
  await using folder = await temporary();
  await using server = serve((request) => ranged(request, body));
  await Deno.writeFile(`${folder.path}/file.part`, body.subarray(0, half));
  await download(server.url, `${folder.path}/file`, known);
  await assertHolds(`${folder.path}/file`, body);
  assertEquals(server.requests, [`bytes=${half}-`]);
  await Deno.rename(`${folder.path}/file`, `${folder.path}/file.part`);
  await download(server.url, `${folder.path}/file`, known); // the part is the whole
  assertEquals(server.requests.length, 1);
});

Deno.test("download() resumes a broken file", async () => {
  await using folder = await temporary();
  await using server = serve((request, count) => {
    const start = Number(request.headers.get("range")?.match(/\d+/)?.[0] ?? 0);
    if (count > 3) return ranged(request, body);
    const { status, headers } = ranged(request, body);
    return new Response(broken(body.subarray(start, start + 30_000)), { status, headers });
  });
  await download(server.url, `${folder.path}/file`, known);
  await assertHolds(`${folder.path}/file`, body);
  assertEquals(server.requests, ["whole", "bytes=30000-", "bytes=60000-", "bytes=90000-"]);
});

Deno.test("download() starts over when the server ignores the range, can't serve it, or answers another", async () => {
  const answers: ((request: Request) => Response)[] = [
    () => new Response(body),
    () => new Response(null, { status: 416 }),
    () =>
      new Response(body.subarray(5), { status: 206, headers: { "content-range": "bytes 5-199999/200000" } }),
    () => new Response(body.subarray(5), { status: 206 }),
  ];
  for (const answer of answers) {
    await using folder = await temporary();
    await using server = serve((request, count) => count === 1 ? answer(request) : ranged(request, body));
    await Deno.writeFile(`${folder.path}/file.part`, body.subarray(0, half));
    await download(server.url, `${folder.path}/file`, known);
    await assertHolds(`${folder.path}/file`, body);
    assert(server.requests.length <= 2);
  }
});

Deno.test("download() starts over when the part is too long or the pieces do not fit together", async () => {
  for (const part of [new Uint8Array(body.length + 1), new Uint8Array(half), new Uint8Array(body.length)]) {
    await using folder = await temporary();
    await using server = serve((request) => ranged(request, body));
    await Deno.writeFile(`${folder.path}/file.part`, part);
    await download(server.url, `${folder.path}/file`, known);
    await assertHolds(`${folder.path}/file`, body);
    assertEquals(server.requests.at(-1), "whole");
  }
});

Deno.test("download() gives up a stalled connection and goes on", async () => {
  await using folder = await temporary();
  await using server = serve((request, count) => {
    if (count === 1) return new Response(broken(body.subarray(0, half), "stall"));
    if (count === 2) return new Promise(() => {});
    return ranged(request, body);
  });
  await download(server.url, `${folder.path}/file`, { ...known, stallTimeout: 100 });
  await assertHolds(`${folder.path}/file`, body);
  assertEquals(server.requests, ["whole", `bytes=${half}-`, `bytes=${half}-`]);
});

Deno.test("download() gives up connections that bring a byte now and then", async () => {
  await using folder = await temporary();
  await using server = serve((request) => {
    const start = Number(request.headers.get("range")?.match(/\d+/)?.[0] ?? 0);
    let at = start;
    const trickle = new ReadableStream({
      async pull(controller) {
        await new Promise((done) => setTimeout(done, 10));
        controller.enqueue(body.subarray(at, ++at));
      },
    });
    const { status, headers } = ranged(request, body);
    return new Response(trickle, { status, headers });
  });
  const failed = () =>
    download(server.url, `${folder.path}/file`, { ...known, retries: 2, stallTimeout: 100 });
  const error = await assertRejects(failed, DownloadError, "less than 4096 a second, at try 3");
  assertStringIncludes(error.message, "bytes arrived in 0.1 s");
  assertEquals(server.requests.length, 3);
});

/** The body, compressed, and what servers say of it. */
const packed = await gzip(body);
const encodedReplies: [title: string, body: Uint8Array, headers: Record<string, string>][] = [
  ["gzip with the size of what is sent", packed, { "content-length": `${packed.length}` }],
  ["gzip of no known size", packed, {}],
  ["x-gzip", packed, { "content-encoding": "x-gzip" }],
  ["gzip, meaning the file itself, of the file's size", body, { "content-length": `${body.length}` }],
  ["gzip, meaning the file itself, of no known size", body, {}],
];
for (const [title, sent, headers] of encodedReplies) {
  Deno.test(`download() takes a reply encoded as ${title}`, async () => {
    await using folder = await temporary();
    const reply = (bytes: Uint8Array) =>
      new Response(bytes as BodyInit, { headers: { "content-encoding": "gzip", ...headers } });
    await using server = serve((_, count) => count === 1 ? new Response(null, { status: 503 }) : reply(sent));
    await Deno.writeFile(`${folder.path}/file.part`, body.subarray(0, half));
    await download(server.url, `${folder.path}/file`, known);
    await assertHolds(`${folder.path}/file`, body);
    assertEquals(folder.names(), ["file"]);
  });
}

Deno.test("download() takes an archive whose server names the archive's own compression, whole and in parts", async () => {
  await using folder = await temporary();
  const archive = { ...known, bytes: packed.length, sha256: await sha256(packed) };
  await using server = serve((request) => {
    const reply = ranged(request, packed);
    reply.headers.set("content-encoding", "gzip");
    return reply;
  });
  for (const there of [0, 1000]) {
    await Deno.writeFile(`${folder.path}/file.part`, packed.subarray(0, there));
    await download(server.url, `${folder.path}/file`, archive);
    await assertHolds(`${folder.path}/file`, packed);
    await Deno.remove(`${folder.path}/file`);
  }
  assertEquals(server.requests.at(-1), "bytes=1000-");
});

Deno.test("download() never stores more of an encoded reply than it expects, and refuses encodings that it does not know", async () => {
  await using folder = await temporary();
  const bomb = await gzip(new Uint8Array(50_000_000));
  await using server = serve(() =>
    new Response(bomb as BodyInit, { headers: { "content-encoding": "gzip" } })
  );
  await assertRejects(() => download(server.url, `${folder.path}/file`, known), DownloadError);
  assert((Deno.statSync(`${folder.path}/file.part`).size) <= body.length);
  await using strange = serve(() =>
    new Response(body.subarray(1), { headers: { "content-encoding": "br" } })
  );
  const failed = () => download(strange.url, `${folder.path}/other`, known);
  await assertRejects(failed, DownloadError, "the server sends it encoded as br, and was asked not to");
});

Deno.test("download() writes nothing where its part is a link or has another name", async () => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  await using server = serve((request) => ranged(request, body));
  await Deno.writeTextFile(at("precious"), "old");
  for (const link of [Deno.symlink, Deno.link]) {
    await link(at("precious"), at("file.part"));
    const failed = () => download(server.url, at("file"), known);
    await assertRejects(failed, RangeError, `Cannot write ${at("file.part")}: `);
    await Deno.remove(at("file.part"));
  }
  assertEquals([server.requests.length, await Deno.readTextFile(at("precious"))], [0, "old"]);
});

Deno.test("download() tries again after 500, 503 and 429, not before it may", async () => {
  await using folder = await temporary();
  const statuses = [500, 503, 429];
  await using server = serve((request, count) =>
    count <= 3
      ? new Response("no", {
        status: statuses[count - 1],
        headers: count === 2 ? { "retry-after": "1" } : {},
      })
      : ranged(request, body)
  );
  const start = performance.now();
  const attempts: number[] = [];
  await download(server.url, `${folder.path}/file`, {
    ...known,
    onProgress: ({ attempt }) => attempts.push(attempt),
  });
  assertLess(1000, performance.now() - start);
  assertEquals([server.requests.length, attempts[0]], [4, 4]);
});

Deno.test("download() gives up after its tries, and says what was tried and the way out", async () => {
  await using folder = await temporary();
  await using server = serve(() => new Response("no", { status: 500 }));
  const failed = () => download(server.url, `${folder.path}/file`, { ...known, retries: 3 });
  const error = await assertRejects(failed, DownloadError);
  assertEquals(server.requests.length, 4);
  assertEquals(error.url, server.url);
  assertStringIncludes(
    error.message,
    `Cannot download ${server.url}: the server answers 500, at try 4; call again`,
  );
  assertStringIncludes(error.message, `or put the file at ${folder.path}/file by other means`);
  assert(error.cause instanceof Error && !error.message.endsWith("."));
});

Deno.test("download() does not ask again after 404", async () => {
  await using folder = await temporary();
  await using server = serve(() => new Response("no", { status: 404 }));
  await assertRejects(
    () => download(server.url, `${folder.path}/file`, known),
    DownloadError,
    "the server answers 404",
  );
  assertEquals(server.requests.length, 1);
});

Deno.test("download() asks twice for a server that can't be reached", async () => {
  await using folder = await temporary();
  let count = 0;
  const fetch = (url: URL, init: RequestInit) => {
    count++;
    return globalThis.fetch(url, init);
  };
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const url = `http://127.0.0.1:${listener.addr.port}/file`;
  listener.close();
  const error = await assertRejects(
    () => download(url, `${folder.path}/file`, { ...known, fetch }),
    DownloadError,
  );
  assertEquals(count, 2);
  assertStringIncludes(error.message.toLowerCase(), "refused");
});

Deno.test("download() refuses another file than the expected one, and leaves nothing", async () => {
  const wrong: [() => Response, string][] = [
    [() => new Response(body.toReversed()), "the server's file has SHA-256"],
    [() => new Response(body.subarray(1)), "the server's file has 199999 bytes, expected 200000"],
    [() => new Response(body.subarray(1), { headers: { "content-length": "199999" } }), "has 199999 bytes"],
  ];
  for (const [answer, message] of wrong) {
    await using folder = await temporary();
    await using server = serve(answer);
    await assertRejects(() => download(server.url, `${folder.path}/file`, known), DownloadError, message);
    assertEquals(server.requests.length, 1);
    assertEquals(folder.names(), []);
  }
});

Deno.test("download() refuses to go on with a file that has become another size", async () => {
  await using folder = await temporary();
  await using server = serve(() =>
    new Response(body.subarray(half), {
      status: 206,
      headers: { "content-range": `bytes ${half}-299999/300000` },
    })
  );
  await Deno.writeFile(`${folder.path}/file.part`, body.subarray(0, half));
  await assertRejects(
    () => download(server.url, `${folder.path}/file`, known),
    DownloadError,
    "has 300000 bytes",
  );
});

Deno.test("download() never stores more than it expects", async () => {
  await using folder = await temporary();
  let most = 0;
  const endless = () => {
    const chunk = new Uint8Array(50_000);
    return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
  };
  await using server = serve(endless);
  const onProgress = ({ received }: DownloadProgress) => most = Math.max(most, received);
  const failed = () => download(server.url, `${folder.path}/file`, { ...known, onProgress });
  await assertRejects(failed, DownloadError, "the server sends more than the expected 200000 bytes");
  assert(most <= body.length);
  assertEquals([server.requests.length, Deno.statSync(`${folder.path}/file.part`).size], [1, 0]);
});

Deno.test("download() asks for the file as it is, not compressed on the way", async () => {
  await using folder = await temporary();
  await using server = serve((request) => {
    assertEquals(request.headers.get("accept-encoding"), "identity");
    return ranged(request, body);
  });
  await download(server.url, `${folder.path}/file`, known);
});

Deno.test("download() follows redirects on the loopback interface and to https, and no others", async () => {
  await using folder = await temporary();
  await using target = serve((request) => ranged(request, body));
  const to = (location: string) => new Response(null, { status: 302, headers: { location } });
  await using server = serve((request) =>
    new URL(request.url).pathname === "/next" ? to(target.url) : to("/next")
  );
  await download(server.url, `${folder.path}/file`, known);
  await assertHolds(`${folder.path}/file`, body);

  const fetch = (url: URL) =>
    Promise.resolve(url.href === "https://mirror.test/b" ? new Response(body) : to("https://mirror.test/b"));
  await download("http://start.test/a", `${folder.path}/other`, { ...known, fetch });
  await assertHolds(`${folder.path}/other`, body);

  for (
    const location of [
      "http://mirror.test/b",
      "http://127.0.0.1/b",
      "file:///etc/passwd",
      "data:,x",
      "ftp://a/b",
    ]
  ) {
    const sent = () => Promise.resolve(to(location));
    const failed = () => download("https://start.test/a", `${folder.path}/none`, { ...known, fetch: sent });
    await assertRejects(failed, DownloadError, `the server points to ${location}, which is not https`);
  }
});

Deno.test("download() does not follow redirects without end", async () => {
  await using folder = await temporary();
  await using server = serve(() => new Response(null, { status: 302, headers: { location: "/again" } }));
  await assertRejects(() => download(server.url, `${folder.path}/file`, known), DownloadError, "without end");
  assertEquals(server.requests.length, 6);
});

Deno.test("download() stops promptly when it is aborted, and keeps what has arrived", async () => {
  await using folder = await temporary();
  await using stalled = serve(() => new Response(broken(body.subarray(0, half), "stall")));
  await using failing = serve(() => new Response("no", { status: 500 }));
  for (const url of [stalled.url, failing.url]) {
    const stop = new AbortController();
    const options = { ...known, retryDelay: 60_000, signal: stop.signal };
    const running = download(url, `${folder.path}/file`, options);
    setTimeout(() => stop.abort(new Error("enough")), 100);
    await assertRejects(() => running, Error, "enough");
    await assertRejects(() => download(url, `${folder.path}/file`, options), Error, "enough");
  }
  assertEquals([folder.names(), Deno.statSync(`${folder.path}/file.part`).size], [["file.part"], half]);
});

Deno.test("download() passes on what a missing permission or the file system throws", async () => {
  await using folder = await temporary();
  const denied = () => Promise.reject(new Deno.errors.NotCapable("Requires net access"));
  const options = { ...known, fetch: denied };
  await assertRejects(
    () => download("https://a.test/", `${folder.path}/file`, options),
    Deno.errors.NotCapable,
  );
  await using server = serve((request) => ranged(request, body));
  await assertRejects(() => download(server.url, `${folder.path}/none/file`, known), Deno.errors.NotFound);
});

Deno.test("download() takes http and https addresses only", async () => {
  for (const url of ["file:///etc/passwd", "data:,x", "nonsense", ""]) {
    await assertRejects(
      () => download(url, "file", known),
      TypeError,
      `Cannot download ${url}: it is no http`,
    );
  }
});
