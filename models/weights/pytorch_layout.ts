/**
 * Weights as PyTorch's modules have them in their `state_dict`: outputs before inputs, channels before places.
 * Source: https://pytorch.org/docs/stable/nn.html
 */
import type { Layer, WeightSpec } from "../layer.ts";
import { backwardName } from "../layers/recurrent/recurrent_layer.ts";
import { inBlocks, kept, type Layout, type Part, then, turned, type Way } from "./layout.ts";

type Ways = (weight: WeightSpec, layer: Layer) => readonly Way[];

/** A kernel in another order of axes, and a bias. */
const kernelAndBias = (...axes: number[]): Ways => ({ name, shape }) =>
  name === "kernel" ? [[turned("weight", shape, axes)]] : [[kept("bias", shape)]];

/** Weights that are what they are, under another name. */
const named = (names: Readonly<Record<string, string>>): Ways => ({ name, shape }) => [
  [kept(names[name], shape)],
];

const scaleAndOffset = named({ scale: "weight", offset: "bias" });

/** The order of our gates among those of PyTorch, whose GRU has reset before update. */
const gateOrders: Readonly<Record<string, readonly number[]>> = {
  rnn: [0],
  gru: [1, 0, 2],
  lstm: [0, 1, 2, 3],
};

/** Names as in layers of several (`weight_ih_l0`), and as in cells, or where a map has the number (`gru.*_l1`). */
function recurrent({ name, shape }: WeightSpec, layer: Layer): readonly Way[] {
  const order = gateOrders[layer.type];
  const isGru = layer.type === "gru";
  if (isGru && layer.config.resetAfter === false) {
    throw new RangeError(
      `Cannot import weights of PyTorch into a gru whose reset gate is before the product: PyTorch's is behind it`,
    );
  }
  const forwardNames = ["kernel", "recurrentKernel", "bias", "recurrentBias"];
  const own = forwardNames.find((forward) => name === forward || name === backwardName(forward))!;
  const ending = own === name && layer.config.direction !== "backward" ? "" : "_reverse";
  const wide = own === "recurrentBias" ? [3 * shape[0]] : shape;
  const ordered = (part: Part, blocks: readonly (number | undefined)[] = order): Part => ({
    ...then(part, (data) => inBlocks(data, wide[wide.length - 1], order.length, blocks)),
    ending,
  });
  return ["_l0", ""].map((layerNumber): Way => {
    const tensor = (of: string) => `${of}${layerNumber}`;
    if (own === "kernel") return [ordered(turned(tensor("weight_ih"), shape, [1, 0]))];
    if (own === "recurrentKernel") return [ordered(turned(tensor("weight_hh"), shape, [1, 0]))];
    const ofState = kept(tensor("bias_hh"), wide);
    if (own === "recurrentBias") return [ordered(ofState, [2])];
    // What is added to the candidate of a GRU behind its reset gate is a weight of its own.
    return [ordered(kept(tensor("bias_ih"), wide)), ordered(ofState, isGru ? [1, 0, undefined] : order)];
  });
}

/** Queries, keys and values in one tensor, or in one each. */
function attention({ name, shape }: WeightSpec): readonly Way[] {
  const isKernel = name.endsWith("Kernel");
  const of = name.slice(0, name.length - (isKernel ? "Kernel" : "Bias").length);
  const end = isKernel ? "weight" : "bias";
  const one = (tensor: string) => isKernel ? turned(tensor, shape, [1, 0]) : kept(tensor, shape);
  if (of === "output") return [[one(`out_proj.${end}`)]];
  const block = ["query", "key", "value"].indexOf(of);
  const wide = 3 * shape[shape.length - 1];
  const all = isKernel ? turned(`in_proj_${end}`, [shape[0], wide], [1, 0]) : kept(`in_proj_${end}`, [wide]);
  return [
    [then(all, (data) => inBlocks(data, wide, 3, [block]))],
    [one(`${of[0]}_proj_${end}`)],
    [one(`${of[0]}_proj.${end}`)],
  ];
}

const ofTypes: Readonly<Record<string, Ways>> = {
  batchNormalization: named({
    scale: "weight",
    offset: "bias",
    mean: "running_mean",
    variance: "running_var",
  }),
  conv1d: kernelAndBias(2, 1, 0),
  conv2d: kernelAndBias(2, 3, 1, 0),
  conv2dTranspose: kernelAndBias(2, 3, 1, 0),
  conv3d: kernelAndBias(2, 3, 4, 1, 0),
  dense: kernelAndBias(1, 0),
  embedding: named({ embeddings: "weight" }),
  groupNormalization: scaleAndOffset,
  gru: recurrent,
  instanceNormalization: scaleAndOffset,
  layerNormalization: scaleAndOffset,
  lstm: recurrent,
  multiHeadAttention: attention,
  positionEmbedding: named({ embeddings: "weight" }),
  rmsNormalization: scaleAndOffset,
  rnn: recurrent,
};

/** The layout of PyTorch; layers of one's own have weights of the same names and shapes. */
export const pytorchLayout: Layout = {
  separator: ".",
  ways: (layer, weight) =>
    Object.hasOwn(ofTypes, layer.type)
      ? ofTypes[layer.type](weight, layer)
      : [[kept(weight.name, weight.shape)]],
  ignored: /(^|\.)num_batches_tracked$/,
};
