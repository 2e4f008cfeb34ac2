import { assertAlmostEquals, assertEquals } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { nearestPictures } from "../../../recipes/pictures/nearest_pictures.ts";

Deno.test("nearestPictures() finds what is nearest in training, and how far that is", () => {
  const training = ndarray("uint8", [3, 1, 2, 1], [0, 0, 100, 100, 255, 255]);
  const { distances, sheet } = nearestPictures(ndarray("uint8", [2, 1, 2, 1], [97, 101, 255, 255]), training);
  assertAlmostEquals(distances[0], Math.sqrt((9 + 1) / 2));
  assertEquals(distances[1], 0);
  assertEquals(sheet.shape.length, 3);
});
