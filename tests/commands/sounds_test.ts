import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { decodeWav } from "../../formats/wav/wav_decoder.ts";
import { encodeWav } from "../../formats/wav/wav_encoder.ts";
import { loadModel } from "../../models/model_file.ts";
import { temporary } from "../data/temporary.ts";
import { writeFiles } from "../data/write_files.ts";
import { runCli } from "./run_cli.ts";

const short = "--device cpu --threads 1 --no-tune".split(" ");

/** A tone that fades; no two are equal. */
function tone(pitch: number, i: number): Uint8Array {
  const samples = Float32Array.from(
    { length: 2400 },
    (_, at) => Math.sin(at * (pitch + i / 100)) * Math.exp(-at / (300 + 40 * i)),
  );
  return encodeWav({ samples: ndarray("float32", [2400, 1], samples), rate: 8000 });
}

/** Words of two kinds by three people. */
const words = Object.fromEntries(
  [["low", 0.1], ["high", 1]].flatMap(([word, pitch]) =>
    ["ann", "bo", "cy"].flatMap((who, p) =>
      [0, 1, 2].map((i) => [`words/${word}_${who}_${i}.wav`, tone(pitch as number, 3 * p + i)])
    )
  ),
);

Deno.test("train audio tells sounds apart by their names, judges by speakers who were not heard, and classify hears others", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, {
    ...words,
    "words/notes.txt": new Uint8Array(1),
    "empty.wav": new Uint8Array(0),
  });
  const { code, out, err } = await runCli(
    folder.path,
    ["train", "audio", "--data", "words", "--epochs", "8", "--folds", "2", ...short],
  );
  assertEquals([code, err], [0, ""], out);
  assertStringIncludes(out, "data       words: 18 sounds in 2 classes");
  assertStringIncludes(
    out,
    "found      3 speakers, who are the second part of names (high_ann_0.wav): ann, bo, cy",
  );
  assertStringIncludes(out, "skipped    notes.txt: it is called like no WAV, FLAC or MP3 file");
  assertStringIncludes(out, "clips      0.3 s at 8000 Hz");
  assertMatch(out, /^fold {7}2 of 2: \S+ % of 9 sounds, \d+ s$/m);
  assertMatch(
    out,
    /^test accuracy \S+ %, loss \S+; \S+ % by 2-fold .*; \S+ % for speakers not heard in training$/m,
  );
  const run = `${folder.path}/runs/001-audio-words`;
  for (const name of ["heard.png", "confusion.txt", "loss.svg"]) {
    assert((await Deno.stat(`${run}/${name}`)).size > 0);
  }
  const { info } = await loadModel(`${run}/model.safetensors`);
  assertEquals([info.recipe, info.classNames, info.sound], ["audio", ["high", "low"], { rate: 8000 }]);

  const judged = await runCli(folder.path, ["evaluate", ...short]);
  assertEquals([judged.code, judged.err], [0, ""], judged.out);
  assertEquals(/^test accuracy \S+ %/m.exec(judged.out)![0], /^test accuracy \S+ %/m.exec(out)![0]);

  const heard = await runCli(folder.path, ["classify", "words/high_bo_1.wav", "empty.wav", ...short]);
  assertEquals(heard.code, 2);
  assertMatch(heard.out, /high_bo_1\.wav\n {2}(high|low) +\S+ %/);
  assertStringIncludes(heard.err, "Cannot classify empty.wav: it is empty");
});

Deno.test("train sound makes sounds, and generate sound those of a class, each with a picture", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, words);
  const { code, out, err } = await runCli(
    folder.path,
    ["train", "sound", "--data", "words", "--epochs", "4", "--units", "8", "--speakers", "none", ...short],
  );
  assertEquals([code, err], [0, ""], out);
  assertStringIncludes(out, "preview    preview-1.wav: high, low");
  assertMatch(out, /^\S+ % of 50 made sounds are heard as what was asked for, made sounds are \S+ dB from/m);
  assert((await Deno.stat(`${folder.path}/runs/001-sound-words/made.png`)).size > 0);

  const made = await runCli(
    folder.path,
    [
      "generate",
      "sound",
      "--class",
      "low",
      "--count",
      "2",
      "--seed",
      String(2 ** 32 - 1),
      ...short.slice(0, 4),
    ],
  );
  assertEquals([made.code, made.err], [0, ""], made.out);
  assertStringIncludes(made.out, "made 2 low");
  for (const i of [1, 2]) {
    const { samples, rate } = decodeWav(await Deno.readFile(`${folder.path}/made/001-sound-${i}.wav`));
    assert(rate === 8000 && samples.shape[0] > 0 && samples.shape[0] <= 2400);
    assert((await Deno.stat(`${folder.path}/made/001-sound-${i}.png`)).size > 0);
  }
  const other = await runCli(folder.path, ["generate", "sound", "--class", "loud", ...short.slice(0, 4)]);
  assertEquals(other.code, 2);
  assertStringIncludes(other.err, 'Cannot make the sound "loud": the model knows high, low');
});

Deno.test("train audio refuses a folder with one class in one line, and begins no run", async () => {
  await using folder = await temporary();
  await writeFiles(folder.path, { "one/kick/1.wav": tone(0.1, 1), "one/kick/2.wav": tone(0.1, 2) });
  const { code, err } = await runCli(folder.path, ["train", "audio", "--data", "one", ...short]);
  assertEquals(code, 2);
  assertMatch(err, /^Cannot tell sounds apart in one: all of them are of one class, kick; [^\n]+$/);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["one"]);
});
