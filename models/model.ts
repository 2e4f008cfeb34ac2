/** A model: layers in a row, their weights on the host, and what is known about its inputs and outputs. */
import { checkArray, type NdArray } from "../engine/array.ts";
import {
  flag,
  functionKind,
  listOf,
  objectThat,
  oneOf,
  sizesFrom,
  text,
  whole,
} from "../engine/option_kinds.ts";
import { optional, pickOptions, readOptions, readValue, required } from "../engine/options.ts";
import { formatShape, sameShape, type Shape, sizeOf } from "../engine/shape.ts";
import { Tensor } from "../engine/tensor.ts";
import { halfGradient, keepHalf } from "../ops/elementwise/keep_half.ts";
import { RandomSource } from "../ops/random/random.ts";
import { initialValues } from "./initializers.ts";
import type { Layer, WeightSpec } from "./layer.ts";
import { modelSummary } from "./model_summary.ts";
import type { Precision } from "./precision.ts";

/** A layer at its place in a model. */
export interface PlacedLayer {
  /** The layer. */
  readonly layer: Layer;
  /** Its name in the model. */
  readonly name: string;
  /** What goes in, without the batch axis. */
  readonly inputShape: Shape;
  /** What comes out, without the batch axis. */
  readonly outputShape: Shape;
  /** Its weights. */
  readonly weights: readonly WeightSpec[];
}

/** What a model knows beside its layers; all of it is saved with it. */
export interface ModelInfo {
  /** What bytes are multiplied by before they go in: 1/255 for pixels. Not known after training on `float32` numbers. */
  scale?: number;
  /** What it was trained on: bytes that were scaled, or numbers as they are. */
  inputDType?: "uint8" | "float32";
  /** The names of the classes, in the order of the outputs. */
  classNames?: readonly string[];
  /** The data set that it was trained on. */
  dataset?: string;
  /** Figures that were measured: `testAccuracy`, say. */
  metrics?: Readonly<Record<string, number>>;
  /** The seed of the run that trained it. */
  seed?: number;
}

/** Options of {@linkcode sequential}. */
export interface SequentialOptions {
  /** The shape of one example, without the batch axis: `[32, 32, 3]`. */
  readonly inputShape: Shape;
  /** The model's name; `"model"` when left out. */
  readonly name?: string;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/** What a model computes for a batch. */
export interface ModelResult {
  /** The last layer's result, `[batch, ...]`. */
  readonly output: Tensor;
  /** New values of weights that are not trained, by their full names; only in training. */
  readonly updates: Readonly<Record<string, Tensor>>;
}

/** Layers, also such as people write themselves. */
const layerKind = objectThat<Layer>(
  "a layer, such as dense makes",
  ({ type, apply }) => typeof type === "string" && typeof apply === "function",
);

/** Gives a weight, by its full name, its first value. */
type FirstValue = (name: string, spec: WeightSpec) => NdArray;

/** A value, once it is sure that it is one of the shape of a weight. */
function checkWeight(name: string, shape: Shape, value: NdArray): NdArray<"float32"> {
  const attempt = `set weight "${name}"`;
  const { dtype, shape: received } = checkArray(attempt, value);
  if (dtype === "float32" && sameShape(shape, received)) return value as NdArray<"float32">;
  throw new RangeError(
    `Cannot ${attempt}: it is float32 ${formatShape(shape)}, received ${dtype} ${formatShape(received)}`,
  );
}

/** Throws unless a layer has such a weight, of the value's shape, and keeps it by itself. */
function checkUpdate(placed: PlacedLayer, name: string, value: Tensor): void {
  const spec = placed.weights.find((weight) => weight.name === name && !weight.trainable);
  if (spec && value.dtype === "float32" && sameShape(spec.shape, value.shape)) return;
  throw new RangeError(
    `Cannot update "${name}" of layer "${placed.name}" with ${value.dtype} ${formatShape(value.shape)}: ` +
      (spec ? `it is float32 ${formatShape(spec.shape)}` : "it has no such weight that is not trained"),
  );
}

/** Layers in a row with weights. Made by {@linkcode sequential}, {@linkcode cnn} and {@linkcode loadModel}. */
export class Model {
  /** Its name. */
  readonly name: string;
  /** The shape of one example. */
  readonly inputShape: Shape;
  /** The layers in order. */
  readonly layers: readonly PlacedLayer[];
  /** The weights by their full names (`conv2d_1/kernel`), in the order of the layers. */
  readonly weights: Map<string, NdArray<"float32">> = new Map();
  /** What is known beside the layers. */
  info: ModelInfo = {};

  /** @ignore */
  constructor(layers: readonly Layer[], options: SequentialOptions, firstValue?: FirstValue) {
    const { inputShape, name, seed } = readOptions("make a model", options, {
      inputShape: required(sizesFrom(1)),
      name: optional(text, "model"),
      seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
    });
    readValue("make a model", "layers", layers, listOf(layerKind));
    this.name = name;
    this.inputShape = inputShape;
    const counts = new Map<string, number>();
    const taken = new Set<string>();
    let shape: Shape = this.inputShape;
    this.layers = layers.map((layer, i) => {
      counts.set(layer.type, (counts.get(layer.type) ?? 0) + 1);
      const layerName = layer.name ?? `${layer.type}_${counts.get(layer.type)}`;
      if (taken.has(layerName)) {
        throw new RangeError(`Cannot make a model with two layers named "${layerName}"`);
      }
      taken.add(layerName);
      const input = shape;
      try {
        shape = layer.outputShape(input);
        return {
          layer,
          name: layerName,
          inputShape: input,
          outputShape: shape,
          weights: layer.weights(input),
        };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new RangeError(
          `Cannot place layer ${i + 1} (${layerName}) behind ${formatShape(input)}: ${reason}`,
          {
            cause: error,
          },
        );
      }
    });
    let stream = 0;
    const draw = (_name: string, { initializer, shape }: WeightSpec): NdArray => {
      return { dtype: "float32", shape, data: initialValues(initializer, shape, seed, stream++) };
    };
    for (const { name, spec } of this.weightSpecs) {
      this.weights.set(name, checkWeight(name, spec.shape, (firstValue ?? draw)(name, spec)));
    }
  }

  /** The shape of one result. */
  get outputShape(): Shape {
    return this.layers.at(-1)?.outputShape ?? this.inputShape;
  }

  /** All weights with their full names. */
  get weightSpecs(): { name: string; spec: WeightSpec }[] {
    return this.layers.flatMap((l) => l.weights.map((spec) => ({ name: `${l.name}/${spec.name}`, spec })));
  }

  /** The number of all weights' elements. */
  get parameterCount(): number {
    return this.weightSpecs.reduce((sum, { spec }) => sum + sizeOf(spec.shape), 0);
  }

  /**
   * Replaces a weight.
   *
   * @throws {RangeError} when there is none of that name and shape, or elements are missing.
   * @throws {TypeError} when its elements are in no `Float32Array`.
   */
  setWeight(name: string, value: NdArray): void {
    const old = this.weights.get(name);
    if (!old) {
      throw new RangeError(`Cannot set weight "${name}": there are ${[...this.weights.keys()].join(", ")}`);
    }
    this.weights.set(name, checkWeight(name, old.shape, value));
  }

  /**
   * Adds the model's computation to a program that is being traced.
   *
   * @param x A batch, `[batch, ...inputShape]`, float32.
   * @param weights Tensors by the weights' full names.
   * @param options With `training`, layers behave as in training; `random` then gives dropout its draws. `watch` gets the
   * result of each layer.
   */
  apply(
    x: Tensor,
    weights: Readonly<Record<string, Tensor>>,
    options: {
      training?: boolean;
      random?: RandomSource;
      precision?: Precision;
      watch?: (layer: string, result: Tensor) => void;
    } = {},
  ): ModelResult {
    const { training, random, precision, watch } = pickOptions(`apply ${this.name}`, options, {
      training: optional(flag, false),
      random: optional(objectThat<RandomSource>("a RandomSource"), new RandomSource({ seed: 0 })),
      precision: optional(oneOf(["float32", "mixed"]), "float32"),
      watch: optional(functionKind<(layer: string, result: Tensor) => void>()),
    });
    if (!sameShape(x.shape.slice(1), this.inputShape)) {
      throw new RangeError(
        `Cannot apply ${this.name} to ${formatShape(x.shape)}: it takes [batch, ${
          this.inputShape.join(", ")
        }]`,
      );
    }
    for (const { name, spec } of this.weightSpecs) {
      const given = weights[name];
      if (given instanceof Tensor && sameShape(given.shape, spec.shape)) continue;
      throw new RangeError(
        `Cannot apply ${this.name} with weight "${name}": it takes a tensor ${
          formatShape(spec.shape)
        }, received ` +
          (given instanceof Tensor ? formatShape(given.shape) : String(given)),
      );
    }
    const updates: Record<string, Tensor> = {};
    const output = this.layers.reduce((y, placed) => {
      const own = Object.fromEntries(
        placed.weights.map((w) => [w.name, weights[`${placed.name}/${w.name}`]]),
      );
      const update = (name: string, value: Tensor) => {
        checkUpdate(placed, name, value);
        updates[`${placed.name}/${name}`] = value;
      };
      const isProduct = precision === "mixed" && placed.weights.some((w) => w.shape.length > 1);
      const product = isProduct ? halfGradient : (z: Tensor) => z;
      const x = isProduct ? keepHalf(y) : y;
      const result = placed.layer.apply(x, {
        training,
        random,
        inputs: [x],
        weights: own,
        update,
        product,
      });
      watch?.(placed.name, result);
      if (!sameShape(result.shape.slice(1), placed.outputShape)) {
        throw new RangeError(
          `Cannot apply layer "${placed.name}" to ${formatShape(y.shape)}: its outputShape promises [batch, ${
            placed.outputShape.join(", ")
          }], it gave ${formatShape(result.shape)}`,
        );
      }
      return result.named(placed.name);
    }, x);
    return { output, updates };
  }

  /** A table of the layers with their shapes and weights, for people. */
  summary(): string {
    return modelSummary(this);
  }
}

/**
 * A model of layers in a row.
 *
 * @throws {RangeError} when a layer does not fit behind the one before, or a size is no whole number from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { conv2d, dense, flatten, maxPool2d, sequential } from "@gesso/gesso";
 *
 * const model = sequential([
 *   conv2d({ filters: 8, kernelSize: 3, activation: "relu" }),
 *   maxPool2d(),
 *   flatten(),
 *   dense({ units: 10 }),
 * ], { inputShape: [28, 28, 1] });
 * assertEquals(model.outputShape, [10]);
 * ```
 */
export function sequential(layers: readonly Layer[], options: SequentialOptions): Model {
  return new Model(layers, options);
}
