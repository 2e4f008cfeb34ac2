/** Training and asking a classifier of sounds: what bands are heard is computed once, as no training changes it. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { Dataset } from "../../data/dataset.ts";
import { classes, numbers } from "../../data/field.ts";
import type { NamedSound } from "../../data/audio/named_sounds.ts";
import { partOf } from "../../models/graph/part_of.ts";
import type { Model } from "../../models/model.ts";
import { predict } from "../../training/fit/predict.ts";
import type { Where } from "../recipe.ts";

/** A classifier in two parts that share its weights. */
export interface Halves {
  /** From samples to the loudness of bands; it has no weights. */
  readonly front: Model;
  /** From there to classes. */
  readonly back: Model;
}

/** Takes a classifier apart behind its layer that hears bands. */
export function halvesOf(model: Model): Halves {
  const bands = model.layers.find(({ layer }) => layer.type === "logMel")!.name;
  const [{ from }] = Object.values(model.graph.outputs);
  if (!("layer" in from)) throw new RangeError(`Cannot take ${model.name} apart: it gives what goes in`);
  return {
    front: partOf(model, { outputs: bands }),
    back: partOf(model, { inputs: { bands }, outputs: from.layer }),
  };
}

/** What the front of a classifier hears of clips: `[clips, frames, bands]`. */
export const heardBands = ({ front }: Halves, clips: NdArray, where: Where): Promise<NdArray<"float32">> =>
  predict(front, clips, { device: where.device, signal: where.signal });

/** Some of the sounds, as the back of a classifier takes them. */
export function bandsDataset(
  bands: NdArray<"float32">,
  sounds: readonly NamedSound[],
  classNames: readonly string[],
  { name, which }: { name: string; which: readonly number[] },
): Dataset {
  const [, frames, width] = bands.shape;
  const size = frames * width;
  const values = new Float32Array(which.length * size);
  which.forEach((i, place) => values.set(bands.data.subarray(i * size, (i + 1) * size), place * size));
  const labels = which.map((i) => sounds[i].label);
  return new Dataset({
    fields: {
      bands: numbers(ndarray("float32", [which.length, frames, width], values)),
      label: classes(ndarray("int32", [which.length], labels), classNames),
    },
    targets: "label",
    name,
  });
}
