/** Tiles in slices, for engines that join lanes: the bits of all others, whether lanes are joined or not. */
import { assertEquals, assertMatch } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { bitsOf, slicePrograms } from "./slice_programs.ts";

/** Threads go on after the test that started them. */
const free = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  { name: "tiles in slices give the bits of others, on one thread and on three", ...free },
  async (t) => {
    const plain = cpuDevice({ threads: 1, joinsLanes: false });
    const devices = [1, 3].map((threads) => cpuDevice({ threads, joinsLanes: true }));
    for (const name of Object.keys(slicePrograms)) {
      await t.step(name, async () => {
        const { bits } = await bitsOf(plain, name);
        for (const device of devices) {
          const other = await bitsOf(device, name);
          assertMatch(other.how, /in slices/);
          assertEquals(other.bits, bits);
        }
      });
    }
    for (const device of [plain, ...devices]) device.close();
  },
);

Deno.test("they give these bits when the engine is told to join lanes, too", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--v8-flags=--experimental-wasm-revectorize",
      new URL("slices_child.ts", import.meta.url).href,
    ],
  }).output();
  const text = new TextDecoder();
  assertEquals({ code, other: text.decode(stdout) }, { code: 0, other: "" }, text.decode(stderr));
});

Deno.test("a device whose engine does not join lanes takes other tiles", async () => {
  const device = cpuDevice({ threads: 1, joinsLanes: false });
  for (const name of Object.keys(slicePrograms)) {
    assertEquals((await bitsOf(device, name)).how.includes("in slices"), false);
  }
  device.close();
});
