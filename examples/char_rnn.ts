/**
 * A recurrent network that writes, letter by letter, with nothing but tensors and scan:
 *
 *     h_t = tanh(W [h_(t-1), x_t] + b)        y_t = W_out [h_t, x_t] + b_out
 *
 *     deno run --allow-read examples/char_rnn.ts TEXT
 */
import {
  adam,
  data,
  models,
  type NdArray,
  ndarray,
  ops,
  parameters,
  program,
  scan,
  type Tensor,
  train,
  trainStep,
} from "@gesso/gesso";
import { argument } from "./argument.ts";
import { progress } from "./progress.ts";

type Weights = Readonly<Record<string, Tensor>>;

/** The next state. A letter is a vector with a single one in it, so its product with a matrix is a row of that. */
const nextState = (h: Tensor, fromLetter: Tensor, w: Weights) =>
  ops.tanh(ops.add(ops.add(ops.matmul(h, w.stateToState), fromLetter), w.bias));

const logitsOf = (h: Tensor, letters: Tensor, w: Weights) =>
  ops.add(ops.add(ops.matmul(h, w.stateToOut), ops.gather(w.letterToOut, letters)), w.outBias);

/** For each letter of `[batch, length]` what comes next, `[batch, length, letters]`. */
function predictNext(letters: Tensor, w: Weights): Tensor {
  const inTime = ops.transpose(letters, [1, 0]);
  const h = ops.zeros([letters.shape[0], w.bias.shape[0]]);
  const { ys } = scan(({ h }, { x }) => {
    const next = nextState(h, x, w);
    return { carry: { h: next }, ys: { h: next } };
  }, { carry: { h }, xs: { x: ops.gather(w.letterToState, inTime) } });
  return ops.transpose(logitsOf(ys.h, inTime, w), [1, 0, 2]);
}

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
  const { vocabulary, train: training, validation } = await data.textCorpus({ text }, { length });
  const letters = vocabulary.size;
  let stream = 0;
  const matrix = (rows: number, columns: number) =>
    ndarray("float32", [rows, columns], models.initialValues("glorotUniform", [rows, columns], 0, stream++));
  const vector = (size: number) => ndarray("float32", [size], new Float32Array(size));
  const net = parameters({
    stateToState: matrix(units, units),
    letterToState: matrix(letters, units),
    bias: vector(units),
    stateToOut: matrix(units, letters),
    letterToOut: matrix(letters, letters),
    outBias: vector(letters),
  }, { name: "net", optimizer: adam(0.002), clipNorm: 1 });

  const lossOf = (batch: Readonly<Record<string, Tensor>>) =>
    ops.softmaxCrossEntropy(predictNext(batch.tokens, net.values), batch.next);
  const step = trainStep(({ batch }) => {
    const loss = lossOf(batch);
    return { minimize: [[loss, net]], metrics: { loss } };
  }, { evaluate: ({ batch }) => ({ loss: lossOf(batch) }) });
  const history = await train(step, training, {
    epochs,
    batchSize,
    validation,
    callbacks: [progress],
  });

  const sample = await write(Object.fromEntries(net.weights), vocabulary, written);
  console.log(sample);
  return { history, sample };
}

/** Writes some letters, all on the device: each is drawn from what the network expects, and goes in as the next one. */
async function write(weights: Record<string, NdArray>, vocabulary: data.Vocabulary, count: number) {
  const writer = await program((w: Weights) => {
    const first = { h: ops.zeros([1, w.bias.shape[0]]), letter: ops.zeros([1], "int32") };
    const { ys } = scan(({ h, letter }, _, position) => {
      const next = nextState(h, ops.gather(w.letterToState, letter), w);
      const drawn = models.sampleLogits(logitsOf(next, letter, w), { seed: 1, counter: position });
      return { carry: { h: next, letter: drawn }, ys: { letter: drawn } };
    }, { carry: first, length: count });
    return { outputs: { letters: ys.letter } };
  }, { state: weights });
  const { letters } = await writer.call();
  writer.close();
  return vocabulary.decode(letters.data);
}

if (import.meta.main) {
  const path = argument("a file of text");
  await main({ text: await Deno.readTextFile(path) });
}
