/** What a layer is: a description that can be written down, the weights that it needs, and what it does to a tensor. */
import { type Kind, objectThat } from "../engine/option_kinds.ts";
import type { Shape } from "../engine/shape.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { RandomSource } from "../ops/random/random.ts";
import type { BlockInitializer, Initializer } from "./initializers.ts";

/** A weight that a layer needs. */
export interface WeightSpec {
  /** Unique within the layer: `kernel`, `bias`. */
  readonly name: string;
  /** Its shape. */
  readonly shape: Shape;
  /** How it begins. */
  readonly initializer: Initializer | BlockInitializer;
  /** Whether the optimizer changes it; others are statistics that the layer keeps by itself. */
  readonly trainable: boolean;
  /** What no element may be below, as in a variance; no bound when left out. */
  readonly least?: number;
}

/** What a layer hands on from one piece of a sequence to the next one. It begins as zeros. */
export interface CarrySpec {
  /** Its shape, without the batch axis. */
  readonly shape: Shape;
  /** `"float32"` when left out. */
  readonly dtype?: InputDType;
  /** How many places, counted from the first one, the layer can go through; as many as there are when left out. */
  readonly places?: number;
}

/** What a layer may use while it computes. */
export interface LayerContext {
  /** Whether the model is being trained, so that dropout drops and statistics are taken. */
  readonly training: boolean;
  /** Random draws of this step, when training. */
  readonly random: RandomSource;
  /** All that goes in, in order; the first one is what `apply` is given beside. */
  readonly inputs: readonly Tensor[];
  /** The layer's weights by name. */
  readonly weights: Readonly<Record<string, Tensor>>;
  /**
   * float32 `[batch]`: 1 for examples that count, else 0, where a batch is filled up with others; left out where all count. What
   * takes means over the batch goes by it.
   */
  readonly counts?: Tensor;
  /** Marks the result of a product with weights, before an activation: its gradient may be kept in half precision. */
  product(result: Tensor): Tensor;
  /** Replaces a weight that is not trainable. */
  update(name: string, value: Tensor): void;
  /**
   * What was handed on to this piece of the sequence, `[batch, ...]` by the names of {@linkcode Layer.carry}; left out where
   * sequences are there as a whole.
   */
  readonly carry?: Readonly<Record<string, Tensor>>;
  /** Hands something on to the next piece. */
  handOn(name: string, value: Tensor): void;
  /** Gives one of {@linkcode Layer.results}. */
  give(name: string, value: Tensor): void;
}

/** The options of a layer, as JSON has them. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/** What a layer takes: numbers, or whole numbers such as tokens and lengths. */
export type InputDType = "float32" | "int32";

/**
 * A layer. Made by functions such as {@linkcode conv2d} and {@linkcode dense}; has no values of its own. Where the same
 * object has several places in a model, these share their weights.
 */
export interface Layer {
  /** Its type: the name of the function that makes it. */
  readonly type: string;
  /** Its name in the model; made from the type when left out. */
  readonly name?: string;
  /** The options that make it again, see {@linkcode registerLayer}. */
  readonly config: LayerConfig;
  /** How many inputs it takes: 1 when left out; `"several"` are as many as it is given, at least one. */
  readonly arity?: number | "several";
  /** What its inputs are, one for all or one for each; `"float32"` when left out. What it gives is float32. */
  readonly inputDType?: InputDType | readonly InputDType[];
  /** The shape of its result for inputs of these shapes, all without the batch axis. */
  outputShape(input: Shape, ...others: readonly Shape[]): number[];
  /**
   * What it gives beside its result, by name, with the shapes for inputs of these shapes, all without the batch axis: the states
   * behind a sequence. Left out where there is nothing. Such results are float32, and taken by {@linkcode SymbolicTensor.result}.
   */
  results?(input: Shape, ...others: readonly Shape[]): Readonly<Record<string, Shape>>;
  /** Its weights, for inputs of these shapes (without the batch axis). */
  weights(input: Shape, ...others: readonly Shape[]): readonly WeightSpec[];
  /**
   * What it hands on from one piece of a sequence to the next, by name, for inputs of these shapes (without the batch axis):
   * piece by piece it then gives what it gives for the whole. Left out by layers that treat each place by itself.
   *
   * @throws {RangeError} when it has to see the whole sequence; the message is the reason.
   */
  carry?(input: Shape, ...others: readonly Shape[]): Readonly<Record<string, CarrySpec>>;
  /** What it does to a batch; `x` is the first of `context.inputs`. */
  apply(x: Tensor, context: LayerContext): Tensor;
}

/** Whether a value is a layer, perhaps one that a person has written. */
export const isLayer = (value: unknown): value is Layer => layerKind.read(value) !== undefined;

/** Layers, also such as people write themselves. */
export const layerKind: Kind<Layer> = objectThat<Layer>(
  "a layer, such as dense makes",
  ({ type, apply }) => typeof type === "string" && typeof apply === "function",
);
