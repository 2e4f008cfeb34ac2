/** Sounds as arrays, whatever file they come from. */
import type { NdArray } from "../../engine/array.ts";

/** A sound: how the air moves, so many times a second. */
export interface Sound {
  /** float32 `[length, channels]`, from -1 to 1 unless a file says otherwise. */
  readonly samples: NdArray<"float32">;
  /** Samples a second, in Hz. */
  readonly rate: number;
}

/**
 * Samples of all channels that are read out of one file at most: it is 50 minutes of music in stereo, and 1 GB. A small file of
 * silence may claim any number.
 */
export const MOST_SAMPLES = 1 << 28;

/** The highest rate that is read, in Hz; what measures ultrasound takes a million. */
export const HIGHEST_RATE = 10_000_000;
