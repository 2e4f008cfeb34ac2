/** What convolution layers have in common: a kernel, a bias for each filter, an activation. */
import { whole } from "../../../engine/option_kinds.ts";
import { optional, required } from "../../../engine/options.ts";
import type { Shape } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { add, concat, slice, zeros } from "../../../ops/mod.ts";
import type { Initializer } from "../../initializers.ts";
import type { Layer, LayerConfig, WeightSpec } from "../../layer.ts";
import { activate, type ActivationName } from "../core/activation.ts";
import { checkAxes } from "../core/check_layer.ts";
import { weightedOptions } from "../core/weighted_options.ts";
import { needsWhole } from "../core/whole_sequences.ts";

/** Options that all convolution layers have. */
export interface ConvolutionLayerOptions {
  /** The number of channels that come out. */
  readonly filters: number;
  /** Blocks of channels that do not see each other; 1 when left out. */
  readonly groups?: number;
  /** What follows; `"linear"` (nothing) when left out. */
  readonly activation?: ActivationName;
  /** Whether a bias is added to each channel; true when left out. */
  readonly useBias?: boolean;
  /** How the weight begins; `"glorotUniform"` when left out. */
  readonly kernelInitializer?: Initializer;
  /** The layer's name in the model. */
  readonly name?: string;
}

/** The same, as they are read. */
export const convolutionOptions = {
  ...weightedOptions,
  filters: required(whole(1)),
  groups: optional(whole(1), 1),
};

/** A convolution layer, once its options are read. */
export interface ConvolutionLayer {
  readonly type: string;
  readonly name?: string;
  readonly config: LayerConfig;
  /** What it takes, as messages say it: `images [height, width, channels]`. */
  readonly takes: string;
  /** The size of the window along each axis. */
  readonly size: Shape;
  readonly filters: number;
  readonly groups: number;
  /** Whether its kernel has what comes out before what goes in. */
  readonly isTransposed?: boolean;
  readonly activation: ActivationName;
  readonly useBias: boolean;
  readonly kernelInitializer: Initializer;
  /** How many places before it each place of a sequence sees, where it sees none behind it and there is a result for each. */
  readonly before?: number;
  /** The op; `isPadded` where those places lie before the sequence already. */
  convolve(x: Tensor, kernel: Tensor, isPadded?: boolean): Tensor;
}

/** Makes the layer. */
export function convolutionLayer(of: ConvolutionLayer): Layer {
  const { type, name, config, filters, groups, useBias, before } = of;
  const kernelShape = (input: Shape): number[] => {
    checkAxes(type, input, of.size.length + 1, of.takes);
    const channels = input[input.length - 1];
    if (channels % groups !== 0 || filters % groups !== 0) {
      throw new RangeError(
        `Cannot make ${type} with ${groups} groups: ${channels} channels and ${filters} filters do not divide evenly`,
      );
    }
    return [...of.size, ...of.isTransposed ? [filters / groups, channels] : [channels / groups, filters]];
  };
  return {
    type,
    name,
    config,
    outputShape: (input) => of.convolve(zeros([1, ...input]), zeros(kernelShape(input))).shape.slice(1),
    weights: (input): readonly WeightSpec[] => [
      { name: "kernel", shape: kernelShape(input), initializer: of.kernelInitializer, trainable: true },
      ...useBias ? [{ name: "bias", shape: [filters], initializer: "zeros", trainable: true } as const] : [],
    ],
    carry: (input, ...others) => {
      if (before === undefined) {
        return needsWhole("its windows reach over the ends of pieces")(input, ...others);
      }
      return before > 0 ? { inputs: { shape: [before, input[1]] } } : {};
    },
    apply: (x, { weights: { kernel, bias }, product, carry, handOn }) => {
      const all = carry && before ? concat([carry.inputs, x], 1) : x;
      if (all !== x) handOn("inputs", slice(all, [0, x.shape[1], 0], carry!.inputs.shape));
      const y = of.convolve(all, kernel, all !== x);
      return activate(product(bias ? add(y, bias) : y), of.activation);
    },
  };
}
