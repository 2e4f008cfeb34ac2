/** Long programs are compiled on two devices on a software adapter, unless the driver has them on disk. */
import { assertEquals } from "@std/assert";
import { adapterFacts, findAdapter } from "../../devices/webgpu/adapter.ts";
import { divide } from "../../devices/webgpu/compile_ahead.ts";
import type { ProgramText } from "../../devices/webgpu/kernel_texts.ts";

const adapter = await findAdapter();
const isSoftware = adapter !== undefined && adapterFacts(adapter).isSoftware;

/** Prints the devices that were opened, and the loss of three steps; the driver's thread that writes, of low rank, gets time. */
const script = `
crypto.getRandomValues = (bytes) => bytes.forEach((_, i) => bytes[i] = i * i % 251);
let devices = 0;
const open = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = function (...args) {
  devices++;
  return open.apply(this, args);
};
const { workedExample } = await import("${new URL("../../bench/worked_example.ts", import.meta.url)}");
const { webgpuDevice } = await import("${new URL("../../mod.ts", import.meta.url)}");
const trainer = await workedExample(await webgpuDevice(), 8);
trainer.start(3);
console.log(JSON.stringify({ devices, loss: (await trainer.progress()).loss }));
await new Promise((done) => setTimeout(done, 500));
Deno.exit(0);
`;

async function run(cache: string): Promise<{ devices: number; loss: number }> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    env: { MESA_SHADER_CACHE_DIR: cache, MESA_SHADER_CACHE_DISABLE: "false" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!text) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

Deno.test("the second device gets the longest texts, one of the others tells, and each is compiled by one device", () => {
  const lengthsOf = (...lengths: number[]) => {
    const texts = lengths.map((length) => ({ code: " ".repeat(length) }) as ProgramText);
    const division = divide(texts);
    if (!division) return undefined;
    const { telling, meanwhile, rest, elsewhere } = division;
    const parts = [[telling], meanwhile, rest, elsewhere];
    assertEquals(parts.flat().length, lengths.length);
    assertEquals(new Set(parts.flat()).size, lengths.length);
    return parts.map((part) => part.map(({ code }) => code.length));
  };
  assertEquals(lengthsOf(1, 5_000, 30_000, 2_000, 20_000), [[20_000], [5_000, 2_000, 1], [], [30_000]]);
  // A text of 6,000 characters is long enough to tell, and what is translated meanwhile not too long.
  assertEquals(
    lengthsOf(40_000, 30_000, 20_000, 7_000, 5_000, 8_000, 6_001),
    [[6_001], [5_000], [30_000, 20_000], [40_000, 8_000, 7_000]],
  );
  assertEquals(lengthsOf(9_999, 10_000, 9_998, 10), [[9_998], [], [9_999], [10_000, 10]]);
  assertEquals(lengthsOf(10, 30_000), [[10], [], [], [30_000]]);
  // What is short, or one text, one device compiles alone.
  assertEquals(lengthsOf(10, 10), undefined);
  assertEquals(lengthsOf(30_000), undefined);
});

Deno.test({
  name: "a second device compiles a part of a long program, the first time",
  ignore: !isSoftware,
  fn: async () => {
    // Whether a text was on disk is told by the time it took: on a busy machine, or a fast one, even that may mislead.
    const folder = await Deno.makeTempDir();
    const empty = async () => await Deno.makeTempDir({ dir: folder });
    try {
      let cache = await empty();
      let first = await run(cache);
      for (let more = 0; first.devices < 2 && more < 5; more++) first = await run(cache = await empty());
      let again = await run(cache);
      for (let more = 0; again.devices > 1 && more < 5; more++) again = await run(cache);
      const files = [...Deno.readDirSync(cache)].map(({ name }) => name).join(" ");
      assertEquals([first.devices, again.devices], [2, 1], `the driver's cache holds: ${files}`);
      assertEquals(first.loss, again.loss);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
