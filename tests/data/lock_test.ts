import { assertEquals, assertRejects } from "@std/assert";
import { withLock } from "../../data/storage/lock.ts";
import { temporary } from "./temporary.ts";

const childUrl = new URL("./lock_child.ts", import.meta.url);

Deno.test("withLock() lets one in at a time and gives what it returns", async () => {
  await using folder = await temporary();
  let inside = 0, most = 0;
  const results = await Promise.all([1, 2, 3].map((i) =>
    withLock(`${folder.path}/lock`, async () => {
      most = Math.max(most, ++inside);
      await new Promise((done) => setTimeout(done, 10));
      inside--;
      return i;
    })
  ));
  assertEquals([results, most], [[1, 2, 3], 1]);
});

Deno.test("withLock() unlocks when the work fails", async () => {
  await using folder = await temporary();
  await assertRejects(
    () => withLock(`${folder.path}/lock`, () => Promise.reject(new Error("work"))),
    Error,
    "work",
  );
  assertEquals(await withLock(`${folder.path}/lock`, () => Promise.resolve("in")), "in");
});

Deno.test("withLock() stops waiting for another process when it is aborted, and goes in when that is killed", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/lock`;
  await using child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--no-prompt",
      `--allow-read=${path}`,
      `--allow-write=${path}`,
      childUrl.href,
      path,
    ],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read(); // it has the lock

  let waits = 0;
  const onWait = () => waits++;
  const signal = AbortSignal.timeout(50);
  const error = await assertRejects(() => withLock(path, () => Promise.resolve(), { signal, onWait }));
  assertEquals([(error as Error).name, waits], ["TimeoutError", 1]);
  await assertRejects(() => withLock(path, () => Promise.resolve(), { signal: AbortSignal.abort() }));

  const waiting = withLock(path, () => Promise.resolve("in"), { onWait });
  child.kill("SIGKILL");
  assertEquals(await waiting, "in");
  await reader.cancel();
});
