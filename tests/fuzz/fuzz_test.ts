import { assert, assertEquals } from "@std/assert";

Deno.test("changed files of every kind are read or refused, in little memory", async () => {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--v8-flags=--max-old-space-size=128",
      new URL("run.ts", import.meta.url).href,
      "250",
    ],
    signal: AbortSignal.timeout(120_000), // it takes a second or two
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert(success, said + new TextDecoder().decode(stderr));
  const peaks = [...said.matchAll(/ (\d+) MB at most/g)].map(([, peak]) => Number(peak));
  assertEquals(peaks.length, 8, said);
  assert(Math.max(...peaks) < 400, said);
});
