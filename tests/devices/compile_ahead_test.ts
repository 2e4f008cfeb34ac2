/** Long programs are compiled on two devices on a software adapter, unless the driver has them on disk. */
import { assertEquals } from "@std/assert";
import { adapterFacts, findAdapter } from "../../devices/webgpu/adapter.ts";

const adapter = await findAdapter();
const isSoftware = adapter !== undefined && adapterFacts(adapter).isSoftware;

/** Prints the devices that were opened, and the loss of three steps. */
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

Deno.test({
  name: "a second device compiles a part of a long program, the first time",
  ignore: !isSoftware,
  fn: async () => {
    const cache = await Deno.makeTempDir();
    try {
      const first = await run(cache);
      const again = await run(cache);
      assertEquals([first.devices, again.devices], [2, 1]);
      assertEquals(first.loss, again.loss);
    } finally {
      await Deno.remove(cache, { recursive: true });
    }
  },
});
