import { assert, assertEquals } from "@std/assert";
import type { NamedSound } from "../../../data/audio/named_sounds.ts";
import { foldsByRecording, foldsBySpeaker, partsByRecording } from "../../../recipes/sound/sound_parts.ts";

/** Three classes, four speakers, five times; the first two sounds are equal. */
const sounds: NamedSound[] = Array.from({ length: 60 }, (_, i) => ({
  label: i % 3,
  hash: i === 3 ? "h0" : `h${i}`,
  speaker: "abcd"[Math.floor(i / 3) % 4],
}));
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
const everyone = sounds.map((_, i) => i);

Deno.test("a fifth of each class is kept back, and equal files stay together", () => {
  const { train, test } = partsByRecording(sounds)!;
  assertEquals(sorted([...train, ...test]), everyone);
  assertEquals(test.includes(0), test.includes(3));
  for (const label of [0, 1, 2]) {
    const own = test.filter((i) => sounds[i].label === label).length;
    assert(own >= 4 && own <= 5, `${own} of class ${label}`);
  }
  assertEquals(partsByRecording(sounds.slice(0, 3)), undefined);
});

Deno.test("folds keep each recording back once, of each class as even a share as there can be", () => {
  const folds = foldsByRecording(sounds, 5, 1);
  assertEquals(sorted(folds.flatMap(({ test }) => test)), everyone);
  for (const { train, test } of folds) {
    assertEquals(train.length + test.length, 60);
    assertEquals(test.includes(0), test.includes(3));
    for (const label of [0, 1, 2]) assert(test.filter((i) => sounds[i].label === label).length >= 3);
  }
  assert(JSON.stringify(foldsByRecording(sounds, 5, 2)) !== JSON.stringify(folds));
});

Deno.test("folds by speaker keep all of a speaker's sounds together", () => {
  const folds = foldsBySpeaker(sounds, 5, 1)!;
  assertEquals(folds.length, 4);
  for (const { train, test } of folds) {
    const kept = new Set(test.map((i) => sounds[i].speaker));
    assert(train.every((i) => !kept.has(sounds[i].speaker)));
  }
  const alone = sounds.map((sound) => ({ ...sound, speaker: String(sound.label) }));
  assertEquals(foldsBySpeaker(alone, 5, 1), undefined);
});
