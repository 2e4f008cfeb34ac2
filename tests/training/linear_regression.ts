/** A problem that is small enough to be solved in plain loops beside Gesso: two linear outputs of three inputs. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { Dataset } from "../../data/dataset.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { type Model, sequential } from "../../models/model.ts";

/** Inputs and outputs of the model. */
export const [INPUTS, OUTPUTS] = [3, 2];

/** Numbers from -1 to 1, the same ones every time. */
export function numbers(size: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Examples whose targets depend on their inputs, with something on top. */
export function linearData(examples: number): Dataset {
  const inputs = numbers(examples * INPUTS, 1);
  const noise = numbers(examples * OUTPUTS, 2);
  const targets = noise.map((n, i) => {
    const [example, output] = [Math.floor(i / OUTPUTS), i % OUTPUTS];
    return inputs[example * INPUTS + output] * 2 - inputs[example * INPUTS + 2] + 0.3 * n + output;
  });
  return new Dataset({
    inputs: ndarray("float32", [examples, INPUTS], inputs),
    targets: ndarray("float32", [examples, OUTPUTS], targets),
    name: "linear",
  });
}

/** A dense layer with a kernel and a bias that is not zero. */
export function linearModel(): Model {
  const model = sequential([dense({ units: OUTPUTS })], { inputShape: [INPUTS], seed: 4 });
  model.setWeight("dense_1/bias", ndarray("float32", [OUTPUTS], [0.5, -0.25]));
  return model;
}

/** Its weights in one row, kernel first, in doubles. */
export function weightsOf(model: Model): number[] {
  return ["kernel", "bias"].flatMap((name) => [...model.weights.get(`dense_1/${name}`)!.data]);
}

/** The first places of {@linkcode weightsOf} are those of a matrix. */
export const isMatrix = (place: number) => place < INPUTS * OUTPUTS;

/** The mean squared error over some examples (for each, the mean over its outputs), and its gradient. */
export function lossAndGradient(
  weights: readonly number[],
  data: { readonly inputs: NdArray; readonly targets: NdArray },
  examples: readonly number[],
): { loss: number; gradient: number[] } {
  const gradient = new Array<number>(weights.length).fill(0);
  let loss = 0;
  const bias = INPUTS * OUTPUTS;
  for (const example of examples) {
    for (let o = 0; o < OUTPUTS; o++) {
      let y = weights[bias + o];
      for (let i = 0; i < INPUTS; i++) {
        y += weights[i * OUTPUTS + o] * data.inputs.data[example * INPUTS + i];
      }
      const error = y - data.targets.data[example * OUTPUTS + o];
      const share = 1 / (OUTPUTS * examples.length);
      loss += error ** 2 * share;
      for (let i = 0; i < INPUTS; i++) {
        gradient[i * OUTPUTS + o] += 2 * error * share * data.inputs.data[example * INPUTS + i];
      }
      gradient[bias + o] += 2 * error * share;
    }
  }
  return { loss, gradient };
}

/** The examples of a step when the order is kept and the last batch may be smaller. */
export function examplesAt(step: number, count: number, batchSize: number): number[] {
  const first = step % Math.ceil(count / batchSize) * batchSize;
  return Array.from({ length: Math.min(batchSize, count - first) }, (_, i) => first + i);
}
