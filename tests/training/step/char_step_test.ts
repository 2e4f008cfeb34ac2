/** A recurrent network that learns to continue a text, as a person would write it: h = tanh(W [h, x] + b). */
import { assert, assertEquals } from "@std/assert";
import {
  adam,
  Dataset,
  ndarray,
  parameters,
  scan,
  type Tensor,
  tokens,
  train,
  trainStep,
  windows,
} from "../../../mod.ts";
import { add, at, gather, matmul, softmaxCrossEntropy, tanh, transpose, zeros } from "../../../ops/mod.ts";
import { initialValues } from "../../../models/mod.ts";
import { everyDevice } from "../../devices.ts";

const text = "the cat sat on the mat. ".repeat(12);
const letters = [...new Set(text)].sort();
const [UNITS, LENGTH] = [24, 16];

const stream = tokens(ndarray("uint8", [text.length], [...text].map((letter) => letters.indexOf(letter))));
const data = new Dataset({
  fields: {
    text: windows(stream, { length: LENGTH, stride: 4 }),
    next: windows(stream, { length: LENGTH, stride: 4, shift: 1 }),
  },
  targets: "next",
});

const glorot = (shape: number[], stream: number) =>
  ndarray("float32", shape, initialValues("glorotUniform", shape, 5, stream));

for (const { name, device } of everyDevice) {
  Deno.test(`a recurrent network learns a text by heart on ${name}`, async () => {
    const net = parameters({
      letter: glorot([letters.length, UNITS], 0),
      hidden: glorot([UNITS, UNITS], 1),
      bias: ndarray("float32", [UNITS], new Float32Array(UNITS)),
      output: glorot([UNITS, letters.length], 2),
    }, { name: "rnn", optimizer: adam(0.01), clipNorm: 5 });

    /** The scores of the next letter, `[batch, length, letters]`. */
    const read = (text: Tensor) => {
      const { letter, hidden, bias, output } = net.values;
      const [batch] = text.shape;
      const { ys } = scan(({ h }, { x }) => {
        const next = tanh(add(add(gather(letter, x), matmul(h, hidden)), bias));
        return { carry: { h: next }, ys: { h: next } };
      }, { carry: { h: zeros([batch, UNITS]) }, xs: { x: transpose(text, [1, 0]) } });
      return matmul(transpose(ys.h, [1, 0, 2]), output);
    };
    const step = trainStep(({ batch }) => {
      const loss = softmaxCrossEntropy(read(batch.text), batch.next);
      return { minimize: [[loss, net]], metrics: { loss } };
    }, {
      evaluate: ({ batch }) => {
        // What follows the last letter of a window is known for sure, as it has seen so much.
        const last = at(softmaxCrossEntropy(read(batch.text), batch.next), LENGTH - 1, 1);
        return { lastLetterLoss: last };
      },
    });

    const epochs = device.kind === "cpu" ? 25 : 4;
    const options = { epochs, batchSize: 16, validation: data, device };
    const history = await train(step, data, options);
    const [first, last] = [history[0], history.at(-1)!];
    assert(last.loss < 0.8 * first.loss, `${first.loss} to ${last.loss}`);
    if (device.kind !== "cpu") return;
    assert(last.validationLastLetterLoss < 0.2, `${last.validationLastLetterLoss}`);
    assertEquals(net.weights.get("letter")!.shape, [letters.length, UNITS]);
  });
}
