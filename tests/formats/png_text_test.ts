import { assertEquals, assertRejects } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { decodePng } from "../../formats/png/png_decoder.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { readPngText } from "../../formats/png/png_text.ts";

Deno.test("texts in a PNG come back, whatever stands in them, and change no pixel", async () => {
  const image = ndarray("uint8", [1, 2, 3], [1, 2, 3, 4, 5, 6]);
  const text = { Software: "Gesso 0.2.0", Comment: 'seed 1, "é", 山\nfour\0five', "a b": "" };
  const file = await encodePng(image, { text });
  assertEquals(readPngText(file), text);
  assertEquals(await decodePng(file), image);
  assertEquals(readPngText(await encodePng(image)), {});
  for (const name of ["", " a", "ä", "a".repeat(80)]) {
    await assertRejects(
      () => encodePng(image, { text: { [name]: "x" } }),
      RangeError,
      "1 to 79 printable characters",
    );
  }
});
