/** The tones of a small synthesiser: sums of sines that fade, and noise for drums. */

/** The tones that there are. */
export type Tone = "pluck" | "organ";

/** What a tone writes: samples from the note's beginning on, added to `out`. */
export interface Sounding {
  /** Where samples are added. */
  readonly out: Float32Array;
  /** The first of them. */
  readonly start: number;
  /** Samples for which the note is held. */
  readonly held: number;
  /** Samples a second. */
  readonly rate: number;
  /** How loud: 1 is a note struck hardest. */
  readonly gain: number;
}

/** Seconds in which a string is damped once it is let go, and in which a pipe falls silent. */
const RELEASE = { pluck: 0.25, organ: 0.12 };

/** A pipe speaks within these seconds. */
const ATTACK = 0.02;

/** How loud each partial is: a string that is plucked near its end, and the stops of an organ (8', 4', 2 2/3', 2', ...). */
const partials = {
  pluck: [1, 0.6, 0.35, 0.22, 0.12, 0.08, 0.05, 0.03],
  organ: [1, 0.55, 0.22, 0.25, 0, 0.08, 0, 0.06],
};

const frequencyOf = (pitch: number) => 440 * 2 ** ((pitch - 69) / 12);

/** Samples that a note takes, with its release. */
export const samplesOf = (tone: Tone | "drum", held: number, rate: number): number =>
  tone === "drum" ? Math.ceil(0.5 * rate) : held + Math.ceil(RELEASE[tone] * rate);

/** Adds a note of a pitch. */
export function addTone(tone: Tone, pitch: number, { out, start, held, rate, gain }: Sounding): void {
  const frequency = frequencyOf(pitch);
  const count = Math.min(samplesOf(tone, held, rate), out.length - start);
  const envelope = tone === "organ" ? organEnvelope(held, count, rate) : dampedFrom(held, count, rate);
  for (const [i, size] of partials[tone].entries()) {
    const own = frequency * (i + 1);
    // Above half the rate it would be heard as another tone.
    if (size === 0 || own >= 0.45 * rate) continue;
    // A string's higher partials, and higher strings, fade faster.
    const fade = tone === "pluck" ? Math.exp(-(0.9 + 0.8 * i) * (0.5 + frequency / 350) / rate) : 1;
    addSine(out, start, count, 2 * Math.PI * own / rate, fade, gain * size, envelope);
  }
}

/** A sine that fades, by its recurrence: each sample of the two before it. */
function addSine(
  out: Float32Array,
  start: number,
  count: number,
  turn: number,
  fade: number,
  size: number,
  envelope: Float32Array,
): void {
  const [a, b] = [2 * fade * Math.cos(turn), -fade * fade];
  let [before, now] = [-Math.sin(turn) / fade, 0];
  for (let i = 0; i < count; i++) {
    out[start + i] += size * envelope[i] * now;
    [before, now] = [now, a * now + b * before];
  }
}

/** Held, then let go. */
function dampedFrom(held: number, count: number, rate: number): Float32Array {
  const envelope = new Float32Array(count).fill(1);
  const release = RELEASE.pluck * rate;
  for (let i = held; i < count; i++) {
    const share = (i - held) / release;
    envelope[i] = Math.exp(-5 * share) * (1 - share);
  }
  return envelope;
}

/** Half a turn of a cosine up, and one down. */
function organEnvelope(held: number, count: number, rate: number): Float32Array {
  const envelope = new Float32Array(count).fill(1);
  const ease = (share: number) => 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, share));
  const [attack, release] = [Math.min(ATTACK * rate, count), RELEASE.organ * rate];
  for (let i = 0; i < attack; i++) envelope[i] = ease(i / (ATTACK * rate));
  for (let i = held; i < count; i++) envelope[i] *= 1 - ease((i - held) / release);
  return envelope;
}

/** Drums, by what General MIDI calls their pitches: bass drums, cymbals, and all others as snares of their height. */
export function addDrum(pitch: number, { out, start, rate, gain }: Sounding): void {
  const count = Math.min(samplesOf("drum", 0, rate), out.length - start);
  const isBass = pitch === 35 || pitch === 36;
  const isCymbal = [42, 44, 46, 49, 51, 52, 53, 55, 57, 59].includes(pitch);
  const isOpen = isCymbal && pitch !== 42 && pitch !== 44;
  let [random, last, phase] = [pitch + 1, 0, 0];
  for (let i = 0; i < count; i++) {
    const seconds = i / rate;
    random = Math.imul(random, 1664525) + 1013904223 | 0;
    const noise = random / 2 ** 31;
    // What differs from the sample before it is bright.
    const bright = (noise - last) / 2;
    last = noise;
    const frequency = isBass ? 45 + 110 * Math.exp(-30 * seconds) : 90 + 3 * Math.max(0, pitch - 35);
    phase += 2 * Math.PI * frequency / rate;
    const body = isCymbal ? 0 : Math.sin(phase) * Math.exp(-(isBass ? 9 : 16) * seconds);
    const hiss = isBass
      ? 0
      : isCymbal
      ? bright * Math.exp(-(isOpen ? 8 : 45) * seconds)
      : 0.5 * noise * Math.exp(-20 * seconds);
    // Nothing is left at its end, where it stops.
    out[start + i] += gain * (body + hiss) * (1 - i / count);
  }
}
