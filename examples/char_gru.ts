/**
 * A recurrent network that writes, letter by letter: what char_rnn.ts makes of tensors, with a GRU, as a model that is there
 * already.
 *
 *     deno run --allow-read examples/char_gru.ts TEXT
 */
import { adam, data, fit, models, training } from "@gesso/gesso";
import { argument } from "./argument.ts";
import { progress } from "./progress.ts";

/** Trains on a text; gives the history and a text that it writes by itself. */
export async function main(
  { text, epochs = 4, units = 256, length = 64, batchSize = 32, written = 400 }: {
    text: string;
    epochs?: number;
    units?: number;
    length?: number;
    batchSize?: number;
    written?: number;
  },
) {
  const { vocabulary, train, validation } = await data.textCorpus({ text }, { length });
  const model = models.charRnn({ tokens: vocabulary.size, length, cell: "gru", units });
  console.log(model.summary());
  const history = await fit(model, train, {
    epochs,
    batchSize,
    validation,
    optimizer: adam(0.002),
    clipNorm: 1,
    callbacks: [progress],
  });

  const beginning = [...text].slice(0, 8).join("");
  let sample = beginning;
  const decoder = vocabulary.decoder();
  for await (
    const [tokens] of training.writeTokens(model, [vocabulary.encode(beginning)], {
      length: written,
      temperature: 0.8,
    })
  ) {
    for (const token of tokens) sample += decoder.next(token);
  }
  console.log(sample);
  return { history, sample };
}

if (import.meta.main) {
  const path = argument("a file of text");
  await main({ text: await Deno.readTextFile(path) });
}
