/** How a model of poems does: what it expects, what it writes, and what of that is copied. */
import type { Quatrains } from "../../data/poems/poem_types.ts";
import type { PoemBeginning, WrittenPoem } from "../../data/poems/poem_code.ts";
import { Random } from "../../data/random.ts";
import type { Model } from "../../models/model.ts";
import { percent } from "../number_text.ts";
import type { Score, Where } from "../recipe.ts";
import { countedLosses } from "./character_counts.ts";
import { copiedFrom } from "./copied.ts";
import { isCharacter, natsACharacter } from "./poem_network.ts";
import { poemRows, writePoems } from "./write_poems.ts";

/** Poems that are written to see how many are in form: as many as authors, behind first lines, and of neither. */
const WRITTEN = 240;
/** Those that are shown. */
const SHOWN = 24;
const TEMPERATURE = 0.8;

/** A poem and what it was begun with. */
interface Made extends WrittenPoem {
  readonly begun: PoemBeginning;
}

/** The figures of a model, and a text with poems that it wrote. */
export async function judgePoems(
  model: Model,
  data: Quatrains,
  where: Where,
): Promise<{ score: Score; text: Uint8Array }> {
  const nats = await natsACharacter(model, data.code, data.validation, where);
  const { code, poems } = data;
  const sequences = (own: typeof poems.train) => own.map((poem) => code.encode(poem));
  const { unigram, bigram } = countedLosses(
    sequences(poems.train),
    sequences(poems.validation),
    isCharacter(code),
    code.characters.size - 3,
  );
  const made = await makeSome(model, data, where);
  const inForm = made.filter(({ isInForm }) => isInForm).length / made.length;
  const corpus = [...poems.train, ...poems.validation].map(({ lines }) => lines);
  // A first line that was given is not copied.
  const own = made.map(({ lines, begun }) => begun.line === undefined ? lines : lines.slice(1));
  const { whole } = copiedFrom(corpus, made.map(({ lines }) => lines));
  const { lines, longest } = copiedFrom(corpus, own);
  const score: Score = {
    table: [
      ["", "nats a character"],
      ["how often characters are", unigram.toFixed(3)],
      ["pairs of characters", bigram.toFixed(3)],
      ["this model", nats.toFixed(3)],
    ],
    headline: `${nats.toFixed(3)} nats a character, ${percent(inForm)} of ${made.length} poems in form`,
    detail: `drawn at temperature ${TEMPERATURE}, nothing forced; ${whole} copied whole, ` +
      `${percent(lines)} of the lines, longest stretch ${[...longest].length} characters (${longest})`,
    metrics: {
      nats,
      unigramNats: unigram,
      bigramNats: bigram,
      inForm,
      copiedWhole: whole,
      copiedLines: lines,
    },
  };
  return { score, text: new TextEncoder().encode(textOf(made, score)) };
}

/** A third as authors, by how much they wrote; a third behind first lines of validation poems; a third of neither. */
async function makeSome(model: Model, { poems, code }: Quatrains, where: Where): Promise<Made[]> {
  const random = new Random(1);
  const any = <T>(list: readonly T[]): T => list[Math.floor(random.uniform(0, 1) * list.length)];
  const known = poems.train.filter(({ author }) => code.authors.includes(author));
  const begun = Array.from({ length: WRITTEN }, (_, i): PoemBeginning => {
    if (i % 3 === 0 && known.length > 0) return { author: any(known).author };
    const line = any(poems.validation).lines[0];
    return i % 3 === 1 && code.characters.unknownIn(line).length === 0 ? { line } : {};
  });
  const written = await writePoems(model, begun, { temperature: TEMPERATURE, seed: 1 }, where);
  return written.map((poem, i) => ({ ...poem, begun: begun[i] }));
}

function textOf(made: readonly Made[], { headline, detail }: Score): string {
  const parts = made.slice(0, SHOWN).map((poem) => {
    const { author, line } = poem.begun;
    const head = author !== undefined ? `as ${author}` : line !== undefined ? `behind ${line}` : "as no one";
    return [head + (poem.isInForm ? "" : " (not in form)"), ...poemRows(poem).map((row) => `    ${row}`), ""]
      .join("\n");
  });
  return [headline, detail, "", ...parts].join("\n");
}
