import { assert, assertEquals } from "@std/assert";
import { webgpu } from "../../devices.ts";

// A software adapter takes its time for each step.
for (const [name, steps] of [["cpu", 2000], ...webgpu ? [["webgpu", 300]] : []]) {
  Deno.test(`${steps} steps on the ${name} device make nothing new and leave the heap as it was`, async () => {
    const child = new URL("./steady_child.ts", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--v8-flags=--expose-gc", child, `${name}`, `${steps}`],
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text, new TextDecoder().decode(stderr));
    const { made, growth } = JSON.parse(text);
    assertEquals(made, {});
    assert(growth < 200_000, `the heap grew by ${growth} bytes`);
  });
}
