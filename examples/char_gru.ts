/**
 * The same with a GRU, as a model that is there already.
 *
 *     deno run --allow-read examples/char_gru.ts TEXT
 */
import { adam, data, fit, models } from "@gesso/gesso";
import { argument } from "./argument.ts";
import { progress } from "./progress.ts";

/** Trains on a text; gives the history. */
export async function main(
  { text, epochs = 4, units = 256, length = 64, batchSize = 32 }: {
    text: string;
    epochs?: number;
    units?: number;
    length?: number;
    batchSize?: number;
  },
) {
  const { vocabulary, train: training, validation } = await data.textCorpus({ text }, { length });
  const model = models.charRnn({ tokens: vocabulary.size, length, cell: "gru", units });
  console.log(model.summary());
  return await fit(model, training, {
    epochs,
    batchSize,
    validation,
    optimizer: adam(0.002),
    clipNorm: 1,
    callbacks: [progress],
  });
}

if (import.meta.main) {
  const path = argument("a file of text");
  await main({ text: await Deno.readTextFile(path) });
}
