import { assertEquals, assertThrows } from "@std/assert";
import { cacheDirectory } from "../../data/storage/cache_directory.ts";

Deno.test("cacheDirectory() is .gesso unless another is given", () => {
  assertEquals(cacheDirectory(), ".gesso");
  assertEquals(cacheDirectory("/data/cache"), "/data/cache");
});

Deno.test("cacheDirectory() refuses an empty name", () => {
  assertThrows(() => cacheDirectory(" "), TypeError, "Cannot use");
});
