/** Which contractions are computed in tiles, whatever their sides are made of. */
import { assertMatch } from "@std/assert";
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import * as g from "../../ops/mod.ts";
import { type Build, wayOn } from "./variant_on.ts";

const sides: Record<string, { shapes: readonly (readonly number[])[]; build: Build }> = {
  "heads that are joined, as attention's": {
    shapes: [[4, 4, 32, 16], [64, 32]],
    build: (x, w) => g.matmul(g.reshape(g.transpose(x, [0, 2, 1, 3]), [128, 64]), w),
  },
  "heads that are joined, in a sum over rows": {
    shapes: [[4, 4, 32, 16], [128, 32]],
    build: (x, y) => g.matmul(g.reshape(g.transpose(x, [0, 2, 1, 3]), [128, 64]), y, { transposeA: true }),
  },
  "an image that is turned over before it is a matrix": {
    shapes: [[12, 10], [8, 15]],
    build: (x, w) => g.matmul(g.reshape(g.transpose(x), [15, 8]), w),
  },
};

for (const [name, { shapes, build }] of Object.entries(sides)) {
  Deno.test(`a product is computed in tiles on the cpu device: ${name}`, async () => {
    assertMatch(await wayOn(cpuDevice({ threads: 1 }), shapes, build), /tiles of [2-9]/);
  });
}
