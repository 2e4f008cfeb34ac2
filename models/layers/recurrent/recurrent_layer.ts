/**
 * What recurrent layers have in common: a cell that is applied to one place of a sequence after another, forwards, backwards
 * or both. A cell's products with what comes in do not depend on its state, so they are one product for all places. Where
 * sequences come piece by piece, the states behind a piece are those before the next one.
 */
import { flag, oneOf, text, whole } from "../../../engine/option_kinds.ts";
import { optional, required, type Values } from "../../../engine/options.ts";
import { formatShape, sameShape, type Shape } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import {
  concat,
  equal,
  iota,
  less,
  ones,
  reshape,
  scan,
  slice,
  type Tensors,
  transpose,
  where,
  zeros,
} from "../../../ops/mod.ts";
import { type Initializer, initializerKind } from "../../initializers.ts";
import type { InputDType, Layer, LayerConfig, WeightSpec } from "../../layer.ts";
import { activationKind, type ActivationName } from "../core/activation.ts";
import { checkAxes, checkSequence } from "../core/check_layer.ts";
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
  activation: optional(activationKind, "tanh"),
  useBias: optional(flag, true),
  kernelInitializer: optional(initializerKind, "glorotUniform"),
  recurrentInitializer: optional(initializerKind, "orthogonal"),
  name: optional(text),
};

/** Those that cells need. */
export type RecurrentOptions = Values<typeof recurrentOptions>;

/** A layer that applies a cell to one place of a sequence after another. */
export interface RecurrentLayer extends Layer {
  /** The cell. Its weights are those of the layer that goes forwards. */
  readonly cell: RecurrentCell;
}

/** The name of a weight of the cell that goes backwards, where there are two: `kernel`, `backwardKernel`. */
export const backwardName = (name: string): string => `backward${name[0].toUpperCase()}${name.slice(1)}`;

/** Swaps the batch and the places of sequences. */
const swapped = (x: Tensor): Tensor => transpose(x, [1, 0, 2]);

/** All states, `[batch, length, units]`, or the last one; and what is carried behind the last place. */
function applied(
  cell: RecurrentCell,
  x: Tensor,
  weights: Tensors,
  { units, returnSequences }: RecurrentOptions,
  reverse: boolean,
  lengths: Tensor | undefined,
  initial: readonly Tensor[],
): { result: Tensor; last: Tensors } {
  const shape = [x.shape[0], units];
  if (cell.all) return allAtOnce(cell.all, x, weights, returnSequences, reverse, lengths, initial);
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
    carry: Object.fromEntries(cell.states.map((name, i) => [name, initial[i] ?? zeros(shape)])),
    xs: { x: swapped(x), ...places ? { counts: places } : {} },
    reverse,
  });
  return { result: returnSequences ? swapped(ys.h) : carry.h, last: carry };
}

/** The same of a cell that has all states at once: it has one, `h`. */
function allAtOnce(
  all: NonNullable<RecurrentCell["all"]>,
  x: Tensor,
  weights: Tensors,
  returnSequences: boolean,
  reverse: boolean,
  lengths: Tensor | undefined,
  [initial]: readonly Tensor[],
): { result: Tensor; last: Tensors } {
  const [batch, length] = x.shape;
  const counts = lengths &&
    less(reshape(iota(length), [length, 1]), reshape(lengths, [batch, 1, 1]));
  const { h } = all(x, weights, { state: initial && { h: initial }, reverse, counts });
  const units = h.shape[2];
  const last = reshape(slice(h, [0, reverse ? 0 : length - 1, 0], [batch, 1, units]), [batch, units]);
  return { result: returnSequences ? counts ? where(counts, h, 0) : h : last, last: { h: last } };
}

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
  const { units, returnSequences, direction, lengths, initialState } = options;
  const ways = direction === "both" ? 2 : 1;
  const states = initialState ? cell.states.length : 0;
  const inputDType: InputDType[] = [
    "float32",
    ...lengths ? ["int32"] as const : [],
    ...Array.from({ length: ways * states }, () => "float32" as const),
  ];
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
    apply: (x, { inputs, weights, carry, handOn }) => {
      const counts = lengths ? inputs[1] : undefined;
      const initial = inputs.slice(lengths ? 2 : 1);
      if (carry) {
        const first = cell.states.map((name, i) => stateBefore(carry, name, initial[i]));
        const { result, last } = applied(cell, x, weights, options, false, counts, first);
        cell.states.forEach((name) => handOn(name, last[name]));
        if (initialState) handOn("begun", ones(carry.begun.shape, "int32"));
        return result;
      }
      const one = (own: Tensors, reverse: boolean, first: readonly Tensor[]) =>
        applied(cell, x, own, options, reverse, counts, first).result;
      if (direction !== "both") return one(weights, direction === "backward", initial);
      const backward = cellWeights(x.shape[2]).map(({ name }) => [name, weights[backwardName(name)]]);
      return concat([
        one(weights, false, initial.slice(0, states)),
        one(Object.fromEntries(backward), true, initial.slice(states)),
      ], returnSequences ? 2 : 1);
    },
  };
}
