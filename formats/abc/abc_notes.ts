/** Plays a tune: its notes in time, repeats and endings taken. */
import { inOrder, type Note, type Tune, USUAL_TEMPO } from "../midi/note.ts";
import { type AbcBar, abcBars, beatsOf, NEAR } from "./abc_bars.ts";
import { AbcFault } from "./abc_scanner.ts";
import { type AbcTune, abcValue } from "./abc_tune.ts";
import { FormatError } from "../format_error.ts";

/** How hard notes are struck. */
const VELOCITY = 80;

/**
 * The notes of a tune, with its repeats and endings played; what is in the order of parts (`P:`) and in chord symbols is not.
 *
 * @param file What messages call it.
 * @throws {FormatError} when the music can't be read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats } from "@gesso/gesso";
 *
 * const [tune] = formats.parseAbc("M:2/4\nL:1/4\nQ:1/4=90\nK:G\nGF:|");
 * const { notes, tempos } = formats.abcNotes(tune);
 * assertEquals(notes.map(({ pitch, start }) => [pitch, start]), [[67, 0], [66, 1], [67, 2], [66, 3]]);
 * assertEquals(tempos, [{ beat: 0, bpm: 90 }]);
 * ```
 */
export function abcNotes(tune: AbcTune, file: string = abcValue(tune, "T") ?? "tune"): Tune {
  let bars: AbcBar[];
  try {
    bars = abcBars(tune);
  } catch (error) {
    if (error instanceof AbcFault) throw new FormatError("ABC", file, error.message);
    throw error;
  }
  const notes: Note[] = [];
  // Notes that are tied and go on in the next sound.
  let held: { pitch: number; start: number; end: number }[] = [];
  let beat = 0;
  const close = (note: { pitch: number; start: number; end: number }) =>
    notes.push({
      pitch: note.pitch,
      start: note.start,
      length: note.end - note.start,
      velocity: VELOCITY,
      voice: 0,
    });
  for (const bar of inPlayedOrder(bars)) {
    for (const { pitches, start, length, isTied } of bar.sounds) {
      const [from, end] = [beat + start, beat + start + length];
      const next = pitches.map((pitch) => {
        const before = held.find((note) => note.pitch === pitch && Math.abs(note.end - from) < NEAR);
        return { pitch, start: before?.start ?? from, end };
      });
      for (const note of held) {
        const goesOn = next.some(({ pitch, start }) => pitch === note.pitch && start === note.start);
        if (!goesOn) close(note);
      }
      held = isTied ? next : [];
      if (!isTied) next.forEach(close);
    }
    beat += bar.length;
  }
  held.forEach(close);
  const meter = /^(\d+)\/(\d+)$/.exec(abcValue(tune, "M") ?? "");
  return {
    notes: inOrder(notes),
    tempos: tempoOf(abcValue(tune, "Q")),
    meters: meter ? [{ beat: 0, count: Number(meter[1]), unit: Number(meter[2]) }] : [],
    voices: [{ name: abcValue(tune, "T") ?? "", program: 0, isDrums: false }],
  };
}

/** Beats a minute: `1/4=90`, `3/8=120`, or a number alone, which counts quarter notes. */
function tempoOf(value: string | undefined): Tune["tempos"] {
  const found = /(?:(\d+\/\d+)\s*=\s*)?(\d+)/.exec(value?.replaceAll(/"[^"]*"/g, "") ?? "");
  if (!found) return USUAL_TEMPO;
  const bpm = Number(found[2]) * (found[1] ? beatsOf(found[1])! : 1);
  return bpm >= 4 && bpm <= 1000 ? [{ beat: 0, bpm }] : USUAL_TEMPO;
}

/** Each repeat is played twice, each ending where it belongs. */
function* inPlayedOrder(bars: readonly AbcBar[]): Generator<AbcBar> {
  let [start, round] = [0, 1];
  for (let i = 0; i < bars.length; i++) {
    const bar = bars[i];
    if (i !== start && /:$|^::|:\|\|:/.test(bar.opening) && round === 1) start = i;
    const isPlayed = bar.endings.length === 0 || bar.endings.includes(round);
    if (isPlayed) yield bar;
    const next = bars[i + 1];
    if (isPlayed && /^:/.test(bar.closing)) {
      const isAgain = next !== undefined && next.endings.some((ending) => ending > round);
      if (round === 1 || isAgain) {
        round++;
        i = start - 1;
        continue;
      }
    }
    // Behind the last ending, or the second time through, a new part begins.
    const isEnd = round > 1 &&
      (/^:|\|\||\]/.test(bar.closing) || next?.endings.length === 0 && bar.endings.length > 0);
    if (isEnd && isPlayed) [start, round] = [i + 1, 1];
  }
}
