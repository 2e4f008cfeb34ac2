import { assert, assertEquals } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import { Tuning } from "../../engine/tuning.ts";
import { iota, matmul, reshape, sum } from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";

Deno.test("the fastest variant is kept, the first one unless another is faster beyond doubt", () => {
  const tuning = new Tuning();
  const variants = ["usual", "other", "third"];
  assertEquals(tuning.find("k", variants), undefined);
  assert(tuning.wants("k", variants) && !tuning.wants("k", ["only"]));
  tuning.keep("k", new Map([["usual", 10], ["other", 6], ["third", 7]]));
  tuning.keep("near", new Map([["usual", 10], ["other", 9.9]]));
  assertEquals(tuning.entries, { k: "other", near: "usual" });
  assertEquals(tuning.found, 2);
  assert(!tuning.wants("k", variants));
});

Deno.test("a variant that is there no more is found out again, unless nothing is timed", () => {
  const known = { k: "gone" };
  assert(new Tuning(known).wants("k", ["usual", "other"]));
  const final = new Tuning(known, { isFinal: true });
  assertEquals([final.wants("k", ["usual", "other"]), final.find("k", ["usual", "other"])], [
    false,
    undefined,
  ]);
});

for (const { name, device } of everyDevice) {
  Deno.test(`a program times what is not known, once, and gives the same numbers on ${name}`, async () => {
    const total = async () => {
      // Enough that it is worth being timed on a GPU, too.
      const side = reshape(iota(256 * 96, "float32"), [256, 96]);
      const program = await compileProgram(
        () => ({ outputs: { y: sum(matmul(side, reshape(side, [96, 256])), 1) } }),
        { device },
      );
      const { y } = await program.call();
      program.close();
      return y.data;
    };
    const untuned = await total();
    try {
      const tuning = device.tuning = new Tuning();
      assertEquals(await total(), untuned);
      assertEquals(tuning.found, 1);
      assertEquals(await total(), untuned);
      assertEquals(tuning.found, 1);
      const again = device.tuning = new Tuning(tuning.entries);
      assertEquals(await total(), untuned);
      assertEquals(again.found, 0);
    } finally {
      device.tuning = undefined;
    }
  });
}
