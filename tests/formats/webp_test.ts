import { assert, assertEquals, assertRejects } from "@std/assert";
import { FormatError } from "../../formats/format_error.ts";
import { decodeImage } from "../../formats/image/image.ts";
import { decodeWebp } from "../../formats/webp/webp.ts";
import { concat } from "../data/make_tar.ts";
import { webpSamples } from "./webp_samples.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
const part = (kind: string, data: Uint8Array) =>
  concat([ascii(kind), words(data.length), data, new Uint8Array(data.length % 2)]);
const fileOf = (...parts: Uint8Array[]) => {
  const inner = concat([ascii("WEBP"), ...parts]);
  return concat([ascii("RIFF"), words(inner.length), inner]);
};
/** A header of pixels without loss, and nothing behind it. */
const lossless = (width: number, height: number, length = 5) => {
  const data = new Uint8Array(length);
  data[0] = 0x2f;
  data.set(words((width - 1) | (height - 1) << 14), 1);
  return part("VP8L", data);
};

Deno.test("decodeWebp() reads lossy and lossless pictures, with opacities", async () => {
  const photo = await decodeWebp(webpSamples.lossy);
  assertEquals([photo.dtype, photo.shape], ["uint8", [30, 40, 4]]);
  for (const column of [0, 13, 39]) {
    const [red, green, blue, opacity] = photo.data.subarray(4 * column);
    const near = [red - 200, green - 6 * column, blue - 6 * column].every((d) => Math.abs(d) < 24);
    assert(near && opacity === 255, `column ${column}: ${[red, green, blue, opacity]}`);
  }
  const drawn = await decodeWebp(webpSamples.lossless);
  assertEquals([...drawn.data.subarray(4, 8)], [200, 6, 6, 128]);
  assertEquals(drawn.data[3], 0);
});

Deno.test("decodeImage() reads a WebP file by its first bytes, on the background that is asked for", async () => {
  const onWhite = await decodeImage(webpSamples.lossless, "a.jpg");
  assertEquals([onWhite.shape, [...onWhite.data.subarray(0, 6)]], [[30, 40, 3], [
    255,
    255,
    255,
    227,
    130,
    130,
  ]]);
  const onBlue = await decodeImage(webpSamples.lossless, "a.jpg", { background: [0, 0, 255] });
  assertEquals([...onBlue.data.subarray(0, 6)], [0, 0, 255, 100, 3, 130]);
});

Deno.test("decodeWebp() reads a picture out of a larger array", async () => {
  const larger = concat([new Uint8Array(3), webpSamples.lossy, new Uint8Array(5)]);
  const within = larger.subarray(3, 3 + webpSamples.lossy.length);
  assertEquals(await decodeWebp(within), await decodeWebp(webpSamples.lossy));
});

Deno.test("decodeWebp() refuses what is short, damaged, moving, or larger than its bytes can tell", async () => {
  const { lossy } = webpSamples;
  const cases: [Uint8Array, string][] = [
    [lossy.subarray(0, 100), "it promises 170 bytes and holds 100"],
    [lossy.subarray(0, 11), "it does not start like one"],
    [new Uint8Array(0), "it does not start like one"],
    [fileOf(), "there is no picture in it"],
    [
      fileOf(concat([ascii("VP8L"), words(1000), new Uint8Array(8)])),
      'its part "VP8L" ends after the file does',
    ],
    [fileOf(part("VP8X", new Uint8Array(10)), part("ANIM", new Uint8Array(6))), "it is a moving picture"],
    [fileOf(lossless(16383, 16383)), "it is 16383 pixels wide and 16383 high"],
    [fileOf(lossless(9000, 9000)), "it claims 9000 x 9000 pixels and holds 26 bytes"],
    [
      fileOf(part("VP8X", Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255)), lossless(9, 9)),
      "it is 16777216 pixels wide",
    ],
    [fileOf(lossless(40, 30, 40)), "its pixels are damaged"],
    [fileOf(part("VP8 ", new Uint8Array(20))), "it is 0 pixels wide"],
  ];
  for (const [bytes, reason] of cases) {
    const error = await assertRejects(() => decodeWebp(bytes, "level.webp"), FormatError, reason);
    assertEquals(error.message, `Cannot read WebP level.webp: ${error.reason}`);
  }
});

Deno.test("a file with any byte changed is a picture or is refused as a file", async () => {
  for (const sample of Object.values(webpSamples)) {
    for (let at = 0; at < sample.length; at += 3) {
      const changed = sample.slice();
      changed[at] ^= 0x55;
      await decodeImage(changed).catch((error) => assert(error instanceof FormatError, `${at}: ${error}`));
    }
  }
});

Deno.test("a WebP file is read with no permission", async () => {
  const script = `
    import { decodeImage } from "${new URL("../../formats/image/image.ts", import.meta.url)}";
    const picture = Uint8Array.fromBase64("${webpSamples.lossy.toBase64()}");
    console.log(...(await decodeImage(picture)).shape);
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--no-lock", "--no-prompt", "-"],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout, stderr } = await child.output();
  assertEquals(new TextDecoder().decode(stdout), "30 40 3\n", new TextDecoder().decode(stderr));
});
