import { assert, assertEquals, assertRejects } from "@std/assert";
import { GifReader } from "omggif";
import { ndarray } from "../../engine/array.ts";
import { encodeGif } from "../../formats/gif/gif_encoder.ts";

/** The pixels of a picture in a GIF: red, green and blue. */
function pixelsOf(reader: GifReader, picture: number): number[] {
  const pixels = new Uint8Array(reader.width * reader.height * 4);
  reader.decodeAndBlitFrameRGBA(picture, pixels);
  return [...pixels].filter((_, i) => i % 4 !== 3);
}

Deno.test("encodeGif() keeps few colours as they are, and another decoder reads them", async () => {
  const colors = [[255, 0, 0], [0, 200, 8], [17, 34, 250], [0, 0, 0], [255, 255, 255], [90, 90, 90]];
  const frames = ndarray("uint8", [2, 2, 3, 3], [...colors, ...colors.toReversed()].flat());
  const bytes = await encodeGif(frames, { rate: 10, comment: "é".repeat(200) });
  const reader = new GifReader(bytes);
  assertEquals([reader.width, reader.height, reader.numFrames(), reader.loopCount()], [3, 2, 2, 0]);
  assertEquals(reader.frameInfo(1).delay, 10); // hundredths of a second
  assertEquals(pixelsOf(reader, 0), colors.flat());
  assertEquals(pixelsOf(reader, 1), colors.toReversed().flat());
  assert(
    new TextDecoder("latin1").decode(bytes).includes(
      new TextDecoder("latin1").decode(new TextEncoder().encode("éé")),
    ),
  );
  assertEquals(await encodeGif(frames, { rate: 10, comment: "é".repeat(200) }), bytes);
});

Deno.test("encodeGif() keeps all shades of grey", async () => {
  const shades = Array.from({ length: 3 * 300 }, (_, i) => i * 7 % 256);
  const reader = new GifReader(await encodeGif(ndarray("uint8", [3, 15, 20, 1], shades), { loops: 2 }));
  assertEquals(reader.loopCount(), 1); // once more
  for (let i = 0; i < 3; i++) {
    assertEquals(
      pixelsOf(reader, i),
      shades.slice(300 * i, 300 * (i + 1)).flatMap((shade) => [shade, shade, shade]),
    );
  }
});

Deno.test("encodeGif() comes near where there are more colours than a GIF has", async () => {
  const data = Uint8Array.from({ length: 40 * 40 * 3 }, (_, i) => (i * 2654435761 >>> 13) % 256);
  const reader = new GifReader(await encodeGif(ndarray("uint8", [1, 40, 40, 3], data)));
  const distance = pixelsOf(reader, 0).reduce((sum, value, i) => sum + Math.abs(value - data[i]), 0) /
    data.length;
  assert(distance < 20, `${distance}`);
});

Deno.test("encodeGif() says what it needs", async () => {
  await assertRejects(
    () => encodeGif(ndarray("float32", [1, 1, 1, 1], [0])),
    TypeError,
    "uint8 is needed, received float32",
  );
  await assertRejects(
    () => encodeGif(ndarray("uint8", [1, 1, 4], [0, 0, 0, 0])),
    RangeError,
    "[frames, height, width, channels]",
  );
  await assertRejects(() => encodeGif(ndarray("uint8", [1, 1, 1, 1], [0]), { rate: 60 }), RangeError, "rate");
});
