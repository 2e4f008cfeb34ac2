import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import * as library from "midi-file";
import { FormatError } from "../../../formats/format_error.ts";
import { decodeMidi } from "../../../formats/midi/midi_decoder.ts";
import { encodeMidi } from "../../../formats/midi/midi_encoder.ts";
import { inOrder, type Note, secondsAt, type Tune } from "../../../formats/midi/note.ts";

const note = (pitch: number, start: number, length: number, voice = 0, velocity = 80): Note => ({
  pitch,
  start,
  length,
  velocity,
  voice,
});

const tune: Tune = {
  notes: [
    note(60, 0, 1),
    note(36, 0, 0.25, 1, 127),
    note(60, 1, 1.5),
    note(72, 4 / 3, 1 / 3, 2, 1),
    note(36, 2, 0.5, 1),
  ],
  tempos: [{ beat: 0, bpm: 60 }, { beat: 2, bpm: 240 }],
  meters: [{ beat: 0, count: 6, unit: 8 }],
  voices: [
    { name: "Flöte", program: 73, isDrums: false },
    { name: "", program: 0, isDrums: true },
    { name: "organ", program: 19, isDrums: false },
  ],
};

/** A file of these tracks, written by the library. */
const written = (tracks: library.MidiEvent[][], header: Partial<library.MidiHeader> = {}) =>
  Uint8Array.from(
    library.writeMidi({
      header: { format: 1, numTracks: tracks.length, ticksPerBeat: 96, ...header },
      tracks: tracks.map((events) => [...events, { deltaTime: 0, meta: true, type: "endOfTrack" }]),
    }),
  );
const on = (deltaTime: number, noteNumber: number, velocity = 64, channel = 0): library.MidiEvent => ({
  deltaTime,
  type: "noteOn",
  channel,
  noteNumber,
  velocity,
});
const off = (deltaTime: number, noteNumber: number, channel = 0): library.MidiEvent => ({
  deltaTime,
  type: "noteOff",
  channel,
  noteNumber,
  velocity: 0,
});

Deno.test("music is read as it was written: several tracks, a tempo map, a meter, names and instruments", () => {
  assertEquals(decodeMidi(encodeMidi(tune)), tune);
});

Deno.test("any notes that do not lie over each other are read as they were written", () => {
  const notes = fc.array(
    fc.record({
      pitch: fc.integer({ min: 0, max: 127 }),
      velocity: fc.integer({ min: 1, max: 127 }),
      gap: fc.integer({ min: 0, max: 2000 }),
      ticks: fc.integer({ min: 1, max: 100_000 }),
      voice: fc.integer({ min: 0, max: 14 }),
    }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(fc.property(notes, (made) => {
    let tick = 0;
    const notes = made.map(({ gap, ticks, ...rest }) => {
      const start = tick + gap;
      tick = start + ticks;
      return { ...rest, start: start / 480, length: ticks / 480 };
    });
    const read = decodeMidi(encodeMidi({ notes })).notes;
    // Voices without notes are not seen in a file, so others may have their numbers.
    const numbers = [...new Set(notes.map(({ voice }) => voice))].sort((a, b) => a - b);
    assertEquals(read, inOrder(notes.map((note) => ({ ...note, voice: numbers.indexOf(note.voice) }))));
  }));
});

Deno.test("midi-file reads what is written as the same events", () => {
  const { header, tracks } = library.parseMidi(encodeMidi(tune));
  assertEquals(header, { format: 1, numTracks: 4, ticksPerBeat: 480 });
  const tempos = tracks[0].filter((event) => event.type === "setTempo");
  assertEquals(tempos.map((event) => [event.deltaTime, event.microsecondsPerBeat]), [[0, 1_000_000], [
    960,
    250_000,
  ]]);
  const [meter] = tracks[0].filter((event) => event.type === "timeSignature");
  assertEquals([meter.numerator, meter.denominator], [6, 8]);
  const events = tracks[1].filter((event) => event.type === "noteOn" || event.type === "noteOff");
  assertEquals(events.map(({ type, deltaTime, noteNumber }) => [type, deltaTime, noteNumber]), [
    ["noteOn", 0, 60],
    ["noteOff", 480, 60],
    ["noteOn", 0, 60],
    ["noteOff", 720, 60],
  ]);
  assert(tracks[2].every((event) => !("channel" in event) || event.channel === 9));
});

Deno.test("what midi-file writes is read: one track of several channels, running status, notes that end by velocity 0", () => {
  const bytes = written([[
    { deltaTime: 0, type: "programChange", channel: 3, programNumber: 40 },
    on(0, 60, 64, 3),
    on(0, 62, 50, 9),
    on(48, 62, 0, 9),
    { deltaTime: 0, type: "controller", channel: 3, controllerType: 64, value: 127 },
    { deltaTime: 0, type: "pitchBend", channel: 3, value: 10 },
    { deltaTime: 0, type: "sysEx", data: Uint8Array.of(1, 2, 3) } as never,
    off(48, 60, 3),
    on(0, 61, 64, 3),
    { deltaTime: 96, meta: true, type: "setTempo", microsecondsPerBeat: 500_000 },
  ]], { format: 0 });
  const { notes, voices, tempos } = decodeMidi(bytes);
  assertEquals(notes, [note(60, 0, 1, 0, 64), note(62, 0, 0.5, 1, 50), note(61, 1, 1, 0, 64)]);
  assertEquals(voices.map(({ program, isDrums }) => [program, isDrums]), [[40, false], [0, true]]);
  assertEquals(tempos, [{ beat: 0, bpm: 120 }, { beat: 2, bpm: 120 }]);
});

Deno.test("a file without tempos goes at 120; a note that is struck again ends first where it began first", () => {
  const { notes, tempos, meters } = decodeMidi(
    written([[on(0, 60), on(48, 60, 30), off(48, 60), off(48, 60), off(0, 60)]]),
  );
  assertEquals(tempos, [{ beat: 0, bpm: 120 }]);
  assertEquals(meters, []);
  assertEquals(notes, [note(60, 0, 1, 0, 64), note(60, 0.5, 1, 0, 30)]);
});

Deno.test("a file that counts seconds is read at 120, whatever its tempos say", () => {
  const bytes = written([[
    { deltaTime: 0, meta: true, type: "setTempo", microsecondsPerBeat: 100_000 },
    on(0, 60),
    off(1000, 60),
  ]]);
  bytes.set([256 - 25, 40], 12); // 25 frames a second, 40 ticks a frame
  const { notes, tempos } = decodeMidi(bytes);
  assertEquals([notes, tempos], [[note(60, 0, 2, 0, 64)], [{ beat: 0, bpm: 120 }]]);
});

Deno.test("beats become seconds by the tempos on the way", () => {
  assertEquals([0, 1, 2, 3, 6].map((beat) => secondsAt(tune.tempos, beat)), [0, 1, 2, 2.25, 3]);
});

Deno.test("files that are cut short or damaged are refused, whatever their bytes", () => {
  const bytes = encodeMidi(tune);
  for (let length = 0; length < bytes.length; length++) {
    // A file that ends between two tracks has fewer of them.
    try {
      decodeMidi(bytes.subarray(0, length));
    } catch (error) {
      assert(error instanceof FormatError, `${error}`);
    }
  }
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
      const damaged = bytes.slice();
      for (const [at, value] of changes) damaged[at] = value;
      try {
        for (const { pitch, start, length } of decodeMidi(damaged).notes) {
          assert(pitch < 128 && start >= 0 && length > 0);
        }
      } catch (error) {
        assert(error instanceof FormatError, `${error}`);
      }
    }),
  );
  const refused = (change: (bytes: Uint8Array) => void, message: string) => {
    const copy = bytes.slice();
    change(copy);
    assertThrows(() => decodeMidi(copy, "x.mid"), FormatError, message);
  };
  assertThrows(
    () => decodeMidi(new Uint8Array(0), "x.mid"),
    FormatError,
    "Cannot read MIDI x.mid: it is empty",
  );
  assertThrows(() => decodeMidi(bytes.subarray(0, -3)), FormatError, "goes on to byte");
  refused((b) => b[0] = 0, "does not start with a MIDI header");
  refused((b) => b[9] = 2, "format 2");
  refused((b) => b.fill(0, 12, 14), "0 ticks a beat");
});

Deno.test("notes, tempos and meters that are none are not written", () => {
  const refused = (part: Partial<Tune>, message: string) =>
    assertThrows(() => encodeMidi({ ...tune, ...part }), RangeError, message);
  refused({ notes: [note(128, 0, 1)] }, "Cannot write a MIDI file with note 0 of pitch 128");
  refused({ notes: [note(60.5, 0, 1)] }, "pitch 60.5");
  refused({ notes: [note(60, -1, 1)] }, "start -1");
  refused({ notes: [note(60, 0, 0)] }, "length 0");
  refused({ notes: [note(60, 0, 1, 0, 0)] }, "velocity 0");
  refused({ notes: [note(60, 0, 1, 3)] }, "voice 3: there are 3");
  refused({ notes: [note(60, 1e7, 1)] }, "beat 10000000");
  refused({ tempos: [{ beat: 0, bpm: 1 }] }, "1 beats a minute");
  refused({ meters: [{ beat: 0, count: 3, unit: 5 }] }, "meter 3/5");
  refused({ voices: tune.voices.map((voice) => ({ ...voice, program: 128 })) }, "program 128");
  assertThrows(() => encodeMidi({ notes: [note(60, 0, 1, 15)] }), RangeError, "16 voices besides drums");
});
