import { assert, assertEquals, assertRejects } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { DataError } from "../../../data/data_error.ts";
import { allSounds, audioFolder } from "../../../data/audio/audio_folder.ts";
import { encodeWav } from "../../../formats/wav/wav_encoder.ts";
import { makeFlac } from "../../formats/make_flac.ts";
import { makeWav } from "../../formats/make_wav.ts";
import { mp3Samples } from "../../formats/mp3_samples.ts";
import { temporary } from "../temporary.ts";
import { writeFiles } from "../write_files.ts";

/** A sound of one value, at 100 Hz if nothing else is said. */
const flat = (value: number, length: number, rate = 100, channels = 1) =>
  encodeWav({
    samples: ndarray("float32", [length, channels], new Float32Array(length * channels).fill(value)),
    rate,
  }, { format: "float32" });

const rising = (length: number) =>
  encodeWav({
    samples: ndarray("float32", [length, 1], Float32Array.from({ length }, (_, i) => i)),
    rate: 100,
  }, { format: "float32" });

Deno.test("audioFolder() makes clips of one rate and length of sounds of any, and says what it did", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, {
    "high/exact.wav": flat(0.25, 100),
    "high/short.wav": flat(0.5, 60),
    "high/fast.wav": flat(0.125, 400, 400),
    "low/stereo.wav": flat(0.75, 150, 150, 2),
    "low/flac.wav": makeFlac([...new Array(300).fill(16384)], { rate: 16000 }),
    "low/tone.mp3": mp3Samples.tone,
    "low/long.wav": rising(250),
  });
  const data = await allSounds(folder.path, { seconds: 1, rate: 100 });
  assertEquals([data.skipped, data.rate, data.classNames], [[], 100, ["high", "low"]]);
  assertEquals(data.all.types.sound, { dtype: "float32", shape: [100] });
  assertEquals([data.all.inputFields, data.all.targetFields, data.all.length], [["sound"], ["label"], 7]);
  assertEquals(data.changes, [
    "3 sounds shorter than 1 s: followed by silence",
    "2 sounds at 16000 Hz: resampled to 100 Hz",
    "2 sounds of 2 channels: mixed to one",
    "1 sound at 400 Hz: resampled to 100 Hz",
    "1 sound longer than 1 s: the start is kept",
    "1 sound at 150 Hz: resampled to 100 Hz",
  ]);
  const sounds = Array.from({ length: 7 }, (_, i) => data.all.example(i).fields.sound.data as Float32Array);
  assertEquals([...sounds[0]], new Array(100).fill(0.25)); // as they lie in the folder: exact, fast, short
  assert(Math.abs(sounds[1][50] - 0.125) < 1e-3);
  assertEquals([...sounds[2]], [...new Array(60).fill(0.5), ...new Array(40).fill(0)]);
  assertEquals([...sounds[4]], Array.from({ length: 100 }, (_, i) => i));
  assert(Math.abs(sounds[5][50] - 0.75) < 1e-3);
});

Deno.test("audioFolder() keeps the middle of long sounds, or takes them apart into windows of one part", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, {
    "a/long.wav": rising(250),
    "a/one.wav": flat(-1, 100),
    "a/two.wav": flat(-2, 100),
    "b/three.wav": flat(-3, 110),
    "b/four.wav": flat(-4, 100),
  });
  const middle = await allSounds(folder.path, { seconds: 1, rate: 100, long: "middle" });
  assertEquals(middle.all.example(0).fields.sound.data[0], 75);
  assertEquals(middle.changes, ["2 sounds longer than 1 s: the middle is kept"]);
  const apart = await audioFolder(folder.path, { seconds: 1, rate: 100, long: "windows", validation: 0.4 });
  assertEquals(apart.changes, [
    "2 sounds longer than 1 s: taken apart into 5, the last of each followed by silence",
  ]);
  assertEquals(apart.train.length + apart.test.length, 8);
  const starts = [apart.train, apart.test].map((part) =>
    Array.from({ length: part.length }, (_, i) => part.example(i).fields.sound.data[0]).filter((v) => v >= 0)
  );
  assertEquals(starts.map((own) => own.length).sort(), [0, 3]);
  assertEquals(starts.flat().sort((a, b) => a - b), [0, 100, 200]);
});

Deno.test("audioFolder() leaves out what can't be read, and names it with the reason", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, {
    "a/one.wav": flat(1, 10),
    "a/two.wav": flat(2, 10),
    "a/empty.wav": new Uint8Array(0),
    "a/none.wav": flat(0, 0),
    "a/nan.wav": makeWav({ bits: 32, format: 3 }, new Uint8Array(Float32Array.of(0, NaN).buffer)),
    "a/cut.wav": flat(1, 10).subarray(0, 60),
    "a/text.wav": new TextEncoder().encode("no sound"),
    "b/text.wav": new TextEncoder().encode("no sound"),
    "readme.txt": new TextEncoder().encode("about"),
  });
  const { skipped, classNames, train, test } = await audioFolder(folder.path, { seconds: 0.1, rate: 100 });
  assertEquals([classNames, train.length, test.length], [["a"], 1, 1]);
  assertEquals(Object.fromEntries(skipped.map(({ file, reason }) => [file, reason])), {
    "a/cut.wav": 'its part "data" has 40 bytes, of which 16 are there',
    "a/empty.wav": "it is empty",
    "a/nan.wav": "sample 1 is NaN",
    "a/none.wav": "it has no samples",
    "a/text.wav": "it starts like no WAV, FLAC or MP3 file",
    "b/text.wav": "it starts like no WAV, FLAC or MP3 file",
    b: "none of its sounds can be read",
    "readme.txt": "it is in no folder of a class",
  });
});

Deno.test("sounds of one group are in one part", async () => {
  await using folder = await temporary();
  const names = Array.from({ length: 24 }, (_, i) => `${"ab"[i % 2]}/speaker${i % 6}_${i}.wav`);
  await writeFiles(folder.path, Object.fromEntries(names.map((name, i) => [name, flat(i, 10)])));
  const data = await audioFolder(folder.path, {
    seconds: 0.1,
    rate: 100,
    validation: 0.3,
    group: (file) => /speaker\d/.exec(file)![0],
  });
  const speakers = [data.train, data.test].map((part) =>
    new Set(Array.from({ length: part.length }, (_, i) => part.example(i).fields.sound.data[0] % 6))
  );
  assert(speakers[0].size > 0 && speakers[1].size > 0);
  assertEquals(speakers[0].size + speakers[1].size, 6);
});

Deno.test("audioFolder() refuses folders and options that it can make no data of", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, { "bad/a/x.wav": new Uint8Array(9), "one/a/x.wav": flat(1, 10) });
  const reading = (name: string) => audioFolder(`${folder.path}/${name}`, { seconds: 1 });
  await assertRejects(() => reading("gone"), DataError, "there is no such folder");
  await assertRejects(() => reading("bad"), DataError, "none can be read; a/x.wav: it starts like no WAV");
  await assertRejects(
    () => reading("one"),
    DataError,
    "two different sounds of a class are needed; there is one",
  );
  const options: [object, string][] = [
    [{}, "without seconds"],
    [{ seconds: 0 }, "a number above 0"],
    [{ seconds: 1e-9 }, "that is no sample"],
    [{ seconds: 1, rate: 0 }, "a whole number from 1"],
    [{ seconds: 1, long: "loop" }, "one of start, middle, windows"],
    [{ seconds: 1, validation: 1 }, "above 0 and below 1"],
  ];
  for (const [given, reason] of options) {
    await assertRejects(() => audioFolder(folder.path, given as { seconds: number }), Error, reason);
  }
});
