import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataError } from "../../../data/data_error.ts";
import { PoemCode } from "../../../data/poems/poem_code.ts";
import { poemCollection, quatrains } from "../../../data/poems/poems.ts";
import { temporary } from "../temporary.ts";

const characters = "一丁七丈三上下不丑且世丘丙丞並中串主久之乎乘";
const entries = ["。", ...characters, "，"];
const code = new PoemCode({
  characters: { by: "codePoints", entries, unknown: entries.length, boundary: entries.length + 1 },
  authors: ["李白", "杜甫"],
});
const line = (from: number, length: number) => characters.slice(from, from + length);
const poem = (length: number) => ({ author: "杜甫", lines: [0, 1, 2, 3].map((from) => line(from, length)) });

Deno.test("a poem is its author, its form, its lines and its end, and comes back", () => {
  for (const length of [5, 7]) {
    const tokens = code.encode(poem(length));
    assertEquals([tokens.length, tokens[0]], [code.length, code.authorToken("杜甫")]);
    assertEquals(code.decode(tokens), { lines: poem(length).lines, form: length as 5 | 7, isInForm: true });
    assertEquals([...new Set(tokens.slice(2 + 4 * (length + 1)))], [code.characters.boundary!]);
  }
  assertEquals(code.encode({ ...poem(5), author: "someone" })[0], code.authorToken(undefined));
  assertThrows(() => code.encode({ author: "", lines: ["一"] }), RangeError, "1 lines of 1 characters");
});

Deno.test("what is not in form is said to be", () => {
  const isInForm = (text: string, form: 5 | 7, isEnded = true) => {
    const tokens = [code.authorToken(undefined), code.formToken(form), ...code.characters.encode(text)];
    return code.decode(isEnded ? [...tokens, code.characters.boundary!] : tokens).isInForm;
  };
  const [a, b] = [line(0, 5), line(0, 7)];
  const right = `${a}，${a}。${a}，${a}。`;
  assertEquals(isInForm(right, 5), true);
  assertEquals(isInForm(right, 7), false);
  assertEquals(isInForm(right, 5, false), false);
  for (
    const wrong of [
      `${right}一`,
      `${a}。${a}，${a}，${a}。`,
      `${a}，${b}。${a}，${a}。`,
      `${a}，${a}。${a}，`,
      "",
      "，，，，",
    ]
  ) {
    assertEquals(isInForm(wrong, 5), false, wrong);
  }
  const rare = code.encode(poem(5));
  rare[3] = code.characters.unknown!;
  assertEquals(code.decode(rare).isInForm, false);
});

Deno.test("a poem begins with an author, a form or a line, and what does not do is refused", () => {
  assertEquals([...code.begin({})], [code.authorToken(undefined)]);
  assertEquals([...code.begin({ author: "李白", form: 7 })], [code.authorToken("李白"), code.formToken(7)]);
  const [, form, ...text] = code.begin({ line: line(0, 5) });
  assertEquals([form, code.characters.decode(text)], [code.formToken(5), `${line(0, 5)}，`]);
  assertEquals(code.begin({ line: line(0, 6) })[1], code.formToken(7));
  const refused = (beginning: Parameters<typeof code.begin>[0], text: string) =>
    assertThrows(() => code.begin(beginning), RangeError, text);
  refused({ author: "李煜" }, "knows 2 authors by name, among them 李白");
  refused({ line: line(0, 8) }, "a line of 8 characters");
  refused({ line: line(0, 7), form: 5 }, "a line of 7 characters: it has five or seven, here 5");
  refused({ line: "" }, "a line of 0 characters");
  refused({ line: "一龍" }, 'the model does not know "龍"');
});

Deno.test("quatrains are read from tables and JSON lists; two readings of a poem are in one part", async () => {
  await using folder = await temporary();
  const text = (lines: readonly string[]) => `${lines[0]}，${lines[1]}。${lines[2]}，${lines[3]}。`;
  const own = Array.from(
    { length: 12 },
    (_, i) => [line(i, 5), line(i + 1, 5), line(i + 2, 5), line(i + 3, 5)],
  );
  const rows = [...own, ...own.map((lines) => [...lines.slice(0, 3), line(0, 5)])].map((lines) =>
    `李白\t題\t${text(lines)}`
  );
  await Deno.writeTextFile(`${folder.path}/a.tsv`, [...rows, "no poem", "a\tb\t一，二"].join("\n"));
  const json = [{
    author: "杜甫",
    title: "t",
    paragraphs: ["一丁七丈三上下，", "一丁七丈三上下。一丁七丈三上下，一丁七丈三上丑。"],
  }];
  await Deno.writeTextFile(`${folder.path}/b.json`, JSON.stringify([...json, { author: 1 }, null]));
  await Deno.writeTextFile(`${folder.path}/c.txt`, "prose");
  const found = await quatrains(folder.path, { validation: 0.3, rare: 1 });
  assertEquals(found.report.slice(0, 2), ["26 poems in 2 files", "left out: c.txt: there is no poem in it"]);
  assertEquals(found.code.authors, ["李白"]);
  assertEquals(found.train.types.next, { dtype: "int32", shape: [34] });
  const firsts = (part: "train" | "validation") => new Set(found.poems[part].map(({ lines }) => lines[0]));
  assert(firsts("validation").size > 0);
  assertEquals(firsts("train").intersection(firsts("validation")).size, 0);
  const { tokens, next } = found.train.example(0).fields;
  assertEquals([...next.data.slice(0, -1)], [...tokens.data.slice(1)]);
  assertEquals(found.code.decode([...tokens.data, next.data.at(-1)!]).lines, found.poems.train[0].lines);
  assertEquals((await poemCollection(`${folder.path}/b.json`)).poems[0].lines.length, 4);
});

Deno.test("files without quatrains are refused with what was looked for", async () => {
  await using folder = await temporary();
  const refused = async (text: string, says: string) => {
    await Deno.writeTextFile(`${folder.path}/p.tsv`, text);
    await assertRejects(() => quatrains(`${folder.path}/p.tsv`), DataError, says);
  };
  await refused("", "it is empty");
  await refused("no tabs", "there are none; a file has one a line");
  await refused("李白\t題\t一，丁", "of its 1 poems none has four lines");
  await refused(`李白\t題\t${line(0, 5)}，${line(0, 5)}。${line(0, 5)}，${line(0, 5)}。`, "1 are too few");
});
