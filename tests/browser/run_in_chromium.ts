/**
 * Whether Gesso runs in a browser: bundles `page.ts`, opens it in Chromium without a window, and looks at what it computes.
 * Not one of the tests, as these run where there is no browser (Debian: the package `chromium`).
 *
 *     deno run -A tests/browser/run_in_chromium.ts [CHROMIUM]
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";

const PATIENCE_MS = 300_000;
const folder = await Deno.makeTempDir();
const script = `${folder}/page.js`;
const bundle = await new Deno.Command(Deno.execPath(), {
  args: ["bundle", "--platform=browser", "-o", script, new URL("page.ts", import.meta.url).pathname],
  stdout: "null",
}).output();
assert(bundle.success, "deno bundle failed");

const answer = Promise.withResolvers<Record<string, number[]>>();
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/report") answer.resolve(await request.json());
  const body = pathname === "/page.js"
    ? await Deno.readTextFile(script)
    : '<!doctype html><script type="module" src="page.js"></script>';
  const type = pathname === "/page.js" ? "text/javascript" : "text/html";
  return new Response(body, { headers: { "content-type": type } });
});
const browser = new Deno.Command(Deno.args[0] ?? "chromium", {
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu-sandbox",
    "--no-first-run",
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    `--user-data-dir=${folder}/profile`,
    `http://127.0.0.1:${server.addr.port}/`,
  ],
  stdout: "null",
  stderr: "null",
}).spawn();
const timer = setTimeout(() => answer.reject(new Error("The browser gave no answer")), PATIENCE_MS);
try {
  const found = await answer.promise;
  console.log(found);
  assertEquals(found.error, undefined);
  assertEquals(found.sums, [523_776, 1_572_352, 2_620_928, 3_669_504]);
  assertEquals(found.mean, [1]);
  assertEquals(found.largest, [4095]);
  found.logSumExp.forEach((value) => assertAlmostEquals(value, Math.log(1024), 1e-5));
  assertEquals(found.product, [130 * 700 * 70]);
  assert(found.losses[1] < 0.9 * found.losses[0], `${found.losses}`);
} finally {
  clearTimeout(timer);
  browser.kill("SIGTERM");
  await browser.status;
  await server.shutdown();
  await Deno.remove(folder, { recursive: true });
}
console.log("Gesso runs in this browser");
