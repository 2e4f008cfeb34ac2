/** How a model of tunes does: what it expects, whether what it writes can be played, and what of that is copied. */
import type { Model } from "../../models/model.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { percent } from "../number_text.ts";
import type { Score, Where } from "../recipe.ts";
import { commonStretches, coveredPart, SEPARATOR } from "../text/common_stretches.ts";
import { type TuneData, windowsOf } from "./tune_data.ts";
import { USUAL_TEMPERATURE, writeTunes, type WrittenTune } from "./write_tunes.ts";

/** Tunes that are written at each temperature; the figure that counts is at the usual one. */
const WRITTEN = 100;
const TEMPERATURES = [USUAL_TEMPERATURE, 0.7, 1];
/** So many words in a row, some four bars, count as copied. */
const COPIED = 24;

/** The figures of a model, and what it wrote at the usual temperature. */
export async function judgeTunes(
  model: Model,
  data: TuneData,
  where: Where,
): Promise<{ score: Score; tunes: readonly WrittenTune[] }> {
  const { loss } = await evaluate(model, windowsOf("test tunes", data.validation), {
    carry: true,
    batchSize: 1,
    ...where,
  });
  const written: WrittenTune[][] = [];
  for (const temperature of TEMPERATURES) {
    written.push(await writeTunes(model, { count: WRITTEN, temperature, seed: 1 }, where));
  }
  const rows = written.map((tunes, i) => {
    const bars = tunes.reduce((sum, { check }) => sum + check.bars, 0);
    const wrong = tunes.reduce((sum, { check }) => sum + check.wrongBars, 0);
    const { part, longest } = copiedPart(tunes, data.train);
    return [
      String(TEMPERATURES[i]),
      percent(partOf(tunes, ({ check }) => check.parses)),
      percent(partOf(tunes, ({ check }) => check.hasFullBars)),
      percent(1 - wrong / Math.max(1, bars)),
      percent(part),
      `${longest} words`,
    ];
  });
  const tunes = written[TEMPERATURES.indexOf(USUAL_TEMPERATURE)];
  const full = partOf(tunes, ({ check }) => check.hasFullBars);
  const { whole } = copiedPart(tunes, data.train);
  const score: Score = {
    table: [
      ["temperature", "read", "full bars", "bars that are full", `copied (${COPIED} words)`, "longest"],
      ...rows,
    ],
    headline: `${percent(full)} of ${WRITTEN} tunes can be read and have full bars throughout`,
    detail: `drawn at temperature ${USUAL_TEMPERATURE}; ${whole} copied whole; loss ${
      loss.toFixed(4)
    } nats a word on test tunes`,
    metrics: { testLoss: loss, fullBars: full, copiedWhole: whole },
  };
  return { score, tunes };
}

const partOf = <T>(all: readonly T[], is: (one: T) => boolean) => all.filter(is).length / all.length;

/** How much is copied: the part of words in long stretches of the corpus, the longest, and tunes that are there as a whole. */
function copiedPart(tunes: readonly WrittenTune[], corpus: Int32Array) {
  const sample = tunes.flatMap(({ tokens }) => [...tokens, SEPARATOR]);
  const stretches = commonStretches(sample, corpus);
  const lengths = new Map(stretches.map(({ at, length }) => [at, length]));
  let [at, whole] = [0, 0];
  for (const { tokens } of tunes) {
    if (lengths.get(at) === tokens.length && tokens.length > 0) whole++;
    at += tokens.length + 1;
  }
  return {
    part: coveredPart(stretches, COPIED, sample.length - tunes.length),
    longest: Math.max(0, ...stretches.map(({ length }) => length)),
    whole,
  };
}
