import { assert, assertEquals } from "@std/assert";
import { webgpu } from "../devices.ts";

for (const name of ["cpu", ...webgpu ? ["webgpu"] : []]) {
  Deno.test(`2,000 steps on the ${name} device make nothing new and leave the heap as it was`, async () => {
    const child = new URL("./steady_child.ts", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--v8-flags=--expose-gc", child, name],
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text, new TextDecoder().decode(stderr));
    const { made, growth } = JSON.parse(text);
    assertEquals(made, {});
    assert(growth < 200_000, `the heap grew by ${growth} bytes`);
  });
}
