import { assertEquals, assertRejects } from "@std/assert";
import { DataError } from "../../../data/data_error.ts";
import { musicFolder } from "../../../data/music/music_folder.ts";
import { encodeMidi } from "../../../formats/midi/midi_encoder.ts";
import type { Note } from "../../../formats/midi/note.ts";
import { temporary } from "../temporary.ts";

/** A scale of so many beats, from a pitch on, two beats after the beginning. */
const scale = (pitch: number, beats: number): Note[] =>
  Array.from(
    { length: beats },
    (_, i) => ({ pitch: pitch + i % 12, start: 2 + i, length: 1, velocity: 80, voice: 0 }),
  );
const midi = (pitch: number, beats: number) => encodeMidi({ notes: scale(pitch, beats) });

Deno.test("MIDI and ABC files of a folder are pieces on a grid, whole ones kept apart where there are ten", async () => {
  await using folder = await temporary();
  await Deno.mkdir(`${folder.path}/more`);
  for (let i = 0; i < 9; i++) await Deno.writeFile(`${folder.path}/more/${i}.mid`, midi(40 + i, 6 + i));
  await Deno.writeTextFile(
    `${folder.path}/tune.abc`,
    "X:1\nT:Up\nM:4/4\nL:1/4\nK:C\nCDEF|\n\nX:2\nT:One\nK:C\nC|\n",
  );
  await Deno.writeTextFile(`${folder.path}/readme.txt`, "songs");
  const { train, validation, test, skipped, report } = await musicFolder(folder.path);
  assertEquals([train.length, validation.length, test.length], [8, 1, 1]);
  assertEquals(train.types.roll, { dtype: "float32", shape: [14, 88] });
  assertEquals(skipped, [
    { file: "readme.txt", reason: "it is no MIDI file, and holds no ABC tunes" },
    { file: "tune.abc One", reason: "one step of 1 beat, and two steps are needed" },
  ]);
  assertEquals(report[0], "10 pieces in steps of 1 beat, 2 files or tunes left out");
  // The rest before the first note is left out.
  const { fields: { roll, length } } = train.example(0);
  assertEquals([...roll.data].slice(0, 88).filter((key) => key > 0).length, 1);
  assertEquals(length.data[0] >= 4, true);
});

Deno.test("of few pieces the ends are kept apart, and long ones are cut", async () => {
  await using folder = await temporary();
  await Deno.writeFile(`${folder.path}/long.mid`, midi(60, 50));
  const { train, validation, test } = await musicFolder(`${folder.path}/long.mid`, {
    step: 0.5,
    longest: 50,
  });
  assertEquals([train.length, validation.length, test.length], [2, 2, 2]);
  assertEquals([...train.fields.length.values.data], [40, 40]);
  assertEquals([...test.fields.length.values.data], [5, 5]);
});

Deno.test("what is no music is refused with what is wrong", async () => {
  await using folder = await temporary();
  const refused = (path: string, message: string) =>
    assertRejects(() => musicFolder(`${folder.path}${path}`), DataError, message);
  await refused("", "it is empty; MIDI and ABC files are read");
  await refused("/none", "there is no such file or folder");
  await Deno.writeFile(`${folder.path}/short.mid`, midi(60, 1));
  await refused(
    "",
    "none of its files can be used; short.mid: one step of 1 beat, and two steps are needed",
  );
  await Deno.writeFile(`${folder.path}/cut.mid`, midi(60, 9).slice(0, 40));
  await refused("/cut.mid", "cut.mid");
  await Deno.writeTextFile(`${folder.path}/text.mid`, "no music");
  await refused("/text.mid", "it is no MIDI file, and holds no ABC tunes");
  await Deno.writeFile(`${folder.path}/few.mid`, midi(60, 4));
  await refused("/few.mid", "4 steps are too few to train on");
  const [first] = scale(60, 1);
  await Deno.writeFile(`${folder.path}/days.mid`, encodeMidi({ notes: [first, { ...first, start: 3e5 }] }));
  await refused("/days.mid", "it goes on for 300001 steps of 1 beats, and 250000 are the most");
});
