import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { abcBars } from "../../../formats/abc/abc_bars.ts";
import { readKey } from "../../../formats/abc/abc_key.ts";
import { abcNotes } from "../../../formats/abc/abc_notes.ts";
import { type AbcTune, abcValue, parseAbc } from "../../../formats/abc/abc_tune.ts";
import { checkAbc } from "../../../formats/abc/check_abc.ts";
import { FormatError } from "../../../formats/format_error.ts";

const tune = (body: string, header = "M:4/4\nL:1/4\nK:C"): AbcTune => parseAbc(`X:1\n${header}\n${body}`)[0];
/** Pitches and lengths, bar by bar. */
const sounds = (body: string, header?: string) =>
  abcBars(tune(body, header)).map((bar) => bar.sounds.map(({ pitches, length }) => [...pitches, length]));
const pitches = (body: string, header?: string) =>
  abcNotes(tune(body, header)).notes.map(({ pitch }) => pitch);

Deno.test("tunes are taken out of a text with their headers, whatever lies between them", () => {
  const text =
    "a file of tunes\n\nX:1\r\nT:One % a comment\r\nM:6/8\r\nK:D\r\nP:A\r\nA3:|\r\n\r\nno tune\nX:2\nK:G\nG|\nX:3\nT:none\n\n";
  const tunes = parseAbc(text);
  assertEquals(tunes.map((tune) => tune.body), ["P:A\nA3:|\n", "G|\n"]);
  assertEquals(tunes[0].fields, [["X", "1"], ["T", "One"], ["M", "6/8"], ["K", "D"]]);
  assertEquals([abcValue(tunes[1], "K"), abcValue(tunes[1], "T")], ["G", undefined]);
});

Deno.test("notes have the pitches and lengths that they are written with", () => {
  assertEquals(sounds("C c C, c' B, B2 c/2 d/ e// f3/4 g3/2"), [[
    [60, 1],
    [72, 1],
    [48, 1],
    [84, 1],
    [59, 1],
    [71, 2],
    [72, 0.5],
    [74, 0.5],
    [76, 0.25],
    [77, 0.75],
    [79, 1.5],
  ]]);
  assertEquals(sounds("[CEG]2 [C2E2] z2 x|Z2|"), [[[60, 64, 67, 2], [60, 64, 2], [2], [1]], [[8]]]);
  assertEquals(sounds("A>B c<d A>>B"), [[[69, 1.5], [71, 0.5], [72, 0.5], [74, 1.5], [69, 1.75], [
    71,
    0.25,
  ]]]);
  for (const [i, [, length]] of sounds("(3CDE (5:4:5CDEFG F")[0].entries()) {
    assertAlmostEquals(length, i < 3 ? 2 / 3 : i < 8 ? 4 / 5 : 1);
  }
});

Deno.test("signs hold up to the end of the bar, keys for the tune", () => {
  assertEquals(pitches("^F F f =F F|F ^^C __B", "L:1/4\nK:C"), [66, 66, 78, 65, 65, 65, 62, 69]);
  assertEquals(pitches("FBc|[K:F]FBc|", "L:1/4\nK:D"), [66, 71, 73, 65, 70, 72]);
  const sharps = (key: string) =>
    [...readKey(key)].map(([letter, change]) => letter + (change > 0 ? "#" : "b")).join("");
  const cases = {
    G: "F#",
    Dm: "Bb",
    "D dorian": "",
    Amix: "F#C#",
    "F#m": "F#C#G#",
    Eb: "BbEbAb",
    Bbmin: "BbEbAbDbGb",
    "": "",
  };
  for (const [key, expected] of Object.entries(cases)) assertEquals(sharps(key), expected, key);
  assertEquals([...readKey("D =c ^g")], [["F", 1], ["C", 0], ["G", 1]]);
});

Deno.test("what is not heard is passed over", () => {
  const body =
    'w:words to sing\n"Am"A!trill!B {cd}e ~G (AB) uC .D % a comment with ^^^\n+fermata+E\\\n`F y2 A- A|';
  assertEquals(pitches(body), [69, 71, 76, 67, 69, 71, 60, 62, 64, 65, 69]);
});

Deno.test("meters give lengths where none is said", () => {
  assertEquals(sounds("A", "M:2/4\nK:C"), [[[69, 0.25]]]);
  assertEquals(sounds("A", "M:6/8\nK:C"), [[[69, 0.5]]]);
  assertEquals(abcBars(tune("A|\nM:3/4\nA|")).map(({ full }) => full), [4, 3]);
  assertEquals(abcBars(tune("A", "M:C|\nK:C"))[0].full, 4);
});

Deno.test("repeats and endings are played; ties are one note", () => {
  assertEquals(pitches("A|B:|c"), [69, 71, 69, 71, 72]);
  assertEquals(pitches("A|:B|[1c:|[2d|]e"), [69, 71, 72, 71, 74, 76]);
  assertEquals(pitches("A|1B:|2c||:d:|"), [69, 71, 69, 72, 74, 74]);
  assertEquals(pitches("A::B:|"), [69, 69, 71, 71]);
  const { notes } = abcNotes(tune("A2-|A [Ac]- [Ac]2"));
  assertEquals(notes.map(({ pitch, start, length }) => [pitch, start, length]), [[69, 0, 3], [69, 3, 3], [
    72,
    3,
    3,
  ]]);
  assertEquals(abcNotes(tune("A", "Q:3/8=120\nK:C")).tempos, [{ beat: 0, bpm: 180 }]);
});

Deno.test("bars are full, or short where parts begin and end", () => {
  const reason = (body: string) => checkAbc(tune(body)).reason;
  assertEquals(checkAbc(tune("A|ABcd|e3:|:f|gfed|c3|")), {
    parses: true,
    hasFullBars: true,
    bars: 6,
    wrongBars: 0,
    reason: undefined,
  });
  assertEquals(reason("ABcd|ABc|ABcd|"), "bar 2 has 3 beats in place of 4");
  assertEquals(reason("ABcd|ABcde|"), "bar 2 has 5 beats in place of 4");
  assertEquals(
    reason("ABcd|(3ABc (3ABc|ABc|[1d:|[2e2||"),
    "bar 3 has 3 beats in place of 4",
  );
  assertEquals(reason("ABcd|\nP:B\nA|ABcd|"), undefined);
  assertEquals(checkAbc(tune("ABcd|", "K:C")).reason, "there is no meter (M:)");
});

Deno.test("what is no tune says why", () => {
  const cases: [string, string][] = [
    ["ABC", "there is no key (K:), after which the music begins"],
    ["K:C\n", "there are no notes"],
    ["K:C\nz4|", "there are no notes"],
    ["K:X\nA", "K:X is no key"],
    ["M:a\nK:C\nA", "M:a is no meter"],
    ["L:0\nK:C\nA", "L:0 is no length"],
    ["K:C\nA?", 'line 1, character 2: "?" is no music'],
    ["K:C\nA\n[AB", "line 2, character 4: a chord does not end"],
    ["K:C\n>A", "a broken rhythm has no note before it"],
    ["K:C\nA0", "line 1, character 3: a note has no length"],
    ["K:C\nA''''''", "a note A is 6 octaves up: no instrument has it"],
    ['K:C\nA"G', 'line 1, character 2: "\\"" is no music'],
    ["K:C\nV:2\nA", "it has several voices (V:), which are not read"],
  ];
  for (const [text, reason] of cases) {
    assertEquals([checkAbc(text).parses, checkAbc(text).reason], [false, reason]);
  }
  assertThrows(() => abcNotes(tune("A?"), "x.abc"), FormatError, "Cannot read ABC x.abc: line 1");
});

Deno.test("no text makes the check throw or take long", () => {
  const letters = fc.constantFrom(..."ABCDEFGabcdefgzxZ|:[](){}-<>/0123456789^_=,'\"!+~. \n\\%&KLMPQXV");
  fc.assert(fc.property(fc.string({ unit: letters, maxLength: 200 }), (body) => {
    const { parses, bars } = checkAbc(tune(`A|${body}`));
    assert(!parses || bars > 0);
    if (parses) assert(abcNotes(tune(`A|${body}`)).notes.every(({ length }) => length > 0));
  }));
});
