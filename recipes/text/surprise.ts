/** How surprised a model is by a text, character by character. */
import type { Vocabulary } from "../../data/text/vocabulary.ts";
import { wordsOf } from "../../data/text/text_units.ts";
import type { Model } from "../../models/model.ts";
import { tokenLosses } from "../../training/sequences/token_losses.ts";
import type { Where } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { beginningOf, vocabularyOf } from "./written_text.ts";

/** A character or word of a text. */
export interface SurprisingPiece {
  readonly text: string;
  /** Minus the binary logarithm of its probability; nothing where the model does not know it, so that it was passed over. */
  readonly bits: number | undefined;
}

/** How well a model foresees a text. */
export interface TextSurprise {
  readonly pieces: readonly SurprisingPiece[];
  /** Of all characters that it knows. */
  readonly bitsPerCharacter: number;
  /** How many characters it knows. */
  readonly characters: number;
  /** What it does not know, and how often it occurs. */
  readonly unknown: ReadonlyMap<string, number>;
}

/** Each character of a text, or word, with its tokens; none where the vocabulary does not know it. */
function unitsOf(vocabulary: Vocabulary, text: string): { text: string; tokens: number[] }[] {
  const units = vocabulary.by === "words" ? [...wordsOf(text)] : [...text.toWellFormed()];
  return units.map((text) => {
    const tokens: number[] = [];
    vocabulary.forEachToken(text, (token) => tokens.push(token));
    return { text, tokens: tokens.filter((token) => token >= 0 && token !== vocabulary.unknown) };
  });
}

/** Asks a model of each character of a text how likely it was after those before it. */
export async function textSurprise(
  model: Model,
  text: string,
  { device, signal }: Where,
): Promise<TextSurprise> {
  const vocabulary = vocabularyOf("score a text", model);
  const units = unitsOf(vocabulary, text);
  const known = units.flatMap(({ tokens }) => tokens);
  if (known.length === 0) {
    throw new UsageError("Cannot score the text: the model knows none of its characters");
  }
  const losses = await tokenLosses(model, [beginningOf(vocabulary), ...known], { device, signal });
  const unknown = new Map<string, number>();
  let [at, nats, characters] = [0, 0, 0];
  const pieces = units.map(({ text, tokens }) => {
    if (tokens.length === 0) {
      unknown.set(text, (unknown.get(text) ?? 0) + 1);
      return { text, bits: undefined };
    }
    let own = 0;
    for (const _ of tokens) own += losses[at++];
    nats += own;
    characters += [...text].length;
    return { text, bits: own / Math.LN2 };
  });
  return { pieces, bitsPerCharacter: nats / Math.LN2 / characters, characters, unknown };
}

/** Bits from which on a piece is shown in the next colour: what was to be expected is in none. */
export const LEVELS: readonly number[] = [2, 4, 6, 8, 10, 12, 14];

/** How surprising a piece is, from 0 to as many as there are {@linkcode LEVELS}. */
export const levelOf = ({ bits = 0 }: SurprisingPiece): number =>
  LEVELS.filter((least) => bits >= least).length;

/** A surprising place of a text. */
export interface SurprisingPlace {
  readonly line: number;
  readonly column: number;
  readonly before: string;
  readonly text: string;
  readonly after: string;
  readonly bits: number;
}

/** Characters that are shown on both sides. */
const [BEFORE, AFTER] = [24, 16];

/** The places that surprised most, the most surprising first. */
export function mostSurprising(pieces: readonly SurprisingPiece[], most: number): SurprisingPlace[] {
  const order = pieces.map((_, i) => i).filter((i) => pieces[i].bits !== undefined)
    .sort((a, b) => pieces[b].bits! - pieces[a].bits!).slice(0, most);
  const places = new Map<number, { line: number; column: number }>();
  let [line, column] = [1, 1];
  const wanted = new Set(order);
  pieces.forEach(({ text }, i) => {
    if (wanted.has(i)) places.set(i, { line, column });
    for (const character of text) {
      if (character === "\n") [line, column] = [line + 1, 1];
      else column++;
    }
  });
  const joined = (from: number, to: number) =>
    pieces.slice(Math.max(0, from), to).map(({ text }) => text).join("");
  return order.map((i) => ({
    ...places.get(i)!,
    before: [...joined(i - BEFORE, i)].slice(-BEFORE).join(""),
    text: pieces[i].text,
    after: [...joined(i + 1, i + 1 + AFTER)].slice(0, AFTER).join(""),
    bits: pieces[i].bits!,
  }));
}
