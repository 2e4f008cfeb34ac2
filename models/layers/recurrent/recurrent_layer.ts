/**
 * What recurrent layers have in common: a cell that is applied to one place of a sequence after another, forwards, backwards
 * or both. A cell's products with what comes in do not depend on its state, so they are one product for all places. Where
 * sequences come piece by piece, the states behind a piece are those before the next one.
 */
import { flag, fraction, oneOf, text, whole } from "../../../engine/option_kinds.ts";
import { optional, required, type Values } from "../../../engine/options.ts";
import { formatShape, sameShape, type Shape } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { concat, dropout as drop, equal, ones, reshape, type Tensors, where } from "../../../ops/mod.ts";
import { type Initializer, initializerKind } from "../../initializers.ts";
import type { InputDType, Layer, LayerConfig, WeightSpec } from "../../layer.ts";
import { activationKind, type ActivationName } from "../core/activation.ts";
import { checkAxes, checkSequence } from "../core/check_layer.ts";
import { applyCell } from "./apply_cell.ts";
import type { RecurrentCell } from "./recurrent_cell.ts";

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
  /**
   * Whether what is before the first place comes in, too: one more input `[units]` for each state (`h`, and `c` of an `lstm`),
   * those of the way backwards last. False, which is zeros, when left out.
   */
  readonly initialState?: boolean;
  /**
   * Which part of each place's channels is set to zero while training, the same ones at all places of a sequence; 0 when left out.
   * As in Keras; the layer {@linkcode dropout} behind a recurrent one is what PyTorch's recurrent layers do.
   */
  readonly dropout?: number;
  /**
   * Which part of the state is set to zero where it goes into a product while training, the same at all places of a sequence; 0
   * when left out. Source: https://arxiv.org/abs/1512.05287
   */
  readonly recurrentDropout?: number;
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
  initialState: optional(flag, false),
  dropout: optional(fraction, 0),
  recurrentDropout: optional(fraction, 0),
  activation: optional(activationKind, "tanh"),
  useBias: optional(flag, true),
  kernelInitializer: optional(initializerKind, "glorotUniform"),
  recurrentInitializer: optional(initializerKind, "orthogonal"),
  name: optional(text),
};

/** Those that cells need. */
export type RecurrentOptions = Values<typeof recurrentOptions>;

/**
 * A layer that applies a cell to one place of a sequence after another. Beside its result it gives the states behind the last place
 * that counts: `h` (and `c` of an `lstm`), and `backwardH` of a second way.
 */
export interface RecurrentLayer extends Layer {
  /** The cell. Its weights are those of the layer that goes forwards. */
  readonly cell: RecurrentCell;
}

/** The name of a weight of the cell that goes backwards, where there are two: `kernel`, `backwardKernel`. */
export const backwardName = (name: string): string => `backward${name[0].toUpperCase()}${name.slice(1)}`;

/** The state before a piece of a sequence: what was handed on, or what comes in, where it is the first piece. */
const stateBefore = ({ begun, ...carry }: Tensors, name: string, initial: Tensor | undefined): Tensor =>
  initial ? where(reshape(equal(begun, 1), [begun.size, 1]), carry[name], initial) : carry[name];

/** Makes the layer of a cell; `weights` are its own, for so many channels. */
export function recurrentLayer(
  type: string,
  options: RecurrentOptions,
  config: LayerConfig,
  cell: RecurrentCell,
  cellWeights: (channels: number) => readonly WeightSpec[],
): RecurrentLayer {
  const { units, returnSequences, direction, lengths, initialState, dropout, recurrentDropout } = options;
  const ways = direction === "both" ? 2 : 1;
  const states = initialState ? cell.states.length : 0;
  const inputDType: InputDType[] = [
    "float32",
    ...lengths ? ["int32"] as const : [],
    ...Array.from({ length: ways * states }, () => "float32" as const),
  ];
  const resultNames = [...cell.states, ...ways === 2 ? cell.states.map(backwardName) : []];
  return {
    type,
    name: options.name,
    config,
    cell,
    arity: inputDType.length,
    inputDType,
    outputShape: (input: Shape, ...others: readonly Shape[]) => {
      checkSequence(type, input);
      const initial = lengths ? others.slice(1) : others;
      if (lengths) checkAxes(`${type} with lengths`, others[0], 0, "one number for each sequence, []");
      const odd = initial.find((shape) => !sameShape(shape, [units]));
      if (odd) {
        throw new RangeError(
          `Cannot use ${type} with the initial state ${formatShape(odd)}: it has to be [${units}], the units`,
        );
      }
      const wide = ways * units;
      return returnSequences ? [input[0], wide] : [wide];
    },
    results: () => Object.fromEntries(resultNames.map((name) => [name, [units]])),
    weights: (input) => {
      const own = cellWeights(input[1]);
      return direction === "both"
        ? [...own, ...own.map((spec) => ({ ...spec, name: backwardName(spec.name) }))]
        : own;
    },
    carry: () => {
      if (direction !== "forward") {
        throw new RangeError(`with direction "${direction}", it begins at the end of sequences`);
      }
      const own = cell.states.map((name) => [name, { shape: [units] }]);
      return { ...Object.fromEntries(own), ...initialState ? { begun: { shape: [], dtype: "int32" } } : {} };
    },
    apply: (whole, { inputs, weights, carry, handOn, give, training, random }) => {
      const counts = lengths ? inputs[1] : undefined;
      const initial = inputs.slice(lengths ? 2 : 1);
      const [batch, , channels] = whole.shape;
      const one = (own: Tensors, reverse: boolean, first: readonly Tensor[]) =>
        applyCell(cell, {
          x: training && dropout > 0 ? drop(whole, dropout, random, { shape: [batch, 1, channels] }) : whole,
          weights: own,
          first,
          lengths: counts,
          reverse,
          units,
          returnSequences,
          stateMask: training && recurrentDropout > 0
            ? drop(ones([batch, units]), recurrentDropout, random)
            : undefined,
        });
      if (carry) {
        const first = cell.states.map((name, i) => stateBefore(carry, name, initial[i]));
        const { result, last } = one(weights, false, first);
        for (const name of cell.states) {
          handOn(name, last[name]);
          give(name, last[name]);
        }
        if (initialState) handOn("begun", ones(carry.begun.shape, "int32"));
        return result;
      }
      const first = one(weights, direction === "backward", initial.slice(0, states));
      for (const name of cell.states) give(name, first.last[name]);
      if (direction !== "both") return first.result;
      const backward = cellWeights(channels).map(({ name }) => [name, weights[backwardName(name)]]);
      const second = one(Object.fromEntries(backward), true, initial.slice(states));
      for (const name of cell.states) give(backwardName(name), second.last[name]);
      return concat([first.result, second.result], returnSequences ? 2 : 1);
    },
  };
}
