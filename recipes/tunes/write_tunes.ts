/** Tunes that a model writes. */
import { tuneCodeOf } from "./tune_code_of.ts";
import { headerLetters, type TuneHeader } from "../../data/music/tune_code.ts";
import { readTuneOfWords } from "../../data/music/tune_words.ts";
import type { AbcTune } from "../../formats/abc/abc_tune.ts";
import { type AbcCheck, checkAbc } from "../../formats/abc/check_abc.ts";
import type { Model } from "../../models/model.ts";
import { writeTokens } from "../../training/sequences/write_tokens.ts";
import type { Where } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";

/** What tunes are drawn with where nothing is said. */
export const USUAL_TEMPERATURE = 0.5;

/** The most words of a tune. */
const LONGEST = 600;

/** A tune that was written. */
export interface WrittenTune {
  readonly words: string;
  readonly tokens: readonly number[];
  /** The same as ABC; `undefined` where it has no key. */
  readonly tune: AbcTune | undefined;
  readonly check: AbcCheck;
}

/** What {@linkcode writeTunes} is to write. */
export interface TunesWanted {
  readonly count: number;
  readonly temperature: number;
  readonly seed: number;
  /** What their headers have to say; the model chooses the rest. */
  readonly header?: TuneHeader;
}

/**
 * Writes tunes, all together.
 *
 * @throws {UsageError} when the model knows no such kind, meter or key.
 */
export async function writeTunes(
  model: Model,
  { count, temperature, seed, header = {} }: TunesWanted,
  { device, signal }: Where,
): Promise<WrittenTune[]> {
  const code = tuneCodeOf(model)!;
  const given = headerLetters.map((letter) => {
    const value = header[letter];
    if (value === undefined) return undefined;
    if (code.values(letter).includes(value)) return code.encode(`${letter}:${value}`)[0];
    throw new UsageError(
      `Cannot write a tune with ${letter}:${value}: the model knows ${code.values(letter).join(", ")}`,
    );
  });
  const written = Array.from({ length: count }, (): number[] => []);
  const pieces = writeTokens(model, written.map(() => [code.boundary]), {
    length: LONGEST,
    temperature,
    seed,
    stop: code.boundary,
    forced: (place) => given[place],
    device,
    signal,
  });
  for await (const piece of pieces) piece.forEach((tokens, i) => written[i].push(...tokens));
  return written.map((tokens) => {
    const words = code.decode(tokens);
    const tune = readTuneOfWords(words);
    return { words, tokens, tune, check: checkAbc(tune ?? "") };
  });
}
