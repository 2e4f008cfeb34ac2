/**
 * The same with a GRU, as a model of layers: a letter's vector, a recurrent layer, a score for each letter.
 *
 *     deno run --allow-read examples/char_gru.ts TEXT
 */
import { adam, data, fit, graph, input, layers } from "@gesso/gesso";
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
  const tokens = input([length], { name: "tokens", dtype: "int32" });
  const logits = tokens.to(
    layers.embedding({ tokens: vocabulary.size, units: 64 }),
    layers.gru({ units, returnSequences: true }),
    layers.dense({ units: vocabulary.size }),
  );
  const model = graph({ inputs: tokens, outputs: logits, name: "char-gru" });
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
