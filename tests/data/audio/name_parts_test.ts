import { assertEquals } from "@std/assert";
import { type NameOptions, readNames } from "../../../data/audio/name_parts.ts";

const people = ["ann", "bo", "cy", "di"];
const digits = [..."0123456789"];

/** A path for each of ten digits, four people and three times. */
const all = (path: (digit: string, person: string, time: number) => string) =>
  digits.flatMap((digit) => people.flatMap((person) => [0, 1, 2].map((time) => path(digit, person, time))));

const unique = (values: readonly string[] | undefined) => values && [...new Set(values)].sort();
const found = (files: readonly string[], options: Partial<NameOptions> = {}) => {
  const { labels, speakers } = readNames(files, { classes: "auto", speakers: "auto", ...options });
  return [unique(labels), unique(speakers)];
};

const layouts: Record<string, string[]> = {
  "one folder, label first": all((d, p, i) => `${d}_${p}_${i}.wav`),
  "folders of classes that names say again": all((d, p, i) => `${d}/${d}_${p}_${i}.wav`),
  "folders of speakers": all((d, p, i) => `${p}/${d}_${p}_${i}.wav`),
  "speakers within classes": all((d, p, i) => `${d}/${p}/${i}.wav`),
  "classes within speakers": all((d, p, i) => `${p}/${d}/${i}.wav`),
  "folders of classes, speaker first": all((d, p, i) => `${d}/${p}_${d}_${i}.wav`),
  "a count without a mark before it": all((d, p, i) => `${d}_${p}${i}.wav`),
  "a kind of voice beside the speaker": all((d, p, i) => `${d}_${p < "c" ? "m" : "f"}_${p}_${i}.wav`),
};

for (const [name, files] of Object.entries(layouts)) {
  Deno.test(`readNames() finds classes and speakers: ${name}`, () => {
    assertEquals(found(files), [digits, people]);
  });
}

Deno.test("readNames() takes numbered folders for speakers where names begin with a digit that is said", () => {
  const files = all((d, p, i) => `0${people.indexOf(p) + 1}/${d}_0${people.indexOf(p) + 1}_${i}.wav`);
  assertEquals(found(files), [digits, ["01", "02", "03", "04"]]);
});

Deno.test("readNames() takes the hash of crowd-sourced words for the speaker", () => {
  const files = ["yes", "no"].flatMap((word) =>
    ["ab12cd30", "0f2e9c11"].flatMap((who) => [0, 1].map((i) => `${word}/${who}_nohash_${i}.wav`))
  );
  assertEquals(found(files), [["no", "yes"], ["0f2e9c11", "ab12cd30"]]);
});

Deno.test("readNames() finds no speakers in counts, nor in names that have nothing in common", () => {
  assertEquals(found(["kick1.wav", "kick2.wav", "hat1.wav", "hat2.wav"]), [["hat", "kick"], undefined]);
  const drums = ["kick/bd_808.wav", "kick/drum_soft.wav", "snare/sn_dub.wav", "snare/drum_snare_hard.wav"];
  assertEquals(found(drums), [["kick", "snare"], undefined]);
  assertEquals(found(["1.wav", "2.wav", "3.wav"]), [undefined, undefined]);
});

Deno.test("readNames() does as it is told", () => {
  const files = layouts["folders of speakers"];
  assertEquals(found(files, { classes: "folders" })[0], people);
  assertEquals(found(files, { speakers: "none" }), [digits, undefined]);
  assertEquals(found(layouts["one folder, label first"], { speakers: 2 })[1], people);
});
