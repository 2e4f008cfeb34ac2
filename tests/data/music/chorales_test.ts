import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DataError } from "../../../data/data_error.ts";
import { chorales, choraleVoices } from "../../../data/music/chorales.ts";
import { notesOfRoll, notesOfVoices, rollOfNotes } from "../../../data/music/piano_roll.ts";
import { voiceLeading } from "../../../data/music/voice_leading.ts";
import { ndarray } from "../../../engine/array.ts";
import { temporary } from "../temporary.ts";

Deno.test("chorales are rolls of 0 and 1, as long as the longest, with lengths and masks", async () => {
  await using folder = await temporary();
  const pieces = { train: [[[21, 108]], [[60], [], [62, 64]]], valid: [[[60]]], test: [[[60], [60]]] };
  const packed = new Blob([JSON.stringify(pieces)]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(`${folder.path}/pianoroll-quarter.json.gz`, await new Response(packed).bytes());
  const { train, validation, test } = await chorales(folder.path);
  assertEquals([train.length, validation.length, test.length], [2, 1, 1]);
  const [{ fields: { roll, length, mask } }] = train.batches(2);
  assertEquals([roll.shape, [...length.data], [...mask.data]], [[2, 3, 88], [1, 3], [1, 0, 0, 1, 1, 1]]);
  const down = [...roll.data.entries()].filter(([, value]) => value !== 0);
  assertEquals(down, [[0, 1], [87, 1], [3 * 88 + 39, 1], [5 * 88 + 41, 1], [5 * 88 + 43, 1]]);
  assertEquals(test.types, train.types);
});

Deno.test("chorales are voices, 128 where one is silent", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/mine.json`;
  const pieces = {
    train: [[[72, 65, 60, 48], [72, -1, 60, 48]]],
    valid: [[[60, 60, 60, 60]]],
    test: [[[60, 60, 60, 60]]],
  };
  await Deno.writeTextFile(path, JSON.stringify(pieces));
  const { train, test } = await choraleVoices(path);
  assertEquals([...train.example(0).fields.voices.data], [72, 65, 60, 48, 72, 128, 60, 48]);
  assertEquals([...test.example(0).fields.voices.data], [60, 60, 60, 60, 128, 128, 128, 128]);
  assertEquals(train.types.voices, { dtype: "int32", shape: [2, 4] });
});

Deno.test("files that hold no chorales are refused with what is wrong", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/x.json`;
  const refused = async (content: unknown, message: string) => {
    await Deno.writeTextFile(path, typeof content === "string" ? content : JSON.stringify(content));
    await assertRejects(() => chorales(path), DataError, message);
  };
  await refused("{", "it is no JSON of");
  await refused({ train: [] }, 'it has no pieces "train"');
  await refused(
    { train: [[[60], [12]]], valid: [], test: [] },
    'step 1 of piece 0 of "train" is [12]: it takes pitches from 21',
  );
  await refused({ train: [[]], valid: [], test: [] }, 'piece 0 of "train" has no steps');
  await assertRejects(() => chorales(folder.path), DataError, "it has no file pianoroll-quarter.json");
  await assertRejects(() => choraleVoices(`${path}y`), DataError, "there is no such file or folder");
});

Deno.test("a roll is its notes, and notes on the grid are their roll", () => {
  const rolls = fc.array(fc.uniqueArray(fc.integer({ min: 21, max: 108 }), { maxLength: 5 }), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(fc.property(rolls, fc.constantFrom(1, 0.25, 1 / 3), fc.boolean(), (steps, step, join) => {
    const roll = ndarray("uint8", [steps.length, 88], new Uint8Array(steps.length * 88));
    steps.forEach((pitches, at) => pitches.forEach((pitch) => roll.data[at * 88 + pitch - 21] = 1));
    const notes = notesOfRoll(roll, { step, join });
    assertEquals(rollOfNotes(notes, { step, steps: steps.length }), roll);
    if (!join) assertEquals(notes.length, steps.flat().length);
  }));
  const voices = ndarray("uint8", [3, 2], [60, 48, 60, 128, 62, 48]);
  assertEquals(
    notesOfVoices(voices, { step: 0.5 }).map((
      { pitch, start, length, voice },
    ) => [pitch, start, length, voice]),
    [
      [60, 0, 1, 0],
      [48, 0, 0.5, 1],
      [62, 1, 0.5, 0],
      [48, 1, 0.5, 1],
    ],
  );
  assertThrows(() => notesOfRoll(ndarray("uint8", [1, 3], [0, 0, 0])), RangeError, "[steps, 88]");
});

Deno.test("voices are looked at: ranges, parallels, crossings, silence", () => {
  // deno-fmt-ignore
  const voices = ndarray("uint8", [4, 4], [
    72, 67, 60, 48, // fifth between alto and tenor, octaves to the bass
    74, 69, 62, 50, // all go up by a tone
    74, 76, 128, 49, // the alto crosses; the soprano stays
    90, 60, 128, 36,
  ]);
  const { parallels, outOfRange, crossings, silent, moves, report } = voiceLeading(voices);
  assertEquals(parallels.map(({ step, voices: [high, low], interval }) => [step, high, low, interval]), [
    [1, 0, 2, "octave"],
    [1, 0, 3, "octave"],
    [1, 1, 2, "fifth"],
    [1, 1, 3, "fifth"],
    [1, 2, 3, "octave"],
  ]);
  assertEquals(outOfRange, [{ step: 2, voice: 1, pitch: 76 }, { step: 3, voice: 0, pitch: 90 }]);
  assertEquals([crossings, silent, moves], [1, [0, 0, 2, 0], 6 + 1 + 3]);
  assertEquals(report[1], "parallels: 2 of fifths, 3 of octaves, in 5 of 10 (50.0 %) moves of two voices");
  assertThrows(() => voiceLeading(ndarray("uint8", [1, 3], [1, 2, 3])), RangeError, "[steps, 4]");
});
