import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { DataError } from "../../../data/data_error.ts";
import { textCorpus } from "../../../data/text/text_corpus.ts";
import type { TextCorpusOptions } from "../../../data/text/corpus_types.ts";
import { Vocabulary } from "../../../data/text/vocabulary.ts";
import { temporary } from "../temporary.ts";

const options: TextCorpusOptions = { length: 4, validation: 0.3 };

Deno.test("a text is one stream that both parts look into; its end is for validation", async () => {
  const text = "abcdefghijklmnopqrst";
  const { vocabulary, train, validation, tokens } = await textCorpus({ text }, options);
  assertEquals([vocabulary.size, tokens, train.length, validation.length], [20, 20, 3, 1]);
  const shown = (data: typeof train, i: number) =>
    ["tokens", "next"].map((name) => vocabulary.decode(data.example(i).fields[name].data));
  assertEquals(shown(train, 2), ["ijkl", "jklm"]);
  assertEquals(shown(validation, 0), ["opqr", "pqrs"]);
  assertEquals(train.fields.tokens.values.dtype, "uint8");
  assertStrictEquals(train.fields.tokens.values.data.buffer, validation.fields.next.values.data.buffer);
});

Deno.test("files of a folder are joined with a token between two; what is no text is left out and named", async () => {
  await using folder = await temporary();
  const write = (name: string, bytes: Uint8Array | string) =>
    Deno.writeFile(
      `${folder.path}/${name}`,
      typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes,
    );
  await Deno.mkdir(`${folder.path}/c`);
  await write("b.txt", "second\r\n");
  await write("a.txt", Uint8Array.of(0xff, 0xfe, 0x66, 0, 0x31, 0, 0x0a, 0));
  await write("c/d.txt", "third\rline");
  await write("picture.png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0, 0));
  await write("empty.txt", "");
  await write("README.md", "about");
  const packed = new Blob(["packed\n"]).stream().pipeThrough(new CompressionStream("gzip"));
  await write("z.txt.gz", await new Response(packed).bytes());
  const corpus = await textCorpus(folder.path, { length: 3, validation: 0.4 });
  const { vocabulary, train, files, skipped } = corpus;
  assertEquals(files.map(({ file, encoding }) => [file, encoding]), [
    ["a.txt", "UTF-16LE"],
    ["b.txt", "UTF-8"],
    ["c/d.txt", "UTF-8"],
    ["z.txt.gz", "UTF-8"],
  ]);
  assertEquals(skipped.map(({ file }) => file), ["README.md", "empty.txt", "picture.png"]);
  const [one, two] = [0, 1].map((i) => [...train.example(i).fields.tokens.data]);
  assertEquals([vocabulary.decode(one), two[0] === vocabulary.boundary], ["f1\n", true]);
  assertEquals(
    corpus.tokens,
    "f1\n".length + "second\n".length + "third\nline".length + "packed\n".length + 3,
  );
  assertEquals(corpus.report, [
    "4 texts: 33 bytes, 1 UTF-16LE with a byte order mark, 3 UTF-8",
    "3 files left out, such as README.md: it tells about the others",
    "line ends: 2 LF, 1 CRLF, 1 CR; all made LF",
    "30 tokens by characters, 18 different, one of them between two texts",
    "5 windows to train on, 3 to test by",
  ]);
  const kept = await textCorpus(`${folder.path}/b.txt`, { length: 2, validation: 0.4, lineEnds: "keep" });
  assertEquals([kept.tokens, kept.report[1]], [8, "line ends: 1 CRLF; kept as they are"]);
});

Deno.test("the most frequent entries are kept; a vocabulary that there is already is used as it is", async () => {
  const text = "aaaabbbcc d".repeat(4);
  const { vocabulary, unknown, tokens } = await textCorpus({ text }, { ...options, most: 2 });
  assertEquals([vocabulary.entries, vocabulary.unknown, unknown, tokens], [["a", "b"], 2, 16, 44]);
  const again = await textCorpus({ text: ["abab", "babababa"] }, {
    ...options,
    length: 1,
    vocabulary: new Vocabulary({ by: "codePoints", entries: ["a", "b"], boundary: 2 }),
  });
  assertEquals([again.tokens, again.vocabulary.size], [13, 3]);
  await assertRejects(
    () =>
      textCorpus({ text: "abc" }, {
        ...options,
        vocabulary: new Vocabulary({ by: "codePoints", entries: ["a"] }),
      }),
    RangeError,
    'Cannot encode a text with "b", "c"',
  );
  await assertRejects(
    () => textCorpus({ text }, { ...options, most: 2, vocabulary }),
    TypeError,
    "decides both",
  );
  await assertRejects(
    () =>
      textCorpus({ text: ["a", "b"] }, {
        ...options,
        vocabulary: new Vocabulary({ by: "bytes", entries: [] }),
      }),
    DataError,
    "boundary",
  );
});

Deno.test("words and bytes are tokens, too", async () => {
  const text = "to be or not to be, that is the question; être";
  const words = await textCorpus({ text }, { ...options, length: 2, by: "words" });
  assertEquals([words.tokens, words.vocabulary.entries[0]], [13, " be"]);
  const bytes = await textCorpus({ text }, { ...options, by: "bytes" });
  assertEquals([bytes.tokens, bytes.vocabulary.size], [47, 256]);
});

Deno.test("what is missing, empty, too short or no text is refused in a line", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/x`;
  const refused = (source: string | { text: string }, message: string) =>
    assertRejects(() => textCorpus(source, options), DataError, message);
  await refused(path, `Cannot read the text in ${path}: there is no such file or folder`);
  await refused(folder.path, "it is empty");
  await Deno.writeTextFile(path, "");
  await refused(path, "it is empty");
  await refused(folder.path, "none of its files is one; x: it is empty");
  await Deno.writeFile(path, new Uint8Array(100).map((_, i) => i % 7));
  await refused(path, "it is no text");
  await Deno.writeFile(path, Uint8Array.of(0x1f, 0x8b, 8, 0, 0));
  await refused(path, "it is no gzip file, or a damaged one");
  await refused({ text: "" }, "it is empty");
  await refused(
    { text: "0123456789" },
    "Cannot make a corpus of a text: its validation part has 3 of 10 tokens, and a window of 4 with what comes next needs 5",
  );
  await assertRejects(() => textCorpus(3 as never, options), TypeError, "path of a file");
  await assertRejects(() => textCorpus({ text: "abc" }, { length: 0 }), RangeError, "length 0");
  await assertRejects(
    () => textCorpus({ text: "abc" }, { length: 1, validation: 1 }),
    RangeError,
    "validation 1",
  );
});

Deno.test("broken places are said", async () => {
  await using folder = await temporary();
  const bytes = new TextEncoder().encode("schöne Wörter".repeat(10));
  await Deno.writeFile(`${folder.path}/x`, Uint8Array.of(...bytes, 0xff, 0x61));
  const { files, report } = await textCorpus(`${folder.path}/x`, options);
  assertEquals(files[0].broken, 1);
  assert(report[1].endsWith("x: 1 place of bytes that are no UTF-8, each read as U+FFFD"), report[1]);
});
