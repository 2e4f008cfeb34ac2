import { assertEquals, assertLess, assertRejects } from "@std/assert";
import { pause } from "../../data/storage/pause.ts";

Deno.test("pause() ends after its time", async () => {
  const start = performance.now();
  await pause(20, new AbortController().signal);
  assertLess(19, performance.now() - start);
});

Deno.test("pause() ends at once with the signal's reason", async () => {
  const stop = new AbortController();
  const start = performance.now();
  const paused = pause(60_000, stop.signal);
  stop.abort(new Error("enough"));
  await assertRejects(() => paused, Error, "enough");
  await assertRejects(() => pause(60_000, stop.signal), Error, "enough");
  assertLess(performance.now() - start, 1000);
});

Deno.test("pause() does without a signal", async () => {
  assertEquals(await pause(1), undefined);
});
