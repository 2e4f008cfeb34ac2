/** Poems, and what can be asked of them. */
import type { Dataset } from "../dataset.ts";
import type { PoemCode } from "./poem_code.ts";

/** A poem. */
export interface Poem {
  /** Who wrote it; empty where nothing is said. */
  readonly author: string;
  /** What it is called; empty where nothing is said. */
  readonly title: string;
  /** Its lines, without the marks that end them. */
  readonly lines: readonly string[];
}

/** Poems as they were read. */
export interface PoemCollection {
  /** The poems, by file and place. */
  readonly poems: readonly Poem[];
  /** What was found, in a few lines to print. */
  readonly report: readonly string[];
}

/** How {@linkcode quatrains} takes poems. */
export interface QuatrainsOptions {
  /** Which part of the poems is to test by, above 0 and below 1; 0.1 when left out. */
  readonly validation?: number;
  /** Authors with fewer poems share a token; 10 when left out. */
  readonly fewest?: number;
  /** Characters that are there fewer times become one unknown token; 3 when left out. */
  readonly rare?: number;
  /** The code of a model that there is already; made of the poems when left out. */
  readonly code?: PoemCode;
}

/** Quatrains for a network; see {@linkcode quatrains}. */
export interface Quatrains {
  /** The part to train on. */
  readonly train: Dataset;
  /** The part to test by. */
  readonly validation: Dataset;
  /** The same as poems. */
  readonly poems: { readonly train: readonly Poem[]; readonly validation: readonly Poem[] };
  /** What tokens stand for. */
  readonly code: PoemCode;
  /** What was found, in a few lines to print. */
  readonly report: readonly string[];
}
