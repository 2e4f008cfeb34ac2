/**
 * A small causal transformer that learns to go on with a text: 4 layers, 4 heads, 128 wide.
 *
 *     deno run --allow-read examples/transformer.ts TEXT
 */
import {
  adamW,
  data,
  fit,
  type Model,
  models,
  ops,
  program,
  scan,
  type Tensor,
  training,
} from "@gesso/gesso";
import { argument } from "./argument.ts";
import { progress } from "./progress.ts";

/** Trains on a text; gives the history and a text that it writes by itself. */
export async function main(
  { text, epochs = 3, length = 128, width = 128, depth = 4, batchSize = 16, written = 400 }: {
    text: string;
    epochs?: number;
    length?: number;
    width?: number;
    depth?: number;
    batchSize?: number;
    written?: number;
  },
) {
  const { vocabulary, train, validation } = await data.textCorpus({ text }, { length });
  const model = models.charTransformer({ tokens: vocabulary.size, length, width, depth });
  console.log(model.summary());
  const history = await fit(model, train, {
    epochs,
    batchSize,
    validation,
    optimizer: adamW(training.warmUp(training.cosineDecay(0.002), 100), { weightDecay: 0.1 }),
    clipNorm: 1,
    callbacks: [progress],
  });

  const sample = await write(model, vocabulary, length, written);
  console.log(sample);
  return { history, sample };
}

/** Writes some letters, all on the device: each is drawn from what is expected behind a window that moves on with it. */
async function write(model: Model, vocabulary: data.Vocabulary, length: number, count: number) {
  const letters = vocabulary.size;
  const writer = await program((weights: Record<string, Tensor>) => {
    const { ys } = scan(({ window }, _, position) => {
      const { output } = model.apply(window, weights);
      const last = ops.reshape(ops.slice(output, [0, length - 1, 0], [1, 1, letters]), [1, letters]);
      const drawn = models.sampleLogits(last, { seed: 1, counter: position });
      const others = ops.slice(window, [0, 1], [1, length - 1]);
      return {
        carry: { window: ops.concat([others, ops.reshape(drawn, [1, 1])], 1) },
        ys: { letter: drawn },
      };
    }, { carry: { window: ops.zeros([1, length], "int32") }, length: count });
    return { outputs: { letters: ys.letter } };
  }, { state: Object.fromEntries(model.weights) });
  const drawn = await writer.call();
  writer.close();
  return vocabulary.decode(drawn.letters.data);
}

if (import.meta.main) {
  const path = argument("a file of text");
  await main({ text: await Deno.readTextFile(path) });
}
