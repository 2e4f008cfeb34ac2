import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type NdArray, ndarray } from "../../../engine/array.ts";
import { Random } from "../../../data/random.ts";
import { trainJudge } from "../../../recipes/pictures/picture_judge.ts";
import type { PicturePart, PictureSet } from "../../../recipes/pictures/picture_sets.ts";
import type { Host } from "../../../recipes/recipe.ts";
import { cpu } from "../../devices.ts";

const { device } = cpu;
const host = { say: () => {} } as unknown as Host;

/** Pictures of 8x8, bright in one of four quarters. */
function quarters(count: number, seed: number): PicturePart {
  const random = new Random(seed);
  const quarter = (i: number) => (Math.floor(i % 64 / 32) * 2) + (i % 8 < 4 ? 0 : 1);
  const data = Uint8Array.from(
    { length: count * 64 },
    (_, i) => quarter(i) === Math.floor(i / 64) % 4 ? 155 + random.below(100) : random.below(100),
  );
  return {
    images: ndarray("uint8", [count, 8, 8, 1], data) as NdArray<"uint8">,
    labels: ndarray("uint8", [count], Array.from({ length: count }, (_, i) => i % 4)),
  };
}

Deno.test("the judge finds real pictures like real ones, and noise unlike them", async () => {
  const set: PictureSet = {
    name: "quarters",
    train: quarters(200, 1),
    test: quarters(80, 2),
    classNames: ["a", "b", "c", "d"],
  };
  const judge = await trainJudge(set, host, { device });
  assert(judge && judge.accuracy > 0.9, `${judge?.accuracy}`);
  const real = await judge.judge(quarters(80, 3).images);
  const noise = await judge.judge(
    ndarray(
      "uint8",
      [80, 8, 8, 1],
      Uint8Array.from({ length: 80 * 64 }, (_, i) => Math.imul(i, 2654435761) >>> 24),
    ),
  );
  assertAlmostEquals(real.shares.reduce((a, b) => a + b), 1, 1e-9);
  assert(real.frechet < noise.frechet / 4, `${real.frechet} and ${noise.frechet}`);
  assert(real.sure > noise.sure);
  assert(real.precision > noise.precision);
  assertEquals(await trainJudge({ ...set, classNames: undefined }, host, { device }), undefined);
});
