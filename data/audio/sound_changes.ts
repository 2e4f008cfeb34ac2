/** Counts what is done to sounds, so that it can be said. */
import type { SoundForm } from "./sound_form.ts";

/** What a sound was: `length` is that at the new rate. */
export interface SoundBefore {
  readonly channels: number;
  readonly rate: number;
  readonly length: number;
}

/** What was done to sounds, by kinds of change. */
export class SoundChanges {
  readonly #form: SoundForm;
  readonly #counts = new Map<string, number>();
  #clips = 0;

  /** Nothing was done yet. */
  constructor(form: SoundForm) {
    this.#form = form;
  }

  /** Counts what is done to a sound. */
  add({ channels, rate, length }: SoundBefore): void {
    const { rate: newRate, length: newLength, long } = this.#form;
    const seconds = `${Number((newLength / newRate).toFixed(3))} s`;
    if (channels > 1) this.#count(`of ${channels} channels: mixed to one`);
    if (rate !== newRate) this.#count(`at ${rate} Hz: resampled to ${newRate} Hz`);
    if (length < newLength) this.#count(`shorter than ${seconds}: followed by silence`);
    if (length <= newLength) return;
    if (long === "windows") {
      this.#clips += Math.ceil(length / newLength);
      this.#count(`longer than ${seconds}: taken apart`);
    } else {
      this.#count(`longer than ${seconds}: the ${long} is kept`);
    }
  }

  #count(change: string): void {
    this.#counts.set(change, (this.#counts.get(change) ?? 0) + 1);
  }

  /** A line for each kind of change, the most frequent one first. */
  lines(): string[] {
    return [...this.#counts].sort(([, a], [, b]) => b - a).map(([change, count]) =>
      `${count} ${count === 1 ? "sound" : "sounds"} ${change}` +
      (change.endsWith("taken apart") ? ` into ${this.#clips}, the last of each followed by silence` : "")
    );
  }
}
