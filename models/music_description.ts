/** What is known of the music that a model expects. */
import { isObject } from "../formats/json/is_object.ts";

/** What has to be known to make music with a model. */
export interface MusicDescription {
  /** Beats of a step, a beat being a quarter note. */
  readonly step: number;
  /** Beats a minute that are usual. */
  readonly tempo: number;
  /** Whether it is for a choir: soprano, alto, tenor and bass. */
  readonly isChoir: boolean;
}

/** Whether a value, such as a file holds, is such a description. */
export const isMusicDescription = (value: unknown): value is MusicDescription =>
  isObject(value) && isAbove(value.step, 1 / 64, 64) && isAbove(value.tempo, 4, 1000) &&
  typeof value.isChoir === "boolean" && Object.keys(value).length === 3;

const isAbove = (value: unknown, least: number, most: number) =>
  typeof value === "number" && value >= least && value <= most;
