/** How well a text is foreseen: by a model, and by what counting alone comes to. */
import type { Vocabulary } from "../../data/text/vocabulary.ts";
import type { Model } from "../../models/model.ts";
import { tokenLosses } from "../../training/sequences/token_losses.ts";
import type { Score, Where } from "../recipe.ts";
import type { TextData } from "./text_data.ts";

/** So many occurrences of a token's successors weigh as much as what is known of all tokens. */
const PRIOR = 5;

/** The mean loss in nats where each token of a text but the first is foreseen by how often it is in another, and follows what it does. */
export function countedLosses(
  from: ArrayLike<number>,
  of: ArrayLike<number>,
  tokens: number,
): { unigram: number; bigram: number } {
  const singles = new Float64Array(tokens).fill(1); // nothing is impossible
  const pairs = new Map<number, number>();
  const before = new Float64Array(tokens);
  for (let i = 0; i < from.length; i++) {
    singles[from[i]]++;
    if (i === 0) continue;
    const pair = from[i - 1] * tokens + from[i];
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    before[from[i - 1]]++;
  }
  let [unigram, bigram] = [0, 0];
  for (let i = 1; i < of.length; i++) {
    const alone = singles[of[i]] / (from.length + tokens);
    const pair = pairs.get(of[i - 1] * tokens + of[i]) ?? 0;
    unigram -= Math.log(alone);
    bigram -= Math.log((pair + PRIOR * alone) / (before[of[i - 1]] + PRIOR));
  }
  const losses = Math.max(1, of.length - 1);
  return { unigram: unigram / losses, bigram: bigram / losses };
}

/** How many characters a text of tokens has. */
export function charactersOf(vocabulary: Vocabulary, tokens: ArrayLike<number>): number {
  if (vocabulary.by === "codePoints") return tokens.length;
  const decoder = vocabulary.decoder();
  let characters = 0;
  for (let i = 0; i < tokens.length; i++) for (const _ of decoder.next(tokens[i])) characters++;
  return characters;
}

const unitNames = { codePoints: "character", bytes: "byte", words: "word" };

/** How a model does on the part of a text that it did not learn. */
export async function textScore(
  model: Model,
  { vocabulary, train, validation }: TextData,
  { device, signal }: Where,
): Promise<Score> {
  const losses = await tokenLosses(model, validation, { device, signal });
  const own = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const { unigram, bigram } = countedLosses(train, validation, vocabulary.size);
  const characters = charactersOf(vocabulary, Array.from(validation).slice(1));
  const each = losses.length / characters; // tokens of a character
  const unit = unitNames[vocabulary.by];
  const isCharacter = unit === "character";
  const row = (name: string, loss: number) => [
    name,
    (loss * each).toFixed(4),
    (loss * each / Math.LN2).toFixed(4),
    ...isCharacter ? [] : [loss.toFixed(4)],
    Math.exp(loss).toFixed(2),
  ];
  const nats = own * each;
  return {
    table: [
      [
        "foreseen by",
        "nats/character",
        "bits/character",
        ...isCharacter ? [] : [`nats/${unit}`],
        `perplexity/${unit}`,
      ],
      row("this model", own),
      row("bigrams", bigram),
      row("unigrams", unigram),
    ],
    headline: `validation ${nats.toFixed(4)} nats a character`,
    detail: `${(nats / Math.LN2).toFixed(4)} bits`,
    metrics: { validationNats: nats, validationBits: nats / Math.LN2 },
  };
}
