import { assert, assertEquals, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { spectrogramPicture } from "../../formats/drawing/spectrogram.ts";

/** How bright a pixel is. */
const brightness = (
  { shape: [, width], data }: ReturnType<typeof spectrogramPicture>,
  x: number,
  y: number,
) => data[3 * (y * width + x)] + data[3 * (y * width + x) + 1] + data[3 * (y * width + x) + 2];

Deno.test("a spectrogram has time to the right, frequencies upwards, and is brighter where there is more", () => {
  // Two frames, four bins: the lowest one is loud first, the highest one then, 40 dB quieter.
  const magnitudes = ndarray("float32", [2, 4], [1, 0, 0, 0, 0, 0, 0, 0.01]);
  const picture = spectrogramPicture({ magnitudes, rate: 8000, hop: 100 });
  const [height, width] = picture.shape;
  assert(width === 720 && height > 300, `${height} x ${width}`);
  const [left, right] = [width / 4, 3 * width / 4].map(Math.round);
  const [low, high] = [height - 60, 50];
  assertEquals(brightness(picture, left, low), 252 + 255 + 200);
  assertEquals([brightness(picture, right, low), brightness(picture, left, high)], [0, 0]);
  const quiet = brightness(picture, right, high);
  assert(quiet > 200 && quiet < 500, `${quiet}`);
  const shorter = spectrogramPicture({
    magnitudes,
    rate: 8000,
    hop: 100,
    range: 30,
    axis: "bands",
    title: "x",
  });
  assertEquals(brightness(shorter, right, high), 0);
});

Deno.test("silence can be drawn, and many frames make a wider picture", () => {
  const silence = spectrogramPicture({ magnitudes: ndarray("float32", [1, 1], [0]), rate: 1, hop: 1 });
  assertEquals(brightness(silence, 300, 100), 0);
  const long = ndarray("float32", [3000, 2], new Float32Array(6000));
  assert(spectrogramPicture({ magnitudes: long, rate: 8000, hop: 100 }).shape[1] > 3000);
});

Deno.test("what is no spectrogram is refused", () => {
  const of = (shape: number[], data: number[], rate = 8000) =>
    spectrogramPicture({ magnitudes: ndarray("float32", shape, data), rate, hop: 100 });
  assertThrows(() => of([4], [1, 2, 3, 4]), RangeError, "[frames, bins] is needed");
  assertThrows(() => of([0, 4], []), RangeError, "[frames, bins] is needed");
  assertThrows(() => of([1, 2], [1, NaN]), RangeError, "element 1 is NaN");
  assertThrows(() => of([1, 2], [-1, 0]), RangeError, "element 0 is -1");
  assertThrows(() => of([1, 1], [1], 0), RangeError, "rate is 0");
});
