/** Copies into textures: in rectangles that WebGPU allows, and none that are too large. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { textureCopies } from "../../devices/webgpu/dispatches.ts";
import { webgpuDevice } from "../../devices/webgpu/webgpu_device.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { webgpu } from "../devices.ts";

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

Deno.test({
  name: "a product whose side would take a copy that no binding can show is compiled without it",
  ignore: !webgpu,
  fn: async () => {
    const device = await webgpuDevice({ contractions: "rows" });
    const program = await compileProgram(
      (_state, { x, w }: Record<"x" | "w", Tensor>) => ({
        outputs: { y: g.matmul(g.cast(x, "float32"), w) },
      }),
      {
        device,
        inputs: { x: { dtype: "uint8", shape: [6000, 6000] }, w: { dtype: "float32", shape: [6000, 64] } },
      },
    );
    const text = program.explain();
    program.close();
    device.close();
    assertStringIncludes(text, "loops, ");
  },
});
