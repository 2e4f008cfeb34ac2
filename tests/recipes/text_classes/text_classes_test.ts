import { assert, assertEquals } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { mistakesText } from "../../../recipes/text_classes/mistakes_text.ts";
import { RunCounts } from "../../../recipes/text_classes/run_counts.ts";

const text = (text: string, label: number, name = "t") => ({ name, text, label });

Deno.test("counts of characters in a row tell texts apart by what is in them, and by how many there are", () => {
  const counts = new RunCounts([text("abab", 0), text("baba", 0), text("cdcd", 1)], 2, 10);
  assertEquals(["ab", "dc", "", "zz"].map((one) => counts.classOf(one)), [0, 1, 0, 0]);
  // What is behind the length is not seen.
  assertEquals(new RunCounts([text("ab", 0), text("abcd", 1)], 2, 2).classOf("abcd"), 0);
});

Deno.test("the surest mistake comes first", () => {
  const said = ndarray("float32", [3, 2], [0.1, 0.9, 0.4, 0.6, 0.8, 0.2]);
  const bytes = mistakesText([text("right", 1), text("less sure", 0, "b"), text("sure", 1, "c")], said, [
    "x",
    "y",
  ]);
  const lines = new TextDecoder().decode(bytes).split("\n");
  assertEquals(lines[0], "2 of 3 texts are taken for another class; the surest first:");
  assert(lines[2].startsWith("c: y, taken for x (80.0 %; 20.0 % for y)"), lines[2]);
  assertEquals(lines[3], "    sure");
});
