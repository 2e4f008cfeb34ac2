import { assert, assertEquals, assertThrows } from "@std/assert";
import { pianoRoll } from "../../formats/drawing/piano_roll.ts";
import type { Note } from "../../formats/midi/note.ts";

const note = (pitch: number, start: number, length: number, voice = 0): Note => ({
  pitch,
  start,
  length,
  velocity: 80,
  voice,
});

/** The colour of a pixel, counted from the beginning of the grid, which is 34 pixels from the left and 10 from the top. */
const pixel = (image: ReturnType<typeof pianoRoll>, x: number, y: number) => {
  const at = ((10 + y) * image.shape[1] + 33 + x) * 3;
  return [...image.data.subarray(at, at + 3)];
};

Deno.test("a note is a bar of its voice's colour, from its beginning to its end, at its pitch", () => {
  const image = pianoRoll({ notes: [note(60, 1, 2), note(71, 0, 1, 1)] }, { beatWidth: 10, keyHeight: 5 });
  assertEquals(image.shape, [10 + 12 * 5 + 10, 10 + 23 + 30 + 10, 3]);
  assertEquals(pixel(image, 15, 11 * 5 + 1), [0, 114, 178]);
  assertEquals(pixel(image, 28, 11 * 5 + 1), [0, 114, 178]);
  assertEquals(pixel(image, 5, 11 * 5 + 1), [255, 255, 255]);
  assertEquals(pixel(image, 5, 1), [213, 94, 0]);
  assertEquals(pixel(image, 5, 5 + 1), [242, 242, 245]); // a black key
});

Deno.test("long music goes on in the next line, and a note in both", () => {
  const image = pianoRoll({ notes: [note(60, 3, 2)] }, { beatsPerLine: 4, beatWidth: 10, keyHeight: 5 });
  assertEquals(image.shape, [10 + 2 * (12 * 5 + 10), 10 + 23 + 40 + 10, 3]);
  assertEquals(pixel(image, 35, 11 * 5 + 1), [0, 114, 178]);
  assertEquals(pixel(image, 5, 70 + 11 * 5 + 1), [0, 114, 178]);
});

Deno.test("music without notes is drawn, and what is none or too much is refused", () => {
  assert(pianoRoll({ notes: [] }, { title: "silence" }).data.length > 0);
  assertThrows(
    () => pianoRoll({ notes: [note(128, 0, 1)] }),
    RangeError,
    "Cannot draw a piano roll with note 0 of pitch 128",
  );
  assertThrows(() => pianoRoll({ notes: [note(60, 1e6, 1)] }), RangeError, "at most 100000000 are drawn");
  assertThrows(() => pianoRoll({ notes: [] }, { keyHeight: 1 }), RangeError, "keyHeight 1");
});
