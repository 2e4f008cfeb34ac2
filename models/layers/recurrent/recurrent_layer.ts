/**
 * What recurrent layers have in common: a cell that is applied to one place of a sequence after another, forwards, backwards
 * or both. A cell's products with what comes in do not depend on its state, so they are one product for all places.
 */
import { flag, oneOf, text, whole } from "../../../engine/option_kinds.ts";
import { optional, required, type Values } from "../../../engine/options.ts";
import type { Shape } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import {
  concat,
  iota,
  less,
  reshape,
  scan,
  slice,
  type Tensors,
  transpose,
  where,
  zeros,
} from "../../../ops/mod.ts";
import { type Initializer, initializerKind } from "../../initializers.ts";
import type { Layer, LayerConfig, WeightSpec } from "../../layer.ts";
import { activationKind, type ActivationName } from "../core/activation.ts";
import { checkAxes, checkSequence } from "../core/check_layer.ts";

/** Options that all recurrent layers have. */
export interface RecurrentLayerOptions {
  /** The size of the state, and of the result. */
  readonly units: number;
  /** Whether all states come out, `[length, units]`, and not the last one only; false when left out. */
  readonly returnSequences?: boolean;
  /**
   * Whether sequences are read from their beginning, from their end, or in both ways by two sets of weights, whose results
   * are joined; `"forward"` when left out. Results lie at the places that they are of in any case.
   */
  readonly direction?: "forward" | "backward" | "both";
  /**
   * Whether there is a second input, int32 `[]`: how many places of each sequence count. Places behind them change no state
   * and give zeros. False when left out.
   */
  readonly lengths?: boolean;
  /** What the new state goes through; `"tanh"` when left out. */
  readonly activation?: ActivationName;
  /** Whether there is a bias; true when left out. */
  readonly useBias?: boolean;
  /** How the weight of the input begins, gate by gate; `"glorotUniform"` when left out. */
  readonly kernelInitializer?: Initializer;
  /** How the weight of the state begins, gate by gate; `"orthogonal"` when left out. */
  readonly recurrentInitializer?: Initializer;
  /** The layer's name in the model. */
  readonly name?: string;
}

/** The same, as they are read. */
export const recurrentOptions = {
  units: required(whole(1)),
  returnSequences: optional(flag, false),
  direction: optional(oneOf(["forward", "backward", "both"]), "forward"),
  lengths: optional(flag, false),
  activation: optional(activationKind, "tanh"),
  useBias: optional(flag, true),
  kernelInitializer: optional(initializerKind, "glorotUniform"),
  recurrentInitializer: optional(initializerKind, "orthogonal"),
  name: optional(text),
};

/** Those that cells need. */
export type RecurrentOptions = Values<typeof recurrentOptions>;

/** What a recurrent layer does at one place of a sequence: for steps of one's own, such as sampling. */
export interface RecurrentCell {
  /** The names of what it hands on, each `[batch, units]`; `h` is the result. */
  readonly states: readonly string[];
  /**
   * The states behind a place.
   *
   * @param x What is at the place, `[batch, channels]`.
   * @param state The states before it.
   * @param weights The layer's weights by name.
   */
  step(x: Tensor, state: Tensors, weights: Tensors): Tensors;
}

/** A layer that applies a cell to one place of a sequence after another. */
export interface RecurrentLayer extends Layer {
  /** The cell. Its weights are those of the layer that goes forwards. */
  readonly cell: RecurrentCell;
}

/** A kernel for what comes in, one for the state, and a bias, for so many gates. */
export function gateWeights(
  channels: number,
  { units, useBias, kernelInitializer, recurrentInitializer }: RecurrentOptions,
  gateBiases: readonly Initializer[],
): WeightSpec[] {
  const wide = gateBiases.length * units;
  const each = (initializer: Initializer) => ({ blocks: gateBiases.map(() => initializer) });
  return [
    { name: "kernel", shape: [channels, wide], initializer: each(kernelInitializer), trainable: true },
    {
      name: "recurrentKernel",
      shape: [units, wide],
      initializer: each(recurrentInitializer),
      trainable: true,
    },
    ...useBias ? [{ name: "bias", shape: [wide], initializer: { blocks: gateBiases }, trainable: true }] : [],
  ];
}

/** Columns of one gate (or of `count` of them) among those of all: `[rows, units]`. */
export const gateOf = (x: Tensor, gate: number, units: number, count = 1): Tensor =>
  slice(x, [0, gate * units], [x.shape[0], count * units]);

/** The name of a weight of the cell that goes backwards, where there are two: `kernel`, `backwardKernel`. */
export const backwardName = (name: string): string => `backward${name[0].toUpperCase()}${name.slice(1)}`;

/** Swaps the batch and the places of sequences. */
const swapped = (x: Tensor): Tensor => transpose(x, [1, 0, 2]);

/** All states, `[batch, length, units]`, or the last one. */
function applied(
  cell: RecurrentCell,
  x: Tensor,
  weights: Tensors,
  { units, returnSequences }: RecurrentOptions,
  reverse: boolean,
  lengths?: Tensor,
): Tensor {
  const shape = [x.shape[0], units];
  // Known for all places before the first one.
  const places = lengths &&
    less(reshape(iota(x.shape[1]), [x.shape[1], 1, 1]), reshape(lengths, [shape[0], 1]));
  const { carry, ys } = scan((state: Tensors, { x, counts }: Tensors) => {
    const made = cell.step(x, state, weights);
    const next = Object.fromEntries(
      cell.states.map((name) => [name, counts ? where(counts, made[name], state[name]) : made[name]]),
    );
    const kept: Tensors = returnSequences ? { h: counts ? where(counts, made.h, 0) : made.h } : {};
    return { carry: next, ys: kept };
  }, {
    carry: Object.fromEntries(cell.states.map((name) => [name, zeros(shape)])),
    xs: { x: swapped(x), ...places ? { counts: places } : {} },
    reverse,
  });
  return returnSequences ? swapped(ys.h) : carry.h;
}

/** Makes the layer of a cell; `weights` are its own, for so many channels. */
export function recurrentLayer(
  type: string,
  options: RecurrentOptions,
  config: LayerConfig,
  cell: RecurrentCell,
  cellWeights: (channels: number) => readonly WeightSpec[],
): RecurrentLayer {
  const { units, returnSequences, direction, lengths } = options;
  return {
    type,
    name: options.name,
    config,
    cell,
    ...lengths ? { arity: 2, inputDType: ["float32", "int32"] as const } : {},
    outputShape: (input: Shape, ...others: readonly Shape[]) => {
      checkSequence(type, input);
      for (const shape of others) {
        checkAxes(`${type} with lengths`, shape, 0, "one number for each sequence, []");
      }
      const wide = direction === "both" ? 2 * units : units;
      return returnSequences ? [input[0], wide] : [wide];
    },
    weights: (input) => {
      const own = cellWeights(input[1]);
      return direction === "both"
        ? [...own, ...own.map((spec) => ({ ...spec, name: backwardName(spec.name) }))]
        : own;
    },
    apply: (x, { inputs: [, counts], weights }) => {
      const one = (own: Tensors, reverse: boolean) => applied(cell, x, own, options, reverse, counts);
      if (direction !== "both") return one(weights, direction === "backward");
      const backward = cellWeights(x.shape[2]).map(({ name }) => [name, weights[backwardName(name)]]);
      return concat([one(weights, false), one(Object.fromEntries(backward), true)], returnSequences ? 2 : 1);
    },
  };
}
