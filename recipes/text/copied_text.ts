/** What a model has copied: the longest stretches that its samples have in common with the text that it was trained on. */
import type { Vocabulary } from "../../data/text/vocabulary.ts";
import { count, percent } from "../number_text.ts";
import { commonStretches, coveredPart, SEPARATOR, type Stretch } from "./common_stretches.ts";
import type { TextData } from "./text_data.ts";

/** Stretches of so many tokens or more count as copied. */
const LEAST = { codePoints: 20, bytes: 20, words: 6 };
const names = { codePoints: "characters", bytes: "bytes", words: "words" };
/** The most stretches that are shown. */
const SHOWN = 25;

/** The report as text, and the longest stretch in tokens. */
export function copiedText(
  { vocabulary, train, validation }: TextData,
  samples: readonly { readonly title: string; readonly tokens: readonly number[] }[],
): { text: string; longest: number } {
  const sample = samples.flatMap(({ tokens }) => [...tokens, SEPARATOR]);
  const stretches = commonStretches(sample, train);
  const unseen = Array.from(validation).slice(0, sample.length);
  const usual = commonStretches(unseen, train);
  const [least, unit] = [LEAST[vocabulary.by], names[vocabulary.by]];
  const part = (found: readonly Stretch[], tokens: number) => percent(coveredPart(found, least, tokens));
  const longestOf = (found: readonly Stretch[]) => Math.max(0, ...found.map(({ length }) => length));
  const begins = samples.map((_, i) =>
    samples.slice(0, i).reduce((sum, { tokens }) => sum + tokens.length + 1, 0)
  );
  const shown = new Map(
    stretches.toSorted((a, b) => b.length - a.length).slice(0, 4 * SHOWN)
      .map((stretch) => [vocabulary.decode(sample.slice(stretch.at, stretch.at + stretch.length)), stretch]),
  );
  const rows = [...shown].slice(0, SHOWN).map(([text, { at, length, inCorpus }]) => {
    const { title } = samples[begins.findLastIndex((begin) => begin <= at)];
    return `${String(length).padStart(6)}  ${title}  at ${count(inCorpus).padStart(10)}  ${
      JSON.stringify(text)
    }`;
  });
  const lines = [
    `What ${count(sample.length - samples.length)} ${unit} of samples have in common with the ${
      count(train.length)
    } that were learned from`,
    "",
    `in stretches of ${least} ${unit} or more: ${
      part(stretches, sample.length - samples.length)
    }, the longest ${longestOf(stretches)}`,
    `of text that was not learned from:   ${part(usual, unseen.length)}, the longest ${longestOf(usual)}`,
    "",
    `The longest, in ${unit}, each with its sample and where it begins in the text:`,
    ...rows,
  ];
  return { text: lines.join("\n") + "\n", longest: longestOf(stretches) };
}

/** Whether a vocabulary is one that stretches are counted in; for messages. */
export const unitOf = ({ by }: Vocabulary): string => names[by];
