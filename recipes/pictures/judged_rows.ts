/** What a judge found in made pictures, as rows of a table. */
import { percent } from "../number_text.ts";
import type { Judgement } from "./picture_judge.ts";

/** Rows of two columns. */
export function judgedRows(judged: Judgement): string[][] {
  const shares = judged.shares.map(percent);
  return [
    ["", ""],
    ["made images, by a classifier of its own", ""],
    ["it is sure of", percent(judged.sure)],
    ["entropy of classes", `${judged.entropy.toFixed(3)} of ${Math.log(shares.length).toFixed(3)} nats`],
    [
      "rarest and commonest class",
      `${percent(Math.min(...judged.shares))} and ${percent(Math.max(...judged.shares))}`,
    ],
    [
      "Frechet distance of its features",
      `${judged.frechet.toFixed(1)}, ${judged.frechetOfReal.toFixed(1)} of real ones`,
    ],
    ["precision and recall", `${percent(judged.precision)} and ${percent(judged.recall)}`],
  ];
}
