/**
 * A small causal transformer that learns to go on with a text: 4 layers, 4 heads, 128 wide.
 *
 *     deno run --allow-read examples/transformer.ts TEXT
 */
import {
  adamW,
  data,
  fit,
  graph,
  input,
  layers,
  merge,
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

/** What is added to each token: what it finds in those before it, then what it makes of itself. */
function block(x: models.SymbolicTensor, width: number): models.SymbolicTensor {
  const attention = x.to(
    layers.layerNormalization(),
    layers.multiHeadAttention({ heads: 4, causal: true, rotary: true }),
  );
  const seen = merge(layers.addLayers(), [x, attention]);
  const thought = seen.to(
    layers.layerNormalization(),
    layers.dense({ units: 4 * width, activation: "gelu" }),
    layers.dense({ units: width }),
  );
  return merge(layers.addLayers(), [seen, thought]);
}

/** The network: tokens `[length]` to scores for the next one `[length, letters]`. */
export function charTransformer(letters: number, length: number, { width = 128, depth = 4 } = {}): Model {
  const tokens = input([length], { name: "tokens", dtype: "int32" });
  let x = tokens.to(layers.embedding({ tokens: letters, units: width }));
  for (let i = 0; i < depth; i++) x = block(x, width);
  const logits = x.to(layers.layerNormalization(), layers.dense({ units: letters }));
  return graph({ inputs: tokens, outputs: logits, name: "char-transformer" });
}

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
  const model = charTransformer(vocabulary.size, length, { width, depth });
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
