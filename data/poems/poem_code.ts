/** Quatrains as tokens, and back: who wrote a poem, how long its lines are, and its characters. */
import { listOf, text } from "../../engine/option_kinds.ts";
import { readOptions, required } from "../../engine/options.ts";
import { Vocabulary, type VocabularyDescription } from "../text/vocabulary.ts";

/** Characters of a line: the two forms of a quatrain. */
export type LineLength = 5 | 7;

/** All of them. */
const lineLengths: readonly LineLength[] = [5, 7];

/** What stands behind each of the four lines. */
const SEPARATORS = ["，", "。", "，", "。"];

/** The characters that end lines. */
export const separators: readonly string[] = [...new Set(SEPARATORS)];

/** A {@linkcode PoemCode} as plain JSON: what is kept with a model. */
export interface PoemCodeDescription {
  /** The characters of the poems; the boundary ends a poem, and all rare characters are unknown. */
  readonly characters: VocabularyDescription;
  /** The authors that have a token each; all others share one. */
  readonly authors: readonly string[];
}

/** What a poem is to begin with. */
export interface PoemBeginning {
  /** Who is to have written it; another author than those that are known when left out. */
  readonly author?: string;
  /** Characters of a line; those of `line`, or left to the model, when left out. */
  readonly form?: LineLength;
  /** The first line, or some of its characters. */
  readonly line?: string;
}

/** What came out of tokens. */
export interface WrittenPoem {
  /** The lines without what ends them. */
  readonly lines: readonly string[];
  /** Characters of a line, as the poem itself says in front; `undefined` where it does not. */
  readonly form?: LineLength;
  /** Whether these are four lines of that many characters, each ended as it should be, and nothing more. */
  readonly isInForm: boolean;
}

/**
 * Turns quatrains into tokens and back: the author, the length of the lines, the characters with what ends each line, and the
 * end. Characters come first, then the token of all authors that have none, those of authors, and those of the two lengths.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { data } from "@gesso/gesso";
 *
 * const characters = { by: "codePoints", entries: [..."。一三二五六四，"].sort(), boundary: 8 } as const;
 * const code = new data.PoemCode({ characters, authors: ["李白"] });
 * const tokens = code.encode({ author: "李白", lines: ["一二三四五", "二三四五六", "三四五六一", "四五六一二"] });
 * assertEquals(code.decode(tokens).isInForm, true);
 * assertEquals([...code.begin({ author: "李白", form: 5 })], [10, 11]);
 * ```
 */
export class PoemCode {
  /** The characters; the boundary ends a poem, and all rare characters are unknown. */
  readonly characters: Vocabulary;
  /** The authors that have a token. */
  readonly authors: readonly string[];

  /** Throws a `TypeError` or `RangeError` when a description is none. */
  constructor(description: PoemCodeDescription) {
    const attempt = "make a code of poems";
    const { characters, authors } = readOptions(attempt, description, {
      characters: required({ says: "a vocabulary", read: (value) => value as VocabularyDescription }),
      authors: required(listOf(text)),
    });
    this.characters = new Vocabulary(characters);
    this.authors = authors;
    const missing = separators.filter((mark) => !this.characters.entries.includes(mark));
    if (this.characters.boundary === undefined || missing.length > 0) {
      throw new RangeError(
        `Cannot ${attempt} with a vocabulary without ${missing[0] ?? "a boundary, which ends poems"}`,
      );
    }
  }

  /** How many tokens there are. */
  get size(): number {
    return this.characters.size + 1 + this.authors.length + lineLengths.length;
  }

  /** Tokens of the longest poem: author, length, lines of seven with what ends them, end. */
  get length(): number {
    return 2 + SEPARATORS.length * (Math.max(...lineLengths) + 1) + 1;
  }

  /** The token of an author; that of all others where there is none. */
  authorToken(author: string | undefined): number {
    return this.characters.size + 1 + (author === undefined ? -1 : this.authors.indexOf(author));
  }

  /** The token of a length of lines. */
  formToken(form: LineLength): number {
    return this.characters.size + 1 + this.authors.length + lineLengths.indexOf(form);
  }

  /** The length of lines that a token says, if it says one. */
  formOf(token: number): LineLength | undefined {
    return lineLengths[token - this.characters.size - 1 - this.authors.length];
  }

  /**
   * The tokens of a poem, `[length]`; behind a shorter one its end is repeated.
   *
   * @throws {RangeError} when it has not four lines of five or seven characters, or a character is unknown.
   */
  encode({ author, lines }: { readonly author: string; readonly lines: readonly string[] }): Int32Array {
    const form = formOf(lines);
    if (form === undefined) {
      throw new RangeError(
        `Cannot encode a poem of ${lines.length} lines of ${
          lines.map((l) => [...l].length).join(", ")
        } characters: ` +
          "it has to have four lines of five characters each, or of seven",
      );
    }
    const tokens = new Int32Array(this.length).fill(this.characters.boundary!);
    tokens.set([this.authorToken(author), this.formToken(form)]);
    tokens.set(this.characters.encode(lines.map((line, i) => line + SEPARATORS[i]).join("")), 2);
    return tokens;
  }

  /**
   * The tokens that a poem begins with.
   *
   * @throws {RangeError} when an author or a character is unknown, or the line is too long.
   */
  begin({ author, form, line }: PoemBeginning): Int32Array {
    if (author !== undefined && !this.authors.includes(author)) {
      const near = this.authors.filter((name) => [...author].some((part) => name.includes(part))).slice(0, 5);
      throw new RangeError(
        `Cannot write a poem as ${author}: the model knows ${this.authors.length} authors by name, ` +
          (near.length > 0
            ? `among them ${near.join(", ")}`
            : `such as ${this.authors.slice(0, 3).join(", ")}`),
      );
    }
    const size = [...line ?? ""].length;
    const chosen = form ?? (line === undefined ? undefined : lineLengths.find((length) => length >= size));
    if (line !== undefined && (chosen === undefined || size > chosen || size === 0)) {
      throw new RangeError(
        `Cannot begin a poem with a line of ${size} characters: it has five or seven` +
          (form === undefined ? "" : `, here ${form}`),
      );
    }
    const strange = this.characters.unknownIn(line ?? "");
    if (strange.length > 0) {
      throw new RangeError(
        `Cannot begin a poem with "${line}": the model does not know ${
          strange.map((c) => `"${c}"`).join(", ")
        }; it was ` +
          "trained on traditional characters, if the poems were",
      );
    }
    const first = [this.authorToken(author)];
    if (chosen === undefined) return Int32Array.from(first);
    const whole = size === chosen ? line + SEPARATORS[0] : line ?? "";
    return Int32Array.of(...first, this.formToken(chosen), ...this.characters.encode(whole));
  }

  /** The poem of tokens, up to its end. */
  decode(tokens: ArrayLike<number>): WrittenPoem {
    const all = Array.from(tokens);
    const form = this.formOf(all[1]);
    const end = all.indexOf(this.characters.boundary!);
    const written = all.slice(2, end < 0 ? undefined : end);
    const { size, unknown } = this.characters;
    const isText = written.every((token) => token < size && token !== unknown);
    const body = this.characters.decode(written.filter((token) => token < size));
    const lines = body.split(/[，。]/).filter((line, i, all) => line !== "" || i < all.length - 1);
    const whole = lines.map((line, i) => line + (SEPARATORS[i] ?? "")).join("");
    const isInForm = end >= 0 && isText && form !== undefined && whole === body && formOf(lines) === form;
    return { lines, ...form !== undefined && { form }, isInForm };
  }

  /** What `JSON.stringify` writes: all that makes the code again. */
  toJSON(): PoemCodeDescription {
    return { characters: this.characters.toJSON(), authors: this.authors };
  }
}

/** The length of the lines, where these are four of equal length and that is one of a quatrain. */
export function formOf(lines: readonly string[]): LineLength | undefined {
  if (lines.length !== SEPARATORS.length) return undefined;
  return lineLengths.find((length) => lines.every((line) => [...line].length === length));
}
