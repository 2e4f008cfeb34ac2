import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../recipes/usage_error.ts";
import { readFileUpTo } from "../../commands/permissions/read_file.ts";

const refused = (path: string) =>
  assertRejects(
    () => readFileUpTo(9000, path, "a list"),
    UsageError,
    "more than 9000 bytes, the most that a list",
  );

Deno.test("readFileUpTo() gives what a file holds, and refuses one that is longer, before taking memory for it", async () => {
  const path = await Deno.makeTempFile();
  for (const length of [0, 1, 8999, 9000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i);
    await Deno.writeFile(path, bytes);
    assertEquals(await readFileUpTo(9000, path, "a list"), bytes);
  }
  for (const length of [9001, 1e12]) {
    await Deno.truncate(path, length);
    await refused(path);
  }
  await Deno.remove(path);
});

Deno.test({
  name: "readFileUpTo() reads what does not say its length, and refuses what has no end",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await refused("/dev/zero");
    assertEquals((await readFileUpTo(9000, "/dev/null", "a list")).length, 0);
    const status = await readFileUpTo(9000, "/proc/self/status", "a list");
    assertEquals(new TextDecoder().decode(status).slice(0, 5), "Name:");
  },
});
