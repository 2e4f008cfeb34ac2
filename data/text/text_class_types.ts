/** Texts with classes, and what can be asked of them. */
import type { TrainAndTest } from "../dataset.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A text and its class. */
export interface LabelledText {
  /** What it is called: its file, its title, or its line. */
  readonly name: string;
  readonly text: string;
  /** The place of its class among the names. */
  readonly label: number;
}

/** How {@linkcode textClasses} takes texts. */
export interface TextClassesOptions {
  /** Characters of a text: longer ones are cut there, 256 when left out. */
  readonly length?: number;
  /** Which part of the texts is to test by, above 0 and below 1; 0.2 when left out. */
  readonly validation?: number;
  /** Classes with fewer texts are left out; 10 when left out. */
  readonly fewest?: number;
  /** The vocabulary of a model that there is already; made of the texts to train on when left out. */
  readonly vocabulary?: Vocabulary;
}

/** Texts with a class; see {@linkcode textClasses}. */
export interface TextClasses extends TrainAndTest {
  /** The same texts as they are read. */
  readonly texts: { readonly train: readonly LabelledText[]; readonly test: readonly LabelledText[] };
  /** The classes, in the order of their characters. */
  readonly classNames: readonly string[];
  /** The characters that texts are written in; rare ones are unknown. */
  readonly vocabulary: Vocabulary;
  /** What was found, in a few lines to print. */
  readonly report: readonly string[];
}
