/** How contractions are cut for GPUs. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { webgpuDevice } from "../../devices/webgpu/webgpu_device.ts";
import * as g from "../../ops/mod.ts";
import { webgpu } from "../devices.ts";
import { type Build, wayOn } from "./variant_on.ts";

async function wayOf(shapes: readonly (readonly number[])[], build: Build): Promise<string> {
  const device = await webgpuDevice();
  const text = await wayOn(device, shapes, build);
  device.close();
  return text;
}

Deno.test({
  name:
    "tiles for GPUs go without padding, if there are images enough to fill them and some of the sum is padding",
  ignore: webgpu === undefined,
  fn: async () => {
    const isWithoutPadding = async (batch: number, size: number, channels: number, filters: number) => {
      const text = await wayOf(
        [[batch, size, size, channels], [3, 3, channels, filters]],
        (x, w) => g.conv2d(x, w, { padding: "same" }),
      );
      assertStringIncludes(text, "in shared memory");
      return text.includes("without padding");
    };
    assert(await isWithoutPadding(64, 6, 32, 64));
    assert(await isWithoutPadding(128, 6, 32, 16));
    assertEquals(await isWithoutPadding(63, 6, 32, 64), false);
    // Half of the rows, or of the terms of a slice, would be for nothing.
    assertEquals(await isWithoutPadding(64, 6, 32, 16), false);
    assertEquals(await isWithoutPadding(64, 6, 33, 64), false);
    // Of a large image, there is little around it.
    assertEquals(await isWithoutPadding(64, 64, 32, 64), false);
  },
});
