import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { synthesize } from "../../formats/sound/synthesize.ts";
import type { Note } from "../../formats/midi/note.ts";

const note = (pitch: number, start = 0, length = 1, voice = 0, velocity = 100): Note => ({
  pitch,
  start,
  length,
  velocity,
  voice,
});
const rate = 8000;

/** How much of a frequency is in a channel from a second on, for so many seconds: a sum over sines and cosines. */
function strength(
  data: ArrayLike<number>,
  frequency: number,
  from: number,
  seconds: number,
  channel = 0,
): number {
  const count = Math.round(seconds * rate);
  let [real, imaginary] = [0, 0];
  for (let i = 0; i < count; i++) {
    const sample = data[2 * (Math.round(from * rate) + i) + channel];
    real += sample * Math.cos(2 * Math.PI * frequency * i / rate);
    imaginary += sample * Math.sin(2 * Math.PI * frequency * i / rate);
  }
  return 2 * Math.hypot(real, imaginary) / count;
}

for (const tone of ["pluck", "organ"] as const) {
  Deno.test(`a note of a ${tone} has its frequency, for its time, and silence before and behind`, () => {
    const { samples: { data, shape } } = synthesize({ notes: [note(69, 1, 1)] }, { tone, rate });
    assertEquals([shape[1], Math.abs(shape[0] / rate - 1) < 0.5], [2, true]);
    assert(strength(data, 440, 0.55, 0.4) > 0.1);
    assert(strength(data, 440, 0.55, 0.4) > 5 * strength(data, 466.16, 0.55, 0.4));
    assert(data.subarray(0, rate).every((sample) => sample === 0)); // half a second of two channels
    assertAlmostEquals(data.at(-1)!, 0);
  });

  Deno.test(`nothing of a ${tone} clips or jumps, however many notes there are`, () => {
    const notes = Array.from({ length: 60 }, (_, i) => note(30 + i, i % 4, 0.5 + i / 20, i % 4, 127));
    const { samples: { data } } = synthesize({ notes }, { tone, rate });
    const loudest = data.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    assertAlmostEquals(loudest, 0.9, 1e-6);
    // A single low note moves no faster than its partials do, also where it begins and ends.
    const { samples: { data: low } } = synthesize({ notes: [note(45, 0, 1)] }, { tone, rate });
    const steepest = low.reduce((most, _, i) => i < 2 ? 0 : Math.max(most, Math.abs(low[i] - low[i - 2])), 0);
    assert(steepest < 0.9 * 2 * Math.PI * 110 * 8 / rate, `${steepest}`);
  });
}

Deno.test("the tempo decides when notes sound, and voices stand side by side", () => {
  const { samples: { data } } = synthesize({
    notes: [note(69, 0, 1, 0), note(81, 2, 1, 1)],
    tempos: [{ beat: 0, bpm: 60 }, { beat: 1, bpm: 30 }],
  }, { tone: "organ", rate });
  assert(strength(data, 440, 0.2, 0.5, 0) > 1.5 * strength(data, 440, 0.2, 0.5, 1));
  assert(strength(data, 880, 3.2, 0.5, 1) > 1.5 * strength(data, 880, 3.2, 0.5, 0));
  assert(strength(data, 880, 2.2, 0.5, 1) < 1e-3);
});

Deno.test("drums are heard, an empty tune is silence, and the same notes give the same samples", () => {
  const drums = {
    notes: [36, 38, 42, 49].map((pitch, i) => note(pitch, i)),
    voices: [{ name: "", program: 0, isDrums: true }],
  };
  const { samples } = synthesize(drums, { rate });
  for (let beat = 0; beat < 4; beat++) {
    const part = samples.data.subarray(beat * rate, beat * rate + rate / 4);
    assert(part.some((sample) => Math.abs(sample) > 0.05), `beat ${beat}`);
  }
  assertEquals(synthesize(drums, { rate }).samples, samples);
  assert(synthesize({ notes: [] }, { rate }).samples.data.every((sample) => sample === 0));
});

Deno.test("what can't be played is refused", () => {
  assertThrows(
    () => synthesize({ notes: [note(60, -1)] }),
    RangeError,
    "Cannot play notes with note 0 of start -1",
  );
  assertThrows(() => synthesize({ notes: [] }, { rate: 100 }), RangeError, "at 100 samples a second");
  assertThrows(() => synthesize({ notes: [note(60, 1e5)] }), RangeError, "at most 3600");
  assertThrows(
    () => synthesize({ notes: [], tempos: [{ beat: 0, bpm: 0 }] }),
    RangeError,
    "0 beats a minute",
  );
  assertThrows(
    () => synthesize({ notes: [] }, { tone: "flute" as never }),
    TypeError,
    "there are pluck, organ",
  );
});
