import { assertEquals } from "@std/assert";

const source = new URL("../../formats/", import.meta.url);

Deno.test("pictures are read and written with no permission, where nothing is cached and nothing can be fetched", async () => {
  const cache = await Deno.makeTempDir();
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-lock", "--no-prompt", "--cached-only", "-"],
      env: { DENO_DIR: cache, NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`
      import { decodeImage } from "${new URL("image/image.ts", source)}";
      import { encodePng } from "${new URL("png/png_encoder.ts", source)}";
      import { jpegSamples } from "${new URL("jpeg_samples.ts", import.meta.url)}";
      const image = { dtype: "uint8", shape: [1, 1, 3], data: new Uint8Array([1, 2, 3]) };
      console.log(...(await decodeImage(await encodePng(image))).data);
      console.log(...(await decodeImage(jpegSamples.progressive)).shape);
    `));
    await writer.close();
    const { stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(stdout), "1 2 3\n16 32 3\n", decoder.decode(stderr));
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});
