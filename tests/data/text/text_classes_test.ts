import { assert, assertEquals, assertRejects } from "@std/assert";
import { DataError } from "../../../data/data_error.ts";
import { textClasses } from "../../../data/text/text_classes.ts";
import { temporary } from "../temporary.ts";

const write = async (root: string, files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    const path = `${root}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
};

Deno.test("texts are of the class that their folder is called; characters of one text alone are unknown", async () => {
  await using folder = await temporary();
  const texts = (kind: string, letters: string) =>
    Array.from({ length: 12 }, (_, i) => [`${kind}/${i}.txt`, `${letters.repeat(i + 1)} \n`]);
  await write(folder.path, {
    ...Object.fromEntries([...texts("high", "ab"), ...texts("low", "cd"), ...texts("odd", "e").slice(0, 3)]),
    "low/0.txt": "cdz",
    "above.txt": "in no folder",
  });
  const { train, test, texts: own, classNames, vocabulary, report } = await textClasses(folder.path, {
    length: 10,
  });
  assertEquals(classNames, ["high", "low"]);
  assertEquals(vocabulary.entries, ["a", "b", "c", "d"]);
  assertEquals([train.length, test.length], [19, 5]);
  assertEquals(report.slice(-2), [
    "high 12, low 12; left out, as there are fewer than 10: odd 3",
    "19 texts to train on, 5 to test by; 14 cut at 10 characters",
  ]);
  const { tokens, length, label } = test.example(0).fields;
  const { text, label: named } = own.test[0];
  assertEquals(vocabulary.decode(tokens.data.slice(0, length.data[0])), text.slice(0, 10));
  assertEquals(label.data[0], named);
});

Deno.test("a table has a text a row; values with commas and line ends are in quotes", async () => {
  await using folder = await temporary();
  const rows = Array.from({ length: 20 }, (_, i) => `"line ${i},\nof ""verse""",${i % 2 ? "a" : "b"}`);
  await write(folder.path, { "t.csv": ["Text,Label", ...rows, ",a"].join("\r\n") });
  const { texts, classNames } = await textClasses(`${folder.path}/t.csv`);
  assertEquals(classNames, ["a", "b"]);
  assertEquals(texts.train.length + texts.test.length, 20);
  assert(/^line \d+,\nof "verse"$/.test(texts.train[0].text), texts.train[0].text);
});

Deno.test("what is no texts with classes is refused with what is missing", async () => {
  await using folder = await temporary();
  const refused = async (path: string, text: string) =>
    void await assertRejects(() => textClasses(`${folder.path}/${path}`), DataError, text);
  await write(folder.path, {
    "one/a/1.txt": "text",
    "flat/1.txt": "text",
    "empty/1/1.txt": "",
    "t.csv": "first,second\n1,2\n",
    "open.tsv": 'label\ttext\na\t"open\n',
  });
  await refused("gone", "there is no such file or folder");
  await refused("one", "there is none; a class is a folder of text files");
  await refused("flat", "a class is a folder of text files");
  await refused("empty", "none of its files is one");
  await refused("t.csv", "has to name the columns label and text");
  await refused("open.tsv", "a quoted value in its row 1 has no end");
});
