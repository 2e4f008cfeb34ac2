/** What a teacher looks for in a chorale: voices in their ranges, and no two that move in fifths or octaves. */
import type { NdArray } from "../../engine/array.ts";
import { SILENCE } from "./piano_roll.ts";

/** What a voice can sing. */
export interface VoiceRange {
  /** The voice. */
  readonly name: string;
  /** The lowest MIDI pitch. */
  readonly lowest: number;
  /** The highest one. */
  readonly highest: number;
}

/** What the voices of a choir sing in Bach's chorales, from the highest voice to the lowest. */
export const choirRanges: readonly VoiceRange[] = [
  { name: "soprano", lowest: 60, highest: 81 },
  { name: "alto", lowest: 52, highest: 74 },
  { name: "tenor", lowest: 46, highest: 69 },
  { name: "bass", lowest: 36, highest: 66 },
];

/** Two voices that move in the same direction and stay a fifth or an octave apart. */
export interface Parallel {
  /** The step at which they arrive. */
  readonly step: number;
  /** The numbers of both, from 0, which is the highest voice. */
  readonly voices: readonly [number, number];
  /** What they are apart, before and after, octaves not counted. */
  readonly interval: "fifth" | "octave";
}

/** What {@linkcode voiceLeading} has found. */
export interface VoiceLeading {
  /** Each step at which a voice sings what it cannot. */
  readonly outOfRange: readonly { readonly step: number; readonly voice: number; readonly pitch: number }[];
  /** Each move in parallel fifths or octaves. */
  readonly parallels: readonly Parallel[];
  /** Steps at which a voice is higher than the one above it. */
  readonly crossings: number;
  /** Steps at which a voice is silent, for each voice. */
  readonly silent: readonly number[];
  /** Moves from a step to the next in which two voices both move: what parallels are counted among. */
  readonly moves: number;
  /** All that, in a few lines to print. */
  readonly report: readonly string[];
}

/**
 * Looks at a piece for several voices.
 *
 * @param voices `[steps, voices]`: MIDI pitches, the highest voice first; 128 (or less than 0) for silence.
 * @param ranges What each voice can sing; that of a choir in four voices when left out.
 * @throws {RangeError} when there are not as many voices as ranges.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { data, ndarray } from "@gesso/gesso";
 *
 * // Soprano and bass both go up by a tone, an octave apart.
 * const { parallels } = data.voiceLeading(ndarray("uint8", [2, 4], [72, 64, 55, 48, 74, 65, 57, 50]));
 * assertEquals(parallels[0], { step: 1, voices: [0, 3], interval: "octave" });
 * ```
 */
export function voiceLeading(voices: NdArray, ranges: readonly VoiceRange[] = choirRanges): VoiceLeading {
  const [steps, count] = voices.shape;
  if (voices.shape.length !== 2 || count !== ranges.length) {
    throw new RangeError(
      `Cannot look at voices of shape [${
        voices.shape.join(", ")
      }]: it takes [steps, ${ranges.length}], as there are ` +
        `${ranges.length} ranges`,
    );
  }
  const pitchAt = (step: number, voice: number) => {
    const pitch = voices.data[step * count + voice];
    return pitch < 0 || pitch >= SILENCE ? undefined : pitch;
  };
  const outOfRange: { step: number; voice: number; pitch: number }[] = [];
  const parallels: Parallel[] = [];
  const silent = ranges.map(() => 0);
  let [crossings, moves] = [0, 0];
  for (let step = 0; step < steps; step++) {
    const now = ranges.map((_, voice) => pitchAt(step, voice));
    const before = ranges.map((_, voice) => step > 0 ? pitchAt(step - 1, voice) : undefined);
    for (const [voice, pitch] of now.entries()) {
      if (pitch === undefined) silent[voice]++;
      else if (pitch < ranges[voice].lowest || pitch > ranges[voice].highest) {
        outOfRange.push({ step, voice, pitch });
      }
    }
    if (now.some((pitch, voice) => pitch !== undefined && pitch > (now[voice - 1] ?? Infinity))) crossings++;
    for (let high = 0; high < count; high++) {
      for (let low = high + 1; low < count; low++) {
        const [a, b, c, d] = [before[high], before[low], now[high], now[low]];
        if (a === undefined || b === undefined || c === undefined || d === undefined || a === c || b === d) {
          continue;
        }
        moves++;
        const interval = { 0: "octave", 7: "fifth" } as const;
        const [was, is] = [Math.abs(a - b) % 12, Math.abs(c - d) % 12];
        const isParallel = (was === 0 || was === 7) && was === is && Math.sign(c - a) === Math.sign(d - b);
        if (isParallel) parallels.push({ step, voices: [high, low], interval: interval[was] });
      }
    }
  }
  const found = { outOfRange, parallels, crossings, silent, moves };
  return { ...found, report: reportOf(found, ranges, steps) };
}

function reportOf(
  { outOfRange, parallels, crossings, silent, moves }: Omit<VoiceLeading, "report">,
  ranges: readonly VoiceRange[],
  steps: number,
): string[] {
  const share = (part: number, of: number) =>
    `${part} of ${of}${of > 0 ? ` (${(100 * part / of).toFixed(1)} %)` : ""}`;
  const sung = steps * ranges.length - silent.reduce((sum, n) => sum + n, 0);
  const of = (interval: Parallel["interval"]) => parallels.filter((p) => p.interval === interval).length;
  const quiet = ranges.map(({ name }, voice) => `${name} ${silent[voice]}`).join(", ");
  return [
    `notes out of range: ${share(outOfRange.length, sung)}`,
    `parallels: ${of("fifth")} of fifths, ${of("octave")} of octaves, in ${
      share(parallels.length, moves)
    } moves of two voices`,
    `voices crossing: ${share(crossings, steps)} steps`,
    `silent steps: ${quiet}`,
  ];
}
