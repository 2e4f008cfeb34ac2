import { assertEquals, assertThrows } from "@std/assert";
import { cutSheet } from "../../../data/image/sprite_sheet.ts";
import { ndarray } from "../../../engine/array.ts";

Deno.test("cutSheet() leaves out what is empty or was there before, and what sticks out", () => {
  // Four places of 1x1 in two rows, and a column that is too narrow for sprites of 1 only if the size were 2.
  const red = [255, 0, 0, 255], blue = [0, 0, 255, 255], clear = [9, 9, 9, 0];
  const pixel = (...colors: number[][]) => colors.flat();
  const sheet = ndarray("uint8", [4, 5, 4], [
    ...pixel(red, blue, clear, clear, red),
    ...pixel(blue, red, clear, clear, red),
    ...pixel(red, blue, blue, blue, red),
    ...pixel(blue, red, blue, red, red),
  ]);
  const { images, empty, repeated } = cutSheet(sheet, { size: 2 });
  assertEquals([images.shape, empty, repeated], [[2, 2, 2, 4], 1, 1]);
  assertEquals([...images.data], [...pixel(red, blue, blue, red), ...pixel(blue, blue, blue, red)]);
});

Deno.test("cutSheet() says what it needs", () => {
  const sheet = ndarray("uint8", [2, 2, 1], new Uint8Array(4));
  assertThrows(() => cutSheet(sheet, { size: 3 }), RangeError, "not smaller than one picture");
  assertThrows(() => cutSheet(sheet, { size: 1 }), RangeError, "all 4 places of the sheet are empty");
});
