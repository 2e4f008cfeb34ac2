import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { countEntries } from "../../../data/text/count_entries.ts";
import { type TextUnit, textUnits, wordsOf } from "../../../data/text/text_units.ts";
import { Vocabulary } from "../../../data/text/vocabulary.ts";

const of = (text: string, by: TextUnit) =>
  new Vocabulary({ by, entries: countEntries([text], by, undefined).entries });

Deno.test("what is encoded is decoded as it was, also token by token, and when the vocabulary was JSON meanwhile", () => {
  fc.assert(fc.property(
    fc.string({
      unit: fc.constantFrom("a", "B", " ", "\n", "1", "'", "é", "e\u0301", "床", "😀", "\ud800", "\ufeff"),
    }),
    fc.constantFrom(...textUnits),
    (given, by) => {
      const text = given.toWellFormed();
      const vocabulary: Vocabulary = new Vocabulary(JSON.parse(JSON.stringify(of(text, by))));
      const tokens = vocabulary.encode(text);
      assertEquals(tokens.length, countEntries([text], by, undefined).tokens);
      assertEquals(vocabulary.decode(tokens), text);
    },
  ));
});

Deno.test("words keep the space in front of them; what is written without spaces is taken apart by characters", () => {
  assertEquals([...wordsOf("It's 12 o’clock,  my\tlord.\n床前a")], [
    "It's",
    " 12",
    " o’clock",
    ",",
    " ",
    " my",
    "\t",
    "lord",
    ".",
    "\n",
    "床",
    "前",
    "a",
  ]);
});

Deno.test("bytes come as text once a character is whole", () => {
  const decoder = new Vocabulary({ by: "bytes", entries: [] }).decoder();
  const parts = [0x61, 0xe5, 0xba, 0x8a, 0xf0, 0x9f].map((byte) => decoder.next(byte));
  assertEquals([...parts, decoder.end()], ["a", "", "", "床", "", "", "\ufffd"]);
});

Deno.test("what is no entry is unknown, or refused by name", () => {
  const known = new Vocabulary({ by: "codePoints", entries: ["a", "b"], unknown: 2, boundary: 3 });
  assertEquals([...known.encode("abx😀")], [0, 1, 2, 2]);
  assertEquals(known.decode([0, 2, 3, 1]), "a\ufffd\nb");
  assertEquals([known.size, known.unknownIn("axbx😀")], [4, ["x", "😀"]]);
  const strict = new Vocabulary({ by: "codePoints", entries: ["a"] });
  assertThrows(
    () => strict.encode("abcdefghijk"),
    RangeError,
    'Cannot encode a text with "b", "c", "d", "e", "f", "g", "h", "i" and 2 more: the 1 characters',
  );
  assertThrows(
    () => strict.decode([1]),
    RangeError,
    "Cannot decode with token 1: it has to be a whole number from 0 to 0",
  );
});

Deno.test("descriptions that are none are refused", () => {
  const make = (description: unknown) => () => new Vocabulary(description as never);
  assertThrows(make({ by: "letters", entries: [] }), TypeError, "one of codePoints, bytes, words");
  assertThrows(make({ by: "codePoints", entries: ["a", "a"] }), RangeError, 'the entry "a" twice');
  assertThrows(make({ by: "codePoints", entries: ["ab"] }), RangeError, 'by codePoints with the entry "ab"');
  assertThrows(make({ by: "bytes", entries: ["a"] }), RangeError, "by bytes");
  assertThrows(make({ by: "codePoints", entries: ["a"], unknown: 3 }), RangeError, "unknown or boundary 3");
  assertThrows(make({ by: "codePoints", entries: ["a"], unknown: 1, boundary: 1 }), RangeError, "boundary 1");
});
