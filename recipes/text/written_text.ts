/** Text that a model writes while it is trained and afterwards. */
import { Vocabulary } from "../../data/text/vocabulary.ts";
import type { Model } from "../../models/model.ts";
import { writeTokens } from "../../training/sequences/write_tokens.ts";
import type { Where } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";

/** The vocabulary that a model was trained with. */
export function vocabularyOf(attempt: string, { info, name }: Model): Vocabulary {
  if (info.vocabulary) return new Vocabulary(info.vocabulary);
  throw new UsageError(
    `Cannot ${attempt} with the model ${name}: it knows no characters or words; train text makes one that does`,
  );
}

/** The token that a text begins behind, where nothing else is said: that between two texts, else a line break. */
export function beginningOf(vocabulary: Vocabulary): number {
  if (vocabulary.boundary !== undefined) return vocabulary.boundary;
  let begin = 0;
  if (vocabulary.unknownIn("\n").length === 0) vocabulary.forEachToken("\n", (token) => begin = token);
  return begin;
}

/** What must not be drawn: what stands for something unknown. */
export const bannedIn = ({ unknown }: Vocabulary): number[] => unknown === undefined ? [] : [unknown];

/** A text from nothing for each temperature, as tokens. */
export async function writeSamples(
  model: Model,
  vocabulary: Vocabulary,
  { temperatures, length, seed, where }: {
    temperatures: readonly number[];
    length: number;
    seed: number;
    where: Where;
  },
): Promise<number[][]> {
  const written: number[][] = temperatures.map(() => []);
  const prompts = temperatures.map(() => [beginningOf(vocabulary)]);
  const options = { temperature: temperatures, length, seed, banned: bannedIn(vocabulary), ...where };
  for await (const pieces of writeTokens(model, prompts, options)) {
    pieces.forEach((tokens, i) => written[i].push(...tokens));
  }
  return written;
}
