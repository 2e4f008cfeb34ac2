import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import type { NdArray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import { decodeJpeg } from "../../formats/jpeg/jpeg.ts";
import { jpegSamples } from "./jpeg_samples.ts";

const red = [220, 40, 40];
const green = [40, 180, 40];
const blue = [40, 40, 220];
const white = [240, 240, 240];

/** Checks the middles of the four quarters, by rows, within what compression may change. */
function checkQuarters(image: NdArray, colors: number[][]) {
  const [height, width] = image.shape;
  colors.forEach((color, i) => {
    const y = Math.floor(height / 4) + (i >> 1) * height / 2;
    const x = Math.floor(width / 4) + (i & 1) * width / 2;
    const at = 3 * (y * width + x);
    const pixel = [...image.data.subarray(at, at + 3)];
    assert(
      pixel.every((value, c) => Math.abs(value - color[c]) <= 3),
      `${pixel} is not ${color} at ${x}, ${y}`,
    );
  });
}

for (const name of ["baseline", "halved", "progressive", "rgb", "cmyk"] as const) {
  Deno.test(`decodeJpeg() reads the ${name} sample`, async () => {
    const image = await decodeJpeg(jpegSamples[name]);
    assertEquals(image.shape, [16, 32, 3]);
    checkQuarters(image, [red, green, blue, white]);
  });
}

Deno.test("decodeJpeg() reads grey as three equal colours, also where restart markers do not divide the blocks", async () => {
  checkQuarters(await decodeJpeg(jpegSamples.grey), [94, 122, 61, 240].map((grey) => [grey, grey, grey]));
});

/** Puts an Exif block with an orientation after the file's first two bytes. */
function turned(orientation: number, little: boolean, isLong = false): Uint8Array {
  const exif = new Uint8Array(36);
  const view = new DataView(exif.buffer);
  exif.set([0xff, 0xe1, 0, 34, ...new TextEncoder().encode(little ? "Exif\0\0II" : "Exif\0\0MM")]);
  view.setUint16(12, 42, little);
  view.setUint32(14, 8, little);
  view.setUint16(18, 1, little);
  view.setUint16(20, 0x0112, little);
  view.setUint16(22, isLong ? 4 : 3, little);
  view.setUint32(24, 1, little);
  if (isLong) view.setUint32(28, orientation, little);
  else view.setUint16(28, orientation, little);
  const { baseline } = jpegSamples;
  return new Uint8Array([...baseline.subarray(0, 2), ...exif, ...baseline.subarray(2)]);
}

const orientations = [
  [red, green, blue, white],
  [green, red, white, blue],
  [white, blue, green, red],
  [blue, white, red, green],
  [red, blue, green, white],
  [blue, red, white, green],
  [white, green, blue, red],
  [green, white, red, blue],
];
orientations.forEach((colors, i) => {
  Deno.test(`decodeJpeg() turns orientation ${i + 1} upright, in either order of bytes and as a short or long number`, async () => {
    for (const [little, isLong] of [[true, false], [false, false], [true, true], [false, true]]) {
      const image = await decodeJpeg(turned(i + 1, little, isLong));
      assertEquals(image.shape, i < 4 ? [16, 32, 3] : [32, 16, 3]);
      checkQuarters(image, colors);
    }
  });
});

Deno.test("decodeJpeg() leaves a picture as it is when the orientation makes no sense", async () => {
  checkQuarters(await decodeJpeg(turned(99, true)), orientations[0]);
});

/** The sample with another value in its frame header, `offset` bytes after the marker. */
function frameWith(offset: number, values: number[], marker = 0xc0): Uint8Array {
  const bytes = jpegSamples.baseline.slice();
  const frame = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
  bytes[frame + 1] = marker;
  bytes.set(values, frame + offset);
  return bytes;
}

const refusals: [title: string, bytes: Uint8Array, reason: string][] = [
  ["no bytes", new Uint8Array(0), "does not start like a JPEG"],
  ["only a start", new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), "its header does not end within 4 bytes"],
  ["12 bits a sample", frameWith(4, [12]), "12 bits a sample"],
  ["arithmetic coding", frameWith(4, [8], 0xc9), "kind 9"],
  ["a picture of gigapixels", frameWith(5, [255, 255, 255, 255]), "65535 pixels wide"],
  ["a picture of no height", frameWith(5, [0, 0]), "0 high"],
];
for (const [title, bytes, reason] of refusals) {
  Deno.test(`decodeJpeg() throws on ${title}`, async () => {
    await assertRejects(() => decodeJpeg(bytes, "a.jpg"), FormatError, reason);
  });
}

Deno.test("decodeJpeg() throws on every file that is cut", async () => {
  for (const sample of [jpegSamples.baseline, jpegSamples.progressive]) {
    for (let length = 0; length < sample.length; length++) {
      await assertRejects(() => decodeJpeg(sample.subarray(0, length), "cut.jpg"), FormatError, "cut.jpg");
    }
  }
});

Deno.test("decodeJpeg() throws nothing but FormatError on changed bytes", async () => {
  const sample = fc.constantFrom(...Object.values(jpegSamples));
  const edits = fc.array(fc.tuple(fc.nat(540), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(sample, edits, async (original, changes) => {
      const bytes = original.slice();
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      try {
        await decodeJpeg(bytes);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
