import { assert, assertEquals, assertRejects } from "@std/assert";
import { DataError } from "../../../data/data_error.ts";
import { dances, tuneCollection } from "../../../data/music/dances.ts";
import { temporary } from "../temporary.ts";

const letters = "ABCDEFG";
const tunes = (meter: string, beats: number, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const bar = Array.from({ length: beats }, (_, j) => letters[(i + i * j) % 7]).join("");
    return `X:${i}\nT:Tune ${i}\nM:${meter}\nL:1/8\nK:D\nM:${meter}\n"D"${bar}|${letters[i % 7]}${
      bar.slice(1)
    }${i + 1}|\n`;
  }).join("\n");

Deno.test("tunes are taken from the files of a folder, by kind, and looked at", async () => {
  await using folder = await temporary();
  await Deno.writeTextFile(
    `${folder.path}/reelsa-c.abc`,
    "X:1\nT:One\nM:2/4\nL:1/4\nK:G\nGA|Bc|\n\nX:2\nT:Two\nK:G\nG?\n",
  );
  await Deno.writeTextFile(`${folder.path}/reelsd-g.abc`, "X:1\nT:Three\nM:2/4\nL:1/4\nK:G\nG|AAA|G|\n");
  await Deno.writeTextFile(`${folder.path}/notes.txt`, "no tunes");
  await Deno.writeTextFile(`${folder.path}/jigs.txt`, "X:1\nK:G\n?\n");
  assertEquals(
    (await tuneCollection(`${folder.path}/jigs.txt`)).report[1].slice(0, 18),
    "not read: one in /",
  );
  await Deno.remove(`${folder.path}/jigs.txt`);
  const { tunes, report } = await tuneCollection(folder.path);
  assertEquals(tunes.map(({ title, kind, check }) => [title, kind, check.parses, check.hasFullBars]), [
    ["One", "reels", true, true],
    ["Two", "reels", false, false],
    ["Three", "reels", true, false],
  ]);
  assertEquals(report, [
    "3 tunes in 2 files; 2 can be read, 1 of them with full bars",
    'not read: Two in reelsa-c.abc, line 1, character 2: "?" is no music',
  ]);
  await assertRejects(() => tuneCollection(`${folder.path}/notes.txt`), DataError, "there are none");
  await assertRejects(
    () => dances(folder.path),
    DataError,
    "two classes with 10 tunes each are needed, and there is none",
  );
});

Deno.test("dances are texts without what tells their kind, split by their music", async () => {
  await using folder = await temporary();
  await Deno.writeTextFile(`${folder.path}/jigs.abc`, tunes("6/8", 6, 40));
  await Deno.writeTextFile(`${folder.path}/waltzes.abc`, tunes("3/4", 3, 40));
  await Deno.writeTextFile(`${folder.path}/odd.abc`, tunes("5/4", 5, 3));
  const { train, test, classNames, vocabulary, report } = await dances(folder.path, { length: 12 });
  assertEquals(classNames, ["jigs", "waltzes"]);
  assertEquals([train.length, test.length], [64, 16]);
  assertEquals(train.types.tokens, { dtype: "int32", shape: [12] });
  assert(vocabulary.entries.every((entry) => /[A-G0-9|]/.test(entry)), vocabulary.entries.join(""));
  const { tokens, length, label } = train.example(0).fields;
  assert(/^[A-G]{6}\|[A-G]{5}$/.test(vocabulary.decode(tokens.data)), vocabulary.decode(tokens.data));
  assertEquals([length.data[0], label.data[0]], [12, 0]);
  assertEquals(report.slice(1), [
    "jigs 40, waltzes 40; left out, as there are fewer than 10: odd 3",
    "64 tunes to train on, 16 to test by; 40 cut at 12 characters",
  ]);
});

Deno.test("copies of a tune are in one part", async () => {
  await using folder = await temporary();
  const copies = Array.from({ length: 10 }, (_, i) => `X:${i}\nT:${i}\nM:2/4\nK:G\nGA|Bc|\n`).join("\n");
  await Deno.writeTextFile(`${folder.path}/reels.abc`, copies);
  await Deno.writeTextFile(`${folder.path}/jigs.abc`, tunes("6/8", 6, 30));
  const { train, test } = await dances(folder.path, { length: 8, validation: 0.3 });
  const reels = (data: typeof train) =>
    [...data.fields.label.values.data].filter((label) => label === 1).length;
  assertEquals([Math.max(reels(train), reels(test)), Math.min(reels(train), reels(test))], [10, 0]);
});
