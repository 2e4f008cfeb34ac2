import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { decode } from "fast-png";
import type { NdArray } from "../../engine/array.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";

function image(shape: number[], value: (i: number) => number): NdArray {
  return {
    dtype: "uint8",
    shape,
    data: Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => value(i)),
  };
}

Deno.test("encodePng() writes files that fast-png reads back, checksums included", async () => {
  const size = fc.integer({ min: 1, max: 20 });
  const channels = fc.constantFrom(1, 3, 4);
  // Smooth, noisy and flat pictures take different filters.
  const kinds = fc.constantFrom(
    (i: number) => i * 3,
    (i: number) => Math.imul(i, 2654435761) >>> 24,
    () => 77,
  );
  await fc.assert(fc.asyncProperty(size, size, channels, kinds, async (height, width, channels, value) => {
    const original = image([height, width, channels], value);
    const read = decode(await encodePng(original), { checkCrc: true });
    assertEquals([read.height, read.width, read.channels, read.depth], [height, width, channels, 8]);
    assertEquals(new Uint8Array(read.data), original.data);
  }));
});

Deno.test("encodePng() writes the same bytes twice", async () => {
  const original = image([40, 30, 3], (i) => i * i);
  assertEquals(await encodePng(original), await encodePng(original));
});

Deno.test("encodePng() filters rows, so that a gradient takes little room", async () => {
  const gradient = image([64, 64, 3], (i) => (i / 3 % 64) + (i / 192 | 0));
  assertEquals((await encodePng(gradient)).length < 400, true);
});

Deno.test("encodePng() throws on a shape that is not a picture's", async () => {
  for (const shape of [[4, 4], [4, 4, 2], [0, 4, 3], [1, 4, 4, 3]]) {
    await assertRejects(() => encodePng(image(shape, () => 0)), RangeError, `[${shape.join(", ")}]`);
  }
});

Deno.test("encodePng() throws on other numbers than uint8", async () => {
  const floats: NdArray = { dtype: "float32", shape: [1, 1, 3], data: new Float32Array(3) };
  await assertRejects(() => encodePng(floats), TypeError, "received float32");
});
