/** What a data set is made of. */
import type { NdArray } from "../engine/array.ts";
import type { Field } from "./field.ts";

/** What a {@linkcode Dataset} of named fields is made of. */
export interface NamedFields {
  /** Fields by their names, as {@linkcode numbers}, {@linkcode classes}, {@linkcode tokens} and {@linkcode windows} give them. */
  fields: Readonly<Record<string, Field>>;
  /** Which fields go into a model; all that are no targets when left out. */
  inputs?: string | readonly string[];
  /** Which fields a model's results are compared with; none when left out. */
  targets?: string | readonly string[];
  /** What messages call this data. Default `"dataset"`. */
  name?: string;
}

/** The usual two fields, called `inputs` and `targets`. */
export interface InputsAndTargets {
  /** Inputs, `[N, ...]`, `uint8` or `float32`; images are `[N, height, width, channels]`. */
  inputs: NdArray;
  /** Targets, `[N, ...]`: class indices (`uint8` or `int32`), or numbers (`float32`). */
  targets: NdArray;
  /** The name of each class, in the order of their indices. Targets must then be class indices below its length. */
  classNames?: readonly string[];
  /** What messages call this data. Default `"dataset"`. */
  name?: string;
  /** What `uint8` inputs are multiplied by when they become `float32`. Default 1/255. Not for `float32` inputs. */
  scale?: number;
}

/** What a {@linkcode Dataset} is made of. */
export type DatasetOptions = NamedFields | InputsAndTargets;
