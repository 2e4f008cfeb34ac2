import { assertEquals, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { pictureGrid } from "../../formats/drawing/picture_grid.ts";

/** Red, green and blue at a place. */
const at = (
  { data, shape }: ReturnType<typeof pictureGrid>,
  row: number,
  column: number,
) => [...data.subarray((row * shape[1] + column) * 3, (row * shape[1] + column) * 3 + 3)];

Deno.test("pictureGrid() draws pictures row by row, each pixel as a square, with gaps between", () => {
  const images = ndarray("uint8", [3, 1, 2, 3], [
    10,
    20,
    30,
    40,
    50,
    60,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    11,
    12,
    13,
  ]);
  const grid = pictureGrid({ images, columns: 2, zoom: 2, gap: 1 });
  assertEquals(grid.shape, [1 + 2 * 3, 1 + 2 * 5, 3]);
  assertEquals([at(grid, 1, 1), at(grid, 2, 4), at(grid, 1, 6)], [[10, 20, 30], [40, 50, 60], [1, 2, 3]]);
  assertEquals([at(grid, 4, 3), at(grid, 0, 0), at(grid, 5, 7)], [[11, 12, 13], [255, 255, 255], [
    255,
    255,
    255,
  ]]);
});

Deno.test("pictureGrid() shows grey ones as grey, and light squares through what is transparent", () => {
  const grey = pictureGrid({ images: ndarray("uint8", [1, 1, 1, 1], [77]), zoom: 1, gap: 0 });
  assertEquals([...grey.data], [77, 77, 77]);
  const clear = pictureGrid({
    images: ndarray("uint8", [1, 1, 2, 4], [9, 9, 9, 0, 100, 0, 200, 255]),
    zoom: 1,
    gap: 0,
  });
  assertEquals([...clear.data], [204, 204, 204, 100, 0, 200]);
});

Deno.test("pictureGrid() says what it needs", () => {
  const images = ndarray("uint8", [1, 1, 1, 1], [0]);
  assertThrows(
    () => pictureGrid({ images: ndarray("float32", [1, 1, 1, 1], [0]) }),
    RangeError,
    "uint8 [count, height, width, channels]",
  );
  assertThrows(() => pictureGrid({ images, columns: 0 }), RangeError, "columns 0");
});
