/** What training needs to know of where examples come from. */
import type { Encoding, ExampleType } from "./encoding.ts";

/** Examples with named fields: a {@linkcode Dataset}, or what {@linkcode generated} makes as it is needed. */
export interface DataSource {
  /** What messages call it. */
  readonly name: string;
  /** Examples of an epoch. */
  readonly length: number;
  /** What a step gets of each field for one example. */
  readonly types: Readonly<Record<string, ExampleType>>;
  /** How each field is read. */
  readonly encodings: Readonly<Record<string, Encoding>>;
  /** The fields that go into a model, by their names. */
  readonly inputFields: readonly string[];
  /** The fields that a model's results are compared with; none where nothing is. */
  readonly targetFields: readonly string[];
  /** The name of each class, where the only target is class indices with names. */
  readonly classNames?: readonly string[];
}
