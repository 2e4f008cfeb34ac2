import { assertEquals, assertThrows } from "@std/assert";
import { TuneCode } from "../../../data/music/tune_code.ts";
import { readTuneOfWords, tuneOfWords, wordsOfTune } from "../../../data/music/tune_words.ts";
import { abcNotes } from "../../../formats/abc/abc_notes.ts";
import { parseAbc } from "../../../formats/abc/abc_tune.ts";
import { checkAbc } from "../../../formats/abc/check_abc.ts";

const abc = `X:3
T:Name
% a comment
M:4/4
K:Em
M:6/8
P:A
"Em"B2B [Ge]3|{g}(3efg a>b d/2z/ g-|g3 !trill!=c,3:|
P:B
K:D
|:[K:A]^f'6|[1 e6:|[2 E3 E3||
`;

Deno.test("a tune is words, without its name and what is not heard, and comes back with the same notes", () => {
  const [tune] = parseAbc(abc);
  const words = wordsOfTune(tune, "jigs");
  assertEquals(
    words,
    "R:jigs M:6/8 L:1/8 K:Em B2 B [Ge]3 | (3 e f g a > b d/2 z/ g - | g3 =c,3 :| [K:D] |: [K:A] ^f'6 |[1 e6 :|[2 E3 E3 ||",
  );
  assertEquals(abcNotes(readTuneOfWords(words)!, "x").notes, abcNotes(tune, "x").notes);
  assertEquals(tuneOfWords(words, 1, "T").split("\n").slice(0, 7), [
    "X:1",
    "T:T",
    "R:jigs",
    "M:6/8",
    "L:1/8",
    "K:Em",
    "B2 B [Ge]3 | (3 e f g a > b d/2 z/ g - | g3 =c,3 :| [K:D] |:",
  ]);
});

Deno.test("a part begins as behind a double bar, so bars next to it may be shorter", () => {
  const [tune] = parseAbc("M:2/4\nL:1/4\nK:G\nP:A\nG|AB|c|\nP:B\nd|ef|g|");
  const words = wordsOfTune(tune, "x");
  assertEquals(words, "R:x M:2/4 L:1/4 K:G G | A B | c || d | e f | g |");
  assertEquals(checkAbc(readTuneOfWords(words)!).hasFullBars, true);
});

Deno.test("words are tokens up to a boundary; others are refused", () => {
  const code = TuneCode.of(["R:jigs M:6/8 G2 |", "R:reels M:4/4 G2 |"]);
  assertEquals([code.size, code.values("R"), code.values("K")], [7, ["jigs", "reels"], []]);
  const tokens = code.encode("R:jigs G2");
  assertEquals(code.decode([...tokens, code.boundary, 0]), "R:jigs G2");
  assertThrows(() => code.encode("G3"), RangeError, '"G3": it is none of the 6 words');
  assertThrows(() => new TuneCode({ words: ["a b"] }), RangeError, "words have no spaces");
  assertEquals(readTuneOfWords("G2 |"), undefined);
});
