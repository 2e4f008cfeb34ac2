import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { Vocabulary } from "../../../data/text/vocabulary.ts";
import { ndarray } from "../../../engine/array.ts";
import { charRnn } from "../../../models/char_rnn.ts";
import { levelOf, mostSurprising, textSurprise } from "../../../recipes/text/surprise.ts";
import { UsageError } from "../../../recipes/usage_error.ts";
import { cpu } from "../../devices.ts";

const where = { device: cpu.device };

/** A model that finds each token as likely as its number of bits says, whatever was before. */
function constant(vocabulary: Vocabulary, bits: readonly number[]) {
  const model = charRnn({ tokens: vocabulary.size, length: 8, units: 1 });
  model.setWeight("dense_1/kernel", ndarray("float32", [1, vocabulary.size], Array(vocabulary.size).fill(0)));
  model.setWeight("dense_1/bias", ndarray("float32", [vocabulary.size], bits.map((b) => -b * Math.LN2)));
  model.info = { vocabulary: vocabulary.toJSON() };
  return model;
}

Deno.test("each character has its bits, what is not known has none and is counted", async () => {
  const letters = new Vocabulary({ by: "codePoints", entries: ["\n", "a", "b", "c"] });
  const model = constant(letters, [3, 1, 2, 3]);
  const { pieces, bitsPerCharacter, characters, unknown } = await textSurprise(model, "abx\ncxy", where);
  assertEquals(pieces.map(({ text }) => text).join(""), "abx\ncxy");
  assertEquals(pieces.map(({ bits }) => bits && Math.round(bits)), [
    1,
    2,
    undefined,
    3,
    3,
    undefined,
    undefined,
  ]);
  assertAlmostEquals(bitsPerCharacter, 9 / 4, 1e-5);
  assertEquals([characters, [...unknown]], [4, [["x", 2], ["y", 1]]]);
  const [first, second, third] = mostSurprising(pieces, 3);
  assertEquals([first.line, first.column, first.text], [1, 4, "\n"]);
  assertEquals([second.line, second.column, second.before, second.text, second.after], [
    2,
    1,
    "abx\n",
    "c",
    "xy",
  ]);
  assertEquals([third.text, third.bits > 1.9], ["b", true]);
  await assertRejects(() => textSurprise(model, "xyz", where), UsageError, "knows none of its characters");
});

Deno.test("bits of a character's bytes are added, words count by their characters", async () => {
  const bytes = new Vocabulary({ by: "bytes", entries: [] });
  const even = constant(bytes, Array(256).fill(8));
  const cat = await textSurprise(even, "猫a", where);
  assertEquals(cat.pieces.map(({ text, bits }) => [text, Math.round(bits!)]), [["猫", 24], ["a", 8]]);
  assertAlmostEquals(cat.bitsPerCharacter, 16, 1e-4);
  const words = new Vocabulary({ by: "words", entries: ["the", " cat"], unknown: 2 });
  const said = await textSurprise(constant(words, [1, 2, 2]), "the dog cat", where);
  assertEquals(said.pieces.map(({ text, bits }) => [text, bits && Math.round(bits)]), [
    ["the", 1],
    [" dog", undefined],
    [" cat", 2],
  ]);
  assertAlmostEquals(said.bitsPerCharacter, 3 / 7, 1e-5);
});

Deno.test("what was to be expected is in no shade", () => {
  assertEquals([undefined, 0.1, 2, 5, 99].map((bits) => levelOf({ text: "x", bits })), [0, 0, 1, 2, 7]);
});
