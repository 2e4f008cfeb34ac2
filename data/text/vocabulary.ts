/** The entries that a text is written with, each with its number: what goes into a network, and comes out of it. */
import { listOf, oneOf, text as textKind, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue, required } from "../../engine/options.ts";
import { forEachCodePoint, type TextUnit, textUnits, wordsOf } from "./text_units.ts";

/** A {@linkcode Vocabulary} as plain JSON: what is kept with a model. */
export interface VocabularyDescription {
  /** How texts are taken apart. */
  readonly by: TextUnit;
  /** The characters or words, in the order of their tokens; none for bytes, which are their own tokens. */
  readonly entries: readonly string[];
  /** The token of all that is no entry, where there is one. */
  readonly unknown?: number;
  /** The token between two texts, where there is one. */
  readonly boundary?: number;
}

/** What is shown for what is not known. */
const REPLACEMENT = "\ufffd";

/** So many characters are named in a message. */
const NAMED = 8;

/**
 * Turns texts into tokens and back. {@linkcode textCorpus} makes one of a text; `new Vocabulary(JSON.parse(...))` makes one
 * again that was kept as JSON.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { data } from "@gesso/gesso";
 *
 * const letters = new data.Vocabulary({ by: "codePoints", entries: ["a", "b", "é"] });
 * assertEquals([...letters.encode("abé")], [0, 1, 2]);
 * assertEquals(letters.decode([2, 1]), "éb");
 * assertEquals(letters.unknownIn("abc"), ["c"]);
 * assertThrows(() => letters.encode("abc"), RangeError, '"c"');
 * assertEquals(new data.Vocabulary(JSON.parse(JSON.stringify(letters))).size, 3);
 * ```
 */
export class Vocabulary {
  /** How texts are taken apart. */
  readonly by: TextUnit;
  /** The characters or words, in the order of their tokens; none for bytes. */
  readonly entries: readonly string[];
  /** The token of all that is no entry, where there is one. */
  readonly unknown?: number;
  /** The token between two texts, where there is one. */
  readonly boundary?: number;
  readonly #tokens: ReadonlyMap<string, number>;

  /** Throws a `TypeError` or `RangeError` when a description is none, such as one with an entry that is there twice. */
  constructor(description: VocabularyDescription) {
    const attempt = "make a vocabulary";
    const { by, entries, unknown, boundary } = readOptions(attempt, description, {
      by: required(oneOf(textUnits)),
      entries: required(listOf(textKind)),
      unknown: optional(whole()),
      boundary: optional(whole()),
    });
    const tokens = new Map(entries.map((entry, token) => [entry, token]));
    if (tokens.size < entries.length) {
      const twice = entries.find((entry, token) => tokens.get(entry) !== token);
      throw new RangeError(`Cannot ${attempt} with the entry ${JSON.stringify(twice)} twice`);
    }
    const wrong = entries.find((entry) => by === "bytes" || ![...pieces(by, entry)].includes(entry));
    if (wrong !== undefined) {
      throw new RangeError(
        `Cannot ${attempt} by ${by} with the entry ${JSON.stringify(wrong)}: it is none of these`,
      );
    }
    const special = [unknown, boundary].filter((token) => token !== undefined).sort((a, b) => a - b);
    const first = by === "bytes" ? 256 : entries.length;
    special.forEach((token, i) =>
      readValue(`${attempt} of ${first} entries`, "unknown or boundary", token, whole(first + i, first + i))
    );
    this.by = by;
    this.entries = entries;
    this.unknown = unknown;
    this.boundary = boundary;
    this.#tokens = tokens;
  }

  /** How many tokens there are: a network has as many results for each place. */
  get size(): number {
    const special = Number(this.unknown !== undefined) + Number(this.boundary !== undefined);
    return (this.by === "bytes" ? 256 : this.entries.length) + special;
  }

  /**
   * The tokens of a text. What is no entry becomes `unknown`, where there is such a token.
   *
   * @throws {RangeError} where there is none, and names what is no entry.
   */
  encode(text: string): Int32Array {
    readValue("encode", "text", text, textKind);
    const tokens: number[] = [];
    this.forEachToken(text, (token) => tokens.push(token));
    if (tokens.includes(-1)) {
      const strange = this.unknownIn(text);
      const more = strange.length > NAMED ? ` and ${strange.length - NAMED} more` : "";
      throw new RangeError(
        `Cannot encode a text with ${
          strange.slice(0, NAMED).map((piece) => JSON.stringify(piece)).join(", ")
        }${more}: ` +
          `the ${this.entries.length} ${this.by === "words" ? "words" : "characters"} of the vocabulary ` +
          `do not hold ${strange.length === 1 ? "it" : "them"}; see unknownIn`,
      );
    }
    return Int32Array.from(tokens);
  }

  /** Calls `use` with the token of each unit of a text in turn; with -1 for what has none. */
  forEachToken(text: string, use: (token: number) => void): void {
    if (this.by === "bytes") return new TextEncoder().encode(text).forEach((byte) => use(byte));
    const unknown = this.unknown ?? -1;
    if (this.by === "words") {
      for (const word of wordsOf(text)) use(this.#tokens.get(word) ?? unknown);
      return;
    }
    // Most characters are of a few alphabets: looked up as numbers, which is several times as fast.
    const known = new Map<number, number>();
    forEachCodePoint(text, (code) => {
      let token = known.get(code);
      if (token === undefined) {
        token = this.#tokens.get(String.fromCodePoint(code)) ?? unknown;
        known.set(code, token);
      }
      use(token);
    });
  }

  /** The characters or words of a text that are no entries, each once, in their order. */
  unknownIn(text: string): string[] {
    if (this.by === "bytes") return [];
    return [...new Set(pieces(this.by, text))].filter((piece) => !this.#tokens.has(piece));
  }

  /**
   * The text of tokens. `unknown` is shown as U+FFFD, as are bytes that are no character; `boundary` is a line feed.
   *
   * @throws {RangeError} when a number is no token.
   */
  decode(tokens: ArrayLike<number>): string {
    const decoder = this.decoder();
    const parts = Array.from(tokens, (token) => decoder.next(token));
    return parts.join("") + decoder.end();
  }

  /**
   * Decodes one token after another, as they come: `next` gives the text that is whole by then, which is nothing within a
   * character of several bytes; `end` gives what is left.
   */
  decoder(): { next(token: number): string; end(): string } {
    const bytes = new TextDecoder("utf-8", { ignoreBOM: true });
    const byte = new Uint8Array(1);
    const { by, entries, unknown, boundary, size } = this;
    return {
      next: (token) => {
        readValue("decode", "token", token, whole(0, size - 1));
        if (token === boundary) return bytes.decode() + "\n";
        if (token === unknown) return REPLACEMENT;
        if (by !== "bytes") return entries[token];
        byte[0] = token;
        return bytes.decode(byte, { stream: true });
      },
      end: () => bytes.decode(),
    };
  }

  /** What `JSON.stringify` writes: all that makes the vocabulary again. */
  toJSON(): VocabularyDescription {
    const { by, entries, unknown, boundary } = this;
    return {
      by,
      entries,
      ...unknown !== undefined && { unknown },
      ...boundary !== undefined && { boundary },
    };
  }
}

/** The characters or words of a text. */
function* pieces(by: TextUnit, text: string): Generator<string> {
  if (by === "words") yield* wordsOf(text);
  else for (const character of text.toWellFormed()) yield character;
}
