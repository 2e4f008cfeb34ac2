import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { Vocabulary } from "../../../data/text/vocabulary.ts";
import { ndarray } from "../../../engine/array.ts";
import { charRnn } from "../../../models/char_rnn.ts";
import { charactersOf, countedLosses, textScore } from "../../../recipes/text/text_figures.ts";
import { cpu } from "../../devices.ts";

Deno.test("what counting comes to: frequencies, and what follows what", () => {
  const train = [0, 1, 0, 1, 0, 1, 0, 1];
  const { unigram, bigram } = countedLosses(train, [0, 1, 0, 1], 2);
  assertAlmostEquals(unigram, Math.log(2), 1e-6);
  const follows = Math.log((4 + 5 * 0.5) / (4 + 5));
  const other = Math.log((3 + 5 * 0.5) / (3 + 5));
  assertAlmostEquals(bigram, -(2 * follows + other) / 3, 1e-6);
  assertLess(countedLosses([0], [0, 2], 3).unigram, Infinity); // what never was
});

Deno.test("figures are of characters, whatever tokens are", async () => {
  const text = "ab\u00e9\u732b";
  const bytes = new Vocabulary({ by: "bytes", entries: [] });
  const words = new Vocabulary({ by: "words", entries: ["ab", " cd"] });
  assertEquals(charactersOf(bytes, bytes.encode(text)), 4);
  assertEquals(charactersOf(words, words.encode("ab cd")), 5);
  const model = charRnn({ tokens: 256, length: 8, units: 4 });
  model.setWeight("dense_1/kernel", ndarray("float32", [4, 256], Array(1024).fill(0)));
  const validation = bytes.encode("x" + text); // the first is not foreseen
  const train = bytes.encode("aabb");
  const score = await textScore(model, { name: "t", vocabulary: bytes, train, validation }, {
    device: cpu.device,
  });
  // It knows nothing of 256 bytes; a character has 7/4 of them here.
  assertAlmostEquals(score.metrics.validationNats, Math.log(256) * 7 / 4, 1e-4);
  assertAlmostEquals(score.metrics.validationBits, 14, 1e-4);
  assertEquals(score.table[1], ["this model", "9.7041", "14.0000", "5.5452", "256.00"]);
});
