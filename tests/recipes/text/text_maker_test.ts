import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { combineValues, readOptions } from "../../../commands/options/options.ts";
import { Vocabulary } from "../../../data/text/vocabulary.ts";
import { ndarray } from "../../../engine/array.ts";
import type { Model } from "../../../models/model.ts";
import { charRnn } from "../../../models/char_rnn.ts";
import type { Host } from "../../../recipes/recipe.ts";
import { textMaker } from "../../../recipes/text/text_maker.ts";
import { UsageError } from "../../../recipes/usage_error.ts";
import { cpu } from "../../devices.ts";

/** A model that goes on after each token with one other: with the next in a circle. */
function circle(vocabulary: Vocabulary, text: string): Model {
  const { size } = vocabulary;
  const model = charRnn({ tokens: size, length: 8, units: 1, cell: "rnn" });
  model.info = { vocabulary: vocabulary.toJSON() };
  const tokens = vocabulary.encode(text);
  // The scores are of the state and the token: [1 + size, size].
  const kernel = new Float32Array((1 + size) * size);
  tokens.forEach((token, i) => kernel[(1 + token) * size + tokens[(i + 1) % tokens.length]] = 100);
  model.setWeight("dense_1/kernel", ndarray("float32", [1 + size, size], kernel));
  return model;
}

const host: Host = {
  say: () => {},
  show: () => {},
  permit: () => Promise.resolve(),
  keep: () => Promise.resolve(),
};

/** What is shown, and what a file would hold. */
async function write(model: Model, ...args: string[]): Promise<{ shown: string[]; file: string }> {
  const values = combineValues(
    textMaker.options,
    readOptions(textMaker.options, args).given,
    new Map([["seed", 1]]),
  );
  const shown: string[] = [];
  const where = { device: cpu.device };
  const { files } = await textMaker.make(model, values, {
    where,
    host,
    write: (text) => void shown.push(text),
  });
  return { shown: shown.filter((text) => text !== ""), file: new TextDecoder().decode(files[""]) };
}

const letters = new Vocabulary({ by: "codePoints", entries: ["a", "b", "c", "\n"] });
const abc = circle(letters, "abc\n");

Deno.test("characters of several bytes are shown as wholes", async () => {
  const cats = circle(new Vocabulary({ by: "bytes", entries: [] }), "猫");
  const { shown, file } = await write(cats, "--prompt", "猫", "--length", "150");
  assertEquals(file, "猫".repeat(51));
  assert(shown.length > 3 && shown.every((text) => /^[猫\n]+$/.test(text)), shown.join("|"));
});

Deno.test("a text ends before what is to stop it, wherever pieces of it begin; nothing of that is shown", async () => {
  for (const length of [30, 31, 32, 33, 34, 70]) {
    const prompt = "abc\\n".repeat(length % 7 + 1);
    const { shown, file } = await write(abc, "--prompt", prompt, "--length", String(length));
    assertEquals(file, "abc\n".repeat(30).slice(0, 4 * (length % 7 + 1) + length));
    assertEquals(shown.join(""), file + "\n");
  }
  const { shown, file } = await write(abc, "--prompt", "ab", "--stop", "b\\nc");
  assertEquals([file, shown.join("")], ["ab" + "c\nab".repeat(250), "ab" + "c\nab".repeat(250) + "\n"]);
  const ended = await write(abc, "--prompt", "ab", "--stop", "\\nab");
  assertEquals([ended.file, ended.shown.join("")], ["abc", "abc\n"]);
  // What was asked is no end.
  assertEquals((await write(abc, "--prompt", "abc", "--stop", "bc", "--length", "20")).file, "abc\na");
});

Deno.test("several texts are shown one after another, each behind its number", async () => {
  const { shown, file } = await write(abc, "--prompt", "b", "--streams", "2", "--stop", "a");
  assertEquals(shown.join(""), "--- 1 of 2 ---\nbc\n\n\n--- 2 of 2 ---\nbc\n\n");
  assertEquals(file, "bc\n\nbc\n");
});

Deno.test("without a prompt, a text begins behind a line break or between two texts, and ends where texts do", async () => {
  assertEquals((await write(abc, "--length", "4")).file, "abc\n");
  const tales = new Vocabulary({ by: "words", entries: ["once", " upon"], boundary: 2 });
  const model = circle(tales, "once upon");
  const kernel = model.weights.get("dense_1/kernel")!;
  kernel.data.fill(0);
  kernel.data.set([0, 100, 0], 3); // once: upon
  kernel.data.set([0, 0, 100], 6); // upon: the end
  kernel.data.set([100, 0, 0], 9); // the end: once
  model.setWeight("dense_1/kernel", kernel);
  assertEquals((await write(model)).file, "once upon");
  // A word within a line has a space in front.
  assertEquals((await write(model, "--prompt", "upon")).file, "upon");
});

Deno.test("what the model does not know is refused by name, as is a model without a vocabulary", async () => {
  const error = await assertRejects(() => write(abc, "--prompt", "abxyx!"), UsageError);
  assertStringIncludes(error.message, 'without "x", "y", "!"');
  const other = charRnn({ tokens: 4, length: 8, units: 1 });
  const mute = await assertRejects(() => write(other), UsageError);
  assertStringIncludes(mute.message, "it knows no characters or words");
});
