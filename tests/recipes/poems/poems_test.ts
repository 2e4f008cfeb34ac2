import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { quatrains } from "../../../data/poems/poems.ts";
import { countedLosses } from "../../../recipes/poems/character_counts.ts";
import { copiedFrom } from "../../../recipes/poems/copied.ts";
import { natsACharacter, poemNetwork, poemStep } from "../../../recipes/poems/poem_network.ts";
import { poemRows, writePoems } from "../../../recipes/poems/write_poems.ts";
import { train } from "../../../training/loop/train.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { temporary } from "../../data/temporary.ts";
import { cpu } from "../../devices.ts";

Deno.test("counts of characters and of pairs are probabilities", () => {
  const sequences = [[9, 0, 1, 0, 2, 9], [9, 1, 2, 2, 9]];
  const isCharacter = (token: number) => token < 4;
  for (const first of [9, 0, 1, 2, 3]) {
    // All characters together have a probability of 1 behind each.
    const parts = [0, 1, 2, 3].map((token) => countedLosses(sequences, [[first, token]], isCharacter, 4));
    assertAlmostEquals(parts.reduce((sum, { unigram }) => sum + Math.exp(-unigram), 0), 1, 1e-9);
    assertAlmostEquals(parts.reduce((sum, { bigram }) => sum + Math.exp(-bigram), 0), 1, 1e-9);
  }
  const { unigram } = countedLosses(sequences, [[9, 2]], isCharacter, 4);
  assertAlmostEquals(unigram, -Math.log((3 + 1) / (7 + 4)), 1e-12);
});

Deno.test("what is copied: poems, lines, and the longest stretch", () => {
  const corpus = [["abc", "def"], ["ghi", "jkl"]];
  assertEquals(copiedFrom(corpus, [["abc", "def"]]), { whole: 1, longest: "abcdef", lines: 1 });
  assertEquals(copiedFrom(corpus, [["xbc", "dex"], ["ghi", "zzz"]]), {
    whole: 0,
    longest: "bcde",
    lines: 0.25,
  });
  assertEquals(copiedFrom(corpus, [["xyz"]]), { whole: 0, longest: "", lines: 0 });
});

Deno.test("a network of poems learns, and what it writes by force is in form, with the line that it was given", async () => {
  await using folder = await temporary();
  const letters = Array.from({ length: 12 }, (_, i) => String.fromCodePoint(0x4e00 + i));
  const line = (i: number) =>
    Array.from({ length: 5 + 2 * (i % 2) }, (_, j) => letters[(i + j) % 12]).join("");
  const rows = Array.from({ length: 96 }, (_, i) => {
    const [a, b] = [line(i), line(i + 2)];
    return `author\t${i}\t${a}，${b}。${a}，${line(2 * (i % 7) + i)}。`;
  });
  await Deno.writeTextFile(`${folder.path}/p.tsv`, rows.join("\n"));
  const data = await quatrains(`${folder.path}/p.tsv`, { validation: 0.2 });
  const model = poemNetwork(data.code, data.train.targets, 0);
  const where = { device: cpu.device };
  const before = await natsACharacter(model, data.code, data.validation, where);
  const history = await train(poemStep(model, data, adam(0.01)), data.train, {
    epochs: 2,
    batchSize: 16,
    validation: data.validation,
    ...where,
  });
  const after = await natsACharacter(model, data.code, data.validation, where);
  assertAlmostEquals(after, history.at(-1)!.validationLoss!, 1e-4);
  assert(after < before - 0.3, `${before} ${after}`);
  const beginnings = [{ line: line(0) }, { author: "author", form: 7 as const }, {}, {
    line: letters.slice(0, 2).join(""),
  }];
  const poems = await writePoems(model, beginnings, { temperature: 1, seed: 4, strict: true }, where);
  assertEquals(poems.map(({ isInForm, form }) => [isInForm, form]), [[true, 5], [true, 7], [true, 7], [
    true,
    5,
  ]]);
  assertEquals(poems[0].lines[0], line(0));
  assert(poems[3].lines[0].startsWith(letters.slice(0, 2).join("")));
  assertEquals(poemRows(poems[0]), [
    `${line(0)}，${poems[0].lines[1]}。`,
    `${poems[0].lines[2]}，${poems[0].lines[3]}。`,
  ]);
});
