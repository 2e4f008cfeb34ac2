import { assertEquals, assertStringIncludes } from "@std/assert";

const source = new URL("../../formats/", import.meta.url);

/** Runs a script where nothing is cached and nothing may be downloaded, with no permission. */
async function runUncached(script: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const cache = await Deno.makeTempDir();
  try {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-lock", "--no-prompt", "--cached-only", "-"],
      env: { DENO_DIR: cache, NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
    const child = command.spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(script));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

Deno.test("pictures are written and PNG files read where no library can be loaded", async () => {
  const { stdout, stderr } = await runUncached(`
    import { decodeImage } from "${new URL("image.ts", source)}";
    import { encodePng } from "${new URL("png_encoder.ts", source)}";
    const image = { dtype: "uint8", shape: [1, 1, 3], data: new Uint8Array([1, 2, 3]) };
    console.log(...(await decodeImage(await encodePng(image))).data);
  `);
  assertEquals(stdout, "1 2 3\n", stderr);
});

Deno.test("decodeJpeg() throws LibraryError where its library cannot be loaded, and says what would help", async () => {
  const { stdout, stderr } = await runUncached(`
    import { decodeJpeg } from "${new URL("jpeg.ts", source)}";
    import { jpegSamples } from "${new URL("jpeg_samples.ts", import.meta.url)}";
    try {
      await decodeJpeg(jpegSamples.baseline, "wave.jpg");
    } catch (error) {
      console.log(error.name, error.message);
    }
  `);
  assertStringIncludes(stdout, "LibraryError Cannot read JPEG wave.jpg: npm:jpeg-js@0.4.4 is needed", stderr);
  assertStringIncludes(stdout, "deno cache npm:jpeg-js@0.4.4");
});
