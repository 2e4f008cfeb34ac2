import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { DataError } from "../../../data/data_error.ts";
import { readNamedSounds } from "../../../data/audio/named_sounds.ts";
import { encodeWav } from "../../../formats/wav/wav_encoder.ts";
import { temporary } from "../temporary.ts";
import { writeFiles } from "../write_files.ts";

const tone = (length: number, rate = 8000, level = 0.5) =>
  encodeWav({
    samples: ndarray(
      "float32",
      [length, 1],
      Float32Array.from({ length }, (_, i) => level * Math.sin(i / 3 + length)),
    ),
    rate,
  });

const read = (path: string) => readNamedSounds(path, { classes: "auto", speakers: "auto" });

Deno.test("sounds of a flat folder get the classes and speakers of their names, and the rate and length of most", async () => {
  await using folder = await temporary();
  const files = ["yes", "no"].flatMap((word, w) =>
    ["ann", "bo"].flatMap((who, p) =>
      [0, 1, 2].map((i) => [`${word}_${who}_${i}.wav`, tone(3000 + 100 * i + w + 2 * p)])
    )
  );
  await writeFiles(folder.path, {
    ...Object.fromEntries(files),
    "no_bo_3.wav": tone(900, 16000),
    "no_bo_4.wav": tone(500, 8000, 0),
    "notes.txt": new TextEncoder().encode("none"),
  });
  const { classNames, sounds, clips, rate, seconds, skipped, changes, found } = await read(folder.path);
  assertEquals([classNames, rate, sounds.length], [["no", "yes"], 8000, 14]);
  assertEquals(clips.shape, [14, Math.round(seconds * 8000)]);
  assertEquals(sounds.map(({ speaker }) => speaker).filter((who) => who === "ann").length, 6);
  assertEquals(skipped, [{ file: "notes.txt", reason: "it is called like no WAV, FLAC or MP3 file" }]);
  assertStringIncludes(changes.join("\n"), "1 sound at 16000 Hz: resampled to 8000 Hz");
  assertStringIncludes(changes.join("\n"), "1 sound silent throughout: kept as they are");
  assertStringIncludes(found.join("\n"), "2 speakers, who are the second part of names");
});

const bad: Record<string, { files: Record<string, Uint8Array>; says: string }> = {
  "no sounds": {
    files: { "a/notes.txt": tone(10) },
    says: "there are none; classes are folders of WAV, FLAC or MP3 files",
  },
  "one class": {
    files: { "a/1.wav": tone(100), "a/2.wav": tone(200) },
    says: "all of them are of one class, a",
  },
  "no classes": { files: { "1.wav": tone(100), "2.wav": tone(200) }, says: "neither folders nor names tell" },
  "silence alone": {
    files: { "a/1.wav": tone(100, 8000, 0), "b/1.wav": tone(90, 8000, 0) },
    says: "all 2 are silent",
  },
  "sounds of no length": {
    files: { "a/1.wav": tone(0), "b/1.wav": tone(0) },
    says: "none can be read; a/1.wav: it has no samples",
  },
  "no WAV": {
    files: { "a/1.wav": new Uint8Array(0), "b/1.wav": new Uint8Array(99) },
    says: "none can be read; a/1.wav: it is empty",
  },
  "one class that can be read": {
    files: { "a/1.wav": tone(100), "b/1.wav": new Uint8Array(99) },
    says: "those of a alone can be read, and none of b",
  },
};

for (const [name, { files, says }] of Object.entries(bad)) {
  Deno.test(`a folder of sounds is refused in one line: ${name}`, async () => {
    await using folder = await temporary();
    await writeFiles(folder.path, files);
    const { message } = await assertRejects(() => read(folder.path), DataError);
    assertStringIncludes(message, says);
    assertEquals(message.split("\n").length, 1);
  });
}
