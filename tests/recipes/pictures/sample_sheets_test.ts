import { assert, assertEquals } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { sampleSheets } from "../../../recipes/pictures/sample_sheets.ts";
import type { Host } from "../../../recipes/recipe.ts";
import type { EpochRecord } from "../../../training/loop/history.ts";
import type { RunContext } from "../../../training/callbacks/callback.ts";

Deno.test("sheets are drawn by one program, some of many epochs and the last, and become a film", async () => {
  const kept: string[] = [];
  let [opened, drawn, closed] = [0, 0, 0];
  const host = {
    keep: (name: string) => Promise.resolve(void kept.push(name)),
    say: () => {},
  } as unknown as Host;
  const { callback, film } = sampleSheets(() => {
    opened++;
    return Promise.resolve({
      draw: () => Promise.resolve(ndarray("uint8", [1, 2, 2, 1], new Uint8Array(4).fill(drawn++))),
      close: () => void closed++,
    });
  }, host);
  assertEquals(await film(), {}, "a run that had ended made none");
  const run = { epochs: 125 } as RunContext;
  await callback.onStart!(run);
  for (let epoch = 1; epoch <= run.epochs; epoch++) await callback.onEpoch!({ epoch } as EpochRecord, run);
  await callback.onEnd!(run);
  assertEquals([opened, drawn, closed], [1, 1 + 41 + 1, 1]); // at first, every third, and the last
  assertEquals(new Set(kept), new Set(["samples.png"]));
  assert((await film())["progress.gif"].length > 0);
});
