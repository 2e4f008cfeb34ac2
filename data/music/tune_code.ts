/** Words of tunes as tokens, and back. */
import { listOf, text } from "../../engine/option_kinds.ts";
import { readOptions, required } from "../../engine/options.ts";

/** A {@linkcode TuneCode} as plain JSON: what is kept with a model. */
export interface TuneCodeDescription {
  /** The words, such as `G2` and `|`, in the order of their tokens. */
  readonly words: readonly string[];
}

/** What stands in front of a tune's music, by the letters of its fields. */
export type TuneHeader = Readonly<Partial<Record<typeof headerLetters[number], string>>>;

/** The fields in front of a tune's music, in this order: kind of dance, meter, length of a unit, key. */
export const headerLetters = ["R", "M", "L", "K"] as const;

/**
 * Turns tunes, as words with spaces between, into tokens and back. Behind the words, one token is the boundary between two tunes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { data } from "@gesso/gesso";
 *
 * const code = data.TuneCode.of(["R:jigs M:6/8 L:1/8 K:G G2 B d3 |"]);
 * assertEquals(code.decode(code.encode("K:G d3 |")), "K:G d3 |");
 * assertEquals(code.values("K"), ["G"]);
 * ```
 */
export class TuneCode {
  /** The words, in the order of their tokens. */
  readonly words: readonly string[];
  readonly #tokens: ReadonlyMap<string, number>;

  /** Throws a `TypeError` or `RangeError` when a description is none. */
  constructor(description: TuneCodeDescription) {
    const attempt = "make a code of tunes";
    const { words } = readOptions(attempt, description, { words: required(listOf(text)) });
    this.words = words;
    this.#tokens = new Map(words.map((word, token) => [word, token]));
    const wrong = words.find((word, token) => !/^\S+$/.test(word) || this.#tokens.get(word) !== token);
    if (wrong !== undefined) {
      throw new RangeError(
        `Cannot ${attempt} with ${JSON.stringify(wrong)}: words have no spaces, and are there once`,
      );
    }
  }

  /** The code of all words of some tunes. */
  static of(tunes: readonly string[]): TuneCode {
    return new TuneCode({ words: [...new Set(tunes.flatMap((tune) => tune.split(" ")))].sort() });
  }

  /** How many tokens there are. */
  get size(): number {
    return this.words.length + 1;
  }

  /** The token between two tunes. */
  get boundary(): number {
    return this.words.length;
  }

  /** What is said of a field in the tunes: `M` gives `3/4`, `6/8` ... */
  values(letter: typeof headerLetters[number]): string[] {
    return this.words.filter((word) => word.startsWith(`${letter}:`)).map((word) => word.slice(2));
  }

  /** The words of a tune that are not known. */
  unknownIn(words: string): string[] {
    return words.split(" ").filter((word) => !this.#tokens.has(word));
  }

  /**
   * The tokens of a tune's words.
   *
   * @throws {RangeError} when one is not known.
   */
  encode(words: string): Int32Array {
    const [strange] = this.unknownIn(words);
    if (strange !== undefined) {
      throw new RangeError(
        `Cannot encode ${JSON.stringify(strange)}: it is none of the ${this.words.length} words`,
      );
    }
    return Int32Array.from(words.split(" "), (word) => this.#tokens.get(word)!);
  }

  /** The words of tokens, up to a boundary. */
  decode(tokens: ArrayLike<number>): string {
    const all = Array.from(tokens);
    const end = all.indexOf(this.boundary);
    return all.slice(0, end < 0 ? undefined : end).map((token) => this.words[token]).join(" ");
  }

  /** What `JSON.stringify` writes: all that makes the code again. */
  toJSON(): TuneCodeDescription {
    return { words: this.words };
  }
}
