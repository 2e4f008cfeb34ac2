/** Weights as Keras has them: shapes are those here but for attention and a bias of the GRU; names are others. */
import type { Layer, WeightSpec } from "../layer.ts";
import { backwardName } from "../layers/recurrent/recurrent_layer.ts";
import { inBlocks, kept, type Layout, type Part, then, type Way } from "./layout.ts";

const names: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  batchNormalization: {
    scale: "gamma",
    offset: "beta",
    mean: "moving_mean",
    variance: "moving_variance",
  },
  groupNormalization: { scale: "gamma", offset: "beta" },
  instanceNormalization: { scale: "gamma", offset: "beta" },
  layerNormalization: { scale: "gamma", offset: "beta" },
  rmsNormalization: { scale: "scale" },
};

/** Weights of a recurrent layer may be said to be its cell's; those of one in both ways are of two layers. */
function recurrent({ name, shape }: WeightSpec, layer: Layer): readonly Way[] {
  const forwardNames: Readonly<Record<string, string>> = {
    kernel: "kernel",
    recurrentKernel: "recurrent_kernel",
    bias: "bias",
    recurrentBias: "bias",
  };
  const own = Object.keys(forwardNames).find((forward) =>
    name === forward || name === backwardName(forward)
  )!;
  const kind = layer.type === "rnn" ? "simple_rnn" : layer.type;
  const side = layer.config.direction !== "both" ? "" : own === name ? "forward_" : "backward_";
  const before = side && `${side}${kind}/`;
  return ["", `${kind}_cell/`, "cell/"].map((cell) => {
    const tensor = `${before}${cell}${forwardNames[own]}`;
    const hasTwo = layer.type === "gru" && layer.config.resetAfter !== false;
    if (!hasTwo || !forwardNames[own].startsWith("bias")) return [kept(tensor, shape)];
    // One row for the input, one for the state, each update, reset, candidate.
    const wide = own === "bias" ? shape[0] : 3 * shape[0];
    const rows: Part = kept(tensor, [2, wide]);
    const ofState = (order: readonly (number | undefined)[]) => (data: Float32Array) =>
      inBlocks(data.subarray(wide), wide, 3, order);
    return own === "recurrentBias"
      ? [then(rows, ofState([2]))]
      : [then(rows, (data) => data.slice(0, wide)), then(rows, ofState([0, 1, undefined]))];
  });
}

/** Kernels have axes for heads and for their width. */
function attention({ name, shape }: WeightSpec, layer: Layer): readonly Way[] {
  const isKernel = name.endsWith("Kernel");
  const of = name.slice(0, name.length - (isKernel ? "Kernel" : "Bias").length);
  const { heads, keyHeads = heads } = layer.config as { heads: number; keyHeads?: number };
  const groups = of === "key" || of === "value" ? keyHeads : heads;
  const split = (size: number) => [groups, size / groups];
  const inFile = of !== "output"
    ? [...shape.slice(0, -1), ...split(shape[shape.length - 1])]
    : isKernel
    ? [...split(shape[0]), shape[1]]
    : shape;
  const end = isKernel ? "kernel" : "bias";
  const modules = of === "output" ? ["attention_output", "output"] : [of, `${of}_dense`];
  return modules.map((module) => [kept(`${module}/${end}`, inFile)]);
}

/** The layout of Keras. */
export const kerasLayout: Layout = {
  separator: "/",
  ways: (layer, weight) => {
    if (["rnn", "gru", "lstm"].includes(layer.type)) return recurrent(weight, layer);
    if (layer.type === "multiHeadAttention") return attention(weight, layer);
    return [[kept(names[layer.type]?.[weight.name] ?? weight.name, weight.shape)]];
  },
};
