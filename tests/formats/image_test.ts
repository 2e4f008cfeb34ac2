import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { NdArray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import { decodeImage, resizeImage } from "../../formats/image/image.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { jpegSamples } from "./jpeg_samples.ts";

function bytes(shape: number[], data: number[]): NdArray {
  return { dtype: "uint8", shape, data: new Uint8Array(data) };
}

Deno.test("decodeImage() reads a JPEG file by its first bytes", async () => {
  assertEquals((await decodeImage(jpegSamples.baseline, "picture.png")).shape, [16, 32, 3]);
});

Deno.test("decodeImage() makes grey three equal colours", async () => {
  assertEquals(
    await decodeImage(await encodePng(bytes([1, 2, 1], [7, 200]))),
    bytes([1, 2, 3], [7, 7, 7, 200, 200, 200]),
  );
});

Deno.test("decodeImage() lets white show through", async () => {
  const file = await encodePng(bytes([1, 3, 4], [10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 255, 51]));
  assertEquals(await decodeImage(file), bytes([1, 3, 3], [10, 20, 30, 255, 255, 255, 204, 224, 255]));
});

Deno.test("decodeImage() throws on what is no PNG, JPEG or WebP, and names it", async () => {
  for (const text of ["", "GIF89a", "\x89PN"]) {
    const file = new TextEncoder().encode(text);
    await assertRejects(
      () => decodeImage(file, "a.gif"),
      FormatError,
      "Cannot read picture a.gif: it starts like no PNG, JPEG or WebP file",
    );
  }
});

const gradient = bytes([2, 4, 1], [0, 40, 80, 120, 8, 48, 88, 128]);

Deno.test("resizeImage() averages the area of each new pixel when it shrinks", () => {
  assertEquals(resizeImage(gradient, 1, 2).data, new Uint8Array([24, 104]));
  // 4 columns into 3: each new one takes one and a third.
  const thirds = resizeImage(bytes([1, 4, 1], [0, 88, 180, 240]), 1, 3, { fit: "stretch" });
  assertEquals(
    thirds.data,
    new Uint8Array([22, 134, 225]),
  );
});

Deno.test("resizeImage() blends neighbours when it grows, and repeats the edge", () => {
  const grown = resizeImage(bytes([1, 2, 1], [0, 100]), 1, 4, { fit: "stretch" });
  assertEquals(grown.data, new Uint8Array([0, 25, 75, 100]));
  assertEquals(
    resizeImage(bytes([1, 1, 3], [1, 2, 3]), 2, 2).data,
    new Uint8Array([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]),
  );
});

Deno.test("resizeImage() cuts off what sticks out, the same on both sides", () => {
  assertEquals(resizeImage(gradient, 2, 2).data, new Uint8Array([40, 80, 48, 88]));
  const tall = bytes([4, 1, 1], [10, 20, 30, 40]);
  assertEquals(resizeImage(tall, 1, 1).data, new Uint8Array([25]));
  assertEquals(resizeImage(tall, 2, 1).data, new Uint8Array([20, 30]));
});

Deno.test("resizeImage() keeps everything when it stretches", () => {
  assertEquals(resizeImage(gradient, 2, 2, { fit: "stretch" }).data, new Uint8Array([20, 100, 28, 108]));
});

Deno.test("resizeImage() adds background on both sides where all is to be contained", () => {
  const contain = (
    height: number,
    width: number,
    background?: [number, number, number],
  ) => [...resizeImage(bytes([1, 2, 1], [10, 30]), height, width, { fit: "contain", background }).data];
  assertEquals(contain(3, 2), [255, 255, 10, 30, 255, 255]);
  assertEquals(contain(2, 2, [7, 8, 9]), [10, 30, 7, 7]);
  assertEquals(contain(1, 1), [20]);
  assertEquals(contain(1, 4), [255, 10, 30, 255]);
  const colors = resizeImage(bytes([1, 1, 3], [1, 2, 3]), 1, 2, { fit: "contain", background: [7, 8, 9] });
  assertEquals([...colors.data], [1, 2, 3, 7, 8, 9]);
  const wrong = [[0, 0], [0, 0, 256], "red", [0, 0, 0.5]] as unknown as [number, number, number][];
  for (const background of wrong) {
    assertThrows(() => contain(2, 2, background), RangeError, "Cannot resize a picture with background ");
  }
});

Deno.test("resizeImage() returns the same picture for the same size", () => {
  assertEquals(resizeImage(gradient, 2, 4), gradient);
});

Deno.test("resizeImage() keeps a flat picture flat, whatever the sizes", () => {
  const size = fc.integer({ min: 1, max: 50 });
  const fit = fc.constantFrom("cover" as const, "contain" as const, "stretch" as const);
  fc.assert(fc.property(size, size, size, size, fit, (height, width, newHeight, newWidth, fit) => {
    const flat = bytes([height, width, 3], Array(height * width * 3).fill(201));
    const resized = resizeImage(flat, newHeight, newWidth, { fit, background: [201, 201, 201] });
    assertEquals(resized, bytes([newHeight, newWidth, 3], Array(newHeight * newWidth * 3).fill(201)));
  }));
});

Deno.test("resizeImage() throws on sizes and arrays that make no picture", () => {
  for (const [height, width] of [[0, 1], [1, -1], [1.5, 1], [NaN, 1]]) {
    assertThrows(() => resizeImage(gradient, height, width), RangeError, "sizes are positive integers");
  }
  assertThrows(() => resizeImage(bytes([4, 2], Array(8).fill(0)), 1, 1), RangeError, "[4, 2] to 1 x 1");
  assertThrows(() => resizeImage(bytes([0, 2, 3], []), 1, 1), RangeError, "at least one pixel");
  const floats: NdArray = { dtype: "float32", shape: [1, 1, 1], data: new Float32Array(1) };
  assertThrows(() => resizeImage(floats, 1, 1), TypeError, "received float32");
});

/** Pictures of the project's shared data; a checkout by itself does not have them. */
const shared = new URL("../../../shared/data/", import.meta.url);
const hasShared = await Deno.stat(shared).then(() => true, () => false);

Deno.test({
  name: "decodeImage() and resizeImage() keep the mean colour of real pictures",
  ignore: !hasShared,
  fn: async () => {
    const folders = ["paintings-pd/", "dcss-sprites-cc0/"];
    for (const folder of folders.map((name) => new URL(name, shared))) {
      for await (const { name } of Deno.readDir(folder)) {
        if (!/\.(png|jpg)$/.test(name)) continue;
        const image = await decodeImage(await Deno.readFile(new URL(name, folder)), name);
        const small = resizeImage(image, 32, 32, { fit: "stretch" });
        assertEquals(small.shape, [32, 32, 3]);
        const mean = ({ data }: NdArray) => [...data].reduce((a, b) => a + b) / data.length;
        assert(Math.abs(mean(image) - mean(small)) < 0.5, `${name}: ${mean(image)} became ${mean(small)}`);
      }
    }
  },
});
