/** TensorFlow.js as a second oracle: results and gradients on the cpu device agree with its own. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
// Registers the gradients, which the core leaves out.
// deno-lint-ignore no-import-prefix
import "npm:@tensorflow/tfjs-layers@4.22.0";
import type { Tensor } from "../../engine/tensor.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import * as g from "../../ops/mod.ts";
import { assertClose, type CaseInput, drawInputs, random } from "../check_op.ts";
import { cpu } from "../devices.ts";
import { floats, floatsIn, integersIn } from "./inputs.ts";

interface Comparison {
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  readonly ours: (...inputs: Tensor[]) => Tensor;
  readonly theirs: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** TensorFlow.js has no gradient for some. */
  readonly forwardOnly?: boolean;
}

tf.enableProdMode();
await tf.setBackend("cpu");

async function compare({ name, inputs, ours, theirs, forwardOnly }: Comparison): Promise<void> {
  const arrays = drawInputs(inputs, 5);
  const given = arrays.map(({ data, shape, dtype }) =>
    tf.tensor(data, [...shape], dtype === "float32" ? dtype : "int32")
  );
  const y = theirs(...given);
  const next = random(9);
  const weights = Float32Array.from({ length: y.size }, () => 0.5 + next());
  const leaves = arrays.map((array) => g.tensor(array));
  const result = ours(...leaves);
  const weighed = g.sum(g.mul(result, g.tensor(weights, result.shape)));
  const floats = leaves.filter((leaf) => leaf.dtype === "float32");
  const gradients = forwardOnly ? [] : g.grad(weighed, floats);
  const expected = [y];
  if (!forwardOnly) {
    const isFloat = given.map((x) => x.dtype === "float32");
    const loss = (...xs: tf.Tensor[]) => {
      const all = given.map((x, i) => isFloat[i] ? xs.shift()! : x);
      return tf.sum(tf.mul(theirs(...all), tf.tensor(weights, y.shape))) as tf.Scalar;
    };
    expected.push(...tf.grads(loss)(given.filter((_, i) => isFloat[i])));
  }
  const outputs = Object.fromEntries([result, ...gradients].map((t, i) => [`y${i}`, t]));
  const program = await compileProgram(() => ({ outputs }), { device: cpu.device });
  const values = await program.call();
  for (const [i, theirValue] of expected.entries()) {
    const what = i === 0 ? `${name}: result` : `${name}: gradient ${i - 1}`;
    assertClose(values[`y${i}`].data, await theirValue.data(), 1e-4, what);
  }
  program.close();
}

type Image = tf.Tensor4D;

function convolutions(): Comparison[] {
  const layouts: [number[], number[], [number, number], "valid" | "same", [number, number]][] = [
    [[2, 7, 6, 3], [3, 3, 3, 8], [1, 1], "valid", [1, 1]],
    [[2, 7, 6, 3], [3, 3, 3, 5], [1, 1], "same", [1, 1]],
    [[2, 9, 7, 2], [3, 2, 2, 4], [2, 2], "same", [1, 1]],
    [[2, 9, 7, 2], [2, 3, 2, 4], [2, 3], "valid", [1, 1]],
    [[1, 8, 7, 2], [2, 2, 2, 3], [3, 3], "valid", [1, 1]],
    [[2, 5, 5, 3], [4, 4, 3, 9], [1, 1], "same", [1, 1]],
    [[2, 9, 8, 2], [3, 3, 2, 3], [1, 1], "valid", [2, 3]],
    [[2, 9, 8, 2], [3, 3, 2, 3], [1, 1], "same", [2, 2]],
  ];
  return layouts.map(([image, weight, strides, padding, dilations]) => ({
    name:
      `conv2d() of [${image}] and [${weight}] with strides ${strides}, ${padding}, dilations ${dilations}`,
    inputs: [floats(...image), floats(...weight)],
    ours: (x, w) => g.conv2d(x, w, { strides, padding, dilations }),
    theirs: (x, w) => tf.conv2d(x as Image, w as Image, strides, padding, "NHWC", dilations),
    forwardOnly: dilations.some((d) => d > 1),
  }));
}

function depthwise(): Comparison[] {
  return (["valid", "same"] as const).map((padding) => ({
    name: `conv2d() with a group for each channel, ${padding}`,
    inputs: [floats(2, 7, 6, 5), floats(3, 3, 5, 1)],
    ours: (x, w) => g.conv2d(x, g.transpose(w, [0, 1, 3, 2]), { groups: 5, padding }),
    theirs: (x, w) => tf.depthwiseConv2d(x as Image, w as Image, 1, padding),
  }));
}

function pools(): Comparison[] {
  const layouts: [number[], [number, number], [number, number], "valid" | "same"][] = [
    [[2, 6, 8, 3], [2, 2], [2, 2], "valid"],
    [[2, 7, 5, 3], [2, 2], [2, 2], "same"],
    [[2, 7, 9, 2], [3, 3], [2, 2], "same"],
    [[2, 7, 6, 2], [3, 2], [1, 1], "valid"],
    [[2, 7, 6, 2], [2, 2], [3, 3], "valid"],
  ];
  return layouts.flatMap(([image, poolSize, strides, padding]): Comparison[] => [
    {
      name: `maxPool2d() of [${image}] by ${poolSize} with strides ${strides}, ${padding}`,
      inputs: [floats(...image)],
      ours: (x) => g.maxPool2d(x, { poolSize, strides, padding }),
      theirs: (x) => tf.maxPool(x as Image, poolSize, strides, padding),
    },
    {
      name: `averagePool2d() of [${image}] by ${poolSize} with strides ${strides}, ${padding}`,
      inputs: [floats(...image)],
      ours: (x) => g.averagePool2d(x, { poolSize, strides, padding }),
      theirs: (x) => tf.avgPool(x as Image, poolSize, strides, padding),
      // It spreads the gradient at the edges over what was added too.
      forwardOnly: padding === "same",
    },
  ]);
}

const crossEntropy: Comparison = {
  name: "cross-entropy of logSoftmax() and oneHot()",
  inputs: [floatsIn(-5, 5, 7, 10), integersIn("int32", 0, 10, 7)],
  ours: (logits, labels) => g.neg(g.mean(g.sum(g.mul(g.oneHot(labels, 10), g.logSoftmax(logits)), 1))),
  theirs: (logits, labels) =>
    tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(labels as tf.Tensor1D, 10), tf.logSoftmax(logits)), 1))),
};

const others: Comparison[] = [
  crossEntropy,
  {
    name: "softmax()",
    inputs: [floatsIn(-5, 5, 3, 33)],
    ours: (x) => g.softmax(x),
    theirs: (x) => tf.softmax(x),
  },
  {
    name: "matmul()",
    inputs: [floats(5, 31), floats(31, 7)],
    ours: (a, b) => g.matmul(a, b),
    theirs: (a, b) => tf.matMul(a, b),
  },
  {
    name: "matmul() of batches with both sides transposed",
    inputs: [floats(3, 7, 5), floats(3, 9, 7)],
    ours: (a, b) => g.matmul(a, b, { transposeA: true, transposeB: true }),
    theirs: (a, b) => tf.matMul(a, b, true, true),
  },
  ...(["relu", "elu", "tanh", "sigmoid", "softplus", "erf", "exp", "sin", "cos", "square", "abs"] as const)
    .map((
      name,
    ): Comparison => ({
      name: `${name}()`,
      inputs: [floats(5, 7)],
      ours: (x) => g[name](x),
      theirs: (x) => tf[name](x),
    })),
  ...(["log", "sqrt", "rsqrt", "log1p", "expm1"] as const).map((name): Comparison => ({
    name: `${name}()`,
    inputs: [floatsIn(0.2, 4, 33)],
    ours: (x) => g[name](x),
    theirs: (x) => tf[name](x),
  })),
  {
    name: "leakyRelu()",
    inputs: [floats(5, 7)],
    ours: (x) => g.leakyRelu(x, 0.3),
    theirs: (x) => tf.leakyRelu(x, 0.3),
  },
  {
    name: "pow() of [5, 1] and [3]",
    inputs: [floatsIn(0.2, 2, 5, 1), floats(3)],
    ours: (a, b) => g.pow(a, b),
    theirs: (a, b) => tf.pow(a, b),
  },
  {
    name: "div() of [2, 1, 5] and [3, 1]",
    inputs: [floats(2, 1, 5), floatsIn(0.5, 2, 3, 1)],
    ours: (a, b) => g.div(a, b),
    theirs: (a, b) => tf.div(a, b),
  },
  {
    name: "maximum()",
    inputs: [floats(3, 5), floats(3, 5)],
    ours: (a, b) => g.maximum(a, b),
    theirs: (a, b) => tf.maximum(a, b),
  },
  {
    name: "pad() by mirroring",
    inputs: [floats(3, 5)],
    ours: (x) => g.pad(x, [[2, 1], [0, 4]], "reflect"),
    theirs: (x) => tf.mirrorPad(x, [[2, 1], [0, 4]], "reflect"),
    forwardOnly: true,
  },
  {
    name: "gather() along axis 1",
    inputs: [floats(3, 5), integersIn("int32", 0, 5, 7)],
    ours: (x, i) => g.gather(x, i, 1),
    theirs: (x, i) => tf.gather(x, i as tf.Tensor1D, 1),
  },
  {
    name: "logSumExp() over the middle axis",
    inputs: [floatsIn(-9, 9, 3, 7, 5)],
    ours: (x) => g.logSumExp(x, 1),
    theirs: (x) => tf.logSumExp(x, 1),
  },
  {
    name: "mean() and max() of a transposed batch",
    inputs: [floats(3, 5, 7)],
    ours: (x) => g.mul(g.mean(g.transpose(x, [2, 0, 1]), 0), g.max(x, 2)),
    theirs: (x) => tf.mul(tf.mean(tf.transpose(x, [2, 0, 1]), 0), tf.max(x, 2)),
  },
];

for (const test of [...convolutions(), ...depthwise(), ...pools(), ...others]) {
  const what = test.forwardOnly ? "result" : "result and gradients";
  Deno.test(`${test.name} has the ${what} of TensorFlow.js`, () => compare(test));
}
