/** What is known of the music that a model expects. */
import { isObject } from "../../formats/json/is_object.ts";
import type { Model } from "../../models/model.ts";
import { keptDetails } from "../kept_details.ts";

/** What has to be known to make music with a model. */
export interface MusicDescription {
  /** Beats of a step, a beat being a quarter note. */
  readonly step: number;
  /** Beats a minute that are usual. */
  readonly tempo: number;
  /** Whether it is for a choir: soprano, alto, tenor and bass. */
  readonly isChoir: boolean;
}

/** What a model knows of its music; undefined where it was not made by `train music`. */
export const musicOf = (model: Model): MusicDescription | undefined =>
  keptDetails(model, "music", (value) => {
    const isRight = isObject(value) && isAbove(value.step, 1 / 64, 64) && isAbove(value.tempo, 4, 1000) &&
      typeof value.isChoir === "boolean";
    if (!isRight) throw new TypeError(`it is ${JSON.stringify(value)?.slice(0, 80)}`);
    return value as unknown as MusicDescription;
  });

const isAbove = (value: unknown, least: number, most: number) =>
  typeof value === "number" && value >= least && value <= most;
