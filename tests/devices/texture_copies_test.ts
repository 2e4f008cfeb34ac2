/** Copies from a buffer into a texture, in rectangles that WebGPU allows. */
import { assert, assertEquals } from "@std/assert";
import { textureCopies } from "../../devices/webgpu/dispatches.ts";

const WIDTH = 4096;
// Nothing is done to them.
const buffer = {} as GPUBuffer;
const texture = {} as GPUTexture;

Deno.test("textureCopies() takes every byte once and in order, in rectangles of whole rows or within a row", () => {
  const texels = [1, 3, WIDTH - 1, WIDTH, WIDTH + 1, 3 * WIDTH, 3 * WIDTH + 5];
  for (const offset of [0, 256, 1296]) {
    for (const start of [0, 1, 16, WIDTH - 1, WIDTH, 5 * WIDTH + 7]) {
      for (const count of texels) {
        const copies = textureCopies(buffer, offset, texture, 16 * start, 16 * count);
        assert(copies.length <= 3, `${copies.length} copies`);
        let done = 0;
        for (const { from, to, size: [width, height] } of copies) {
          const [x, y] = to.origin as number[];
          assertEquals(from.offset, offset + 16 * done);
          assertEquals(y * WIDTH + x, start + done);
          assert(x + width <= WIDTH && width >= 1 && height >= 1);
          assert(height === 1 || x === 0 && width === WIDTH);
          assertEquals(from.bytesPerRow, 16 * WIDTH);
          done += width * height;
        }
        assertEquals(done, count);
      }
    }
  }
});
