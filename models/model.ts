/** A model: a graph of layers, their weights on the host, and what is known about its inputs and outputs. */
import type { VocabularyDescription } from "../data/text/vocabulary.ts";
import { allocate, checkArray, type NdArray } from "../engine/array.ts";
import {
  either,
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
import type { Tensor } from "../engine/tensor.ts";
import { RandomSource } from "../ops/random/random.ts";
import { tensorKind } from "../ops/tensor_kind.ts";
import { applyGraph } from "./graph/apply_graph.ts";
import { carryOf, type ModelCarry } from "./graph/carry.ts";
import type { ModelResult } from "./graph/model_result.ts";
import { type ModelGraph, modelGraph, type ModelInput, type PlacedLayer } from "./graph/model_graph.ts";
import { input, type Placeable, placeLayer } from "./graph/symbolic_tensor.ts";
import { initialValues } from "./initializers.ts";
import { type InputDType, isLayer, layerKind, type WeightSpec } from "./layer.ts";
import { modelSummary } from "./model_summary.ts";
import type { Precision } from "./precision.ts";

/** What a model knows beside its layers; all of it is saved with it. */
export interface ModelInfo {
  /** What bytes are multiplied by before they go in: 1/255 for pixels. Not known after training on `float32` numbers. */
  scale?: number;
  /** What is added to bytes that were multiplied; 0 when left out. */
  offset?: number;
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
  /** What sounds it hears or makes. */
  sound?: SoundInfo;
  /** The recipe that made it, if it is another one than the worked example. */
  recipe?: string;
  /** What its tokens are, where it reads and writes text. */
  vocabulary?: VocabularyDescription;
  /** What the recipe that made it keeps with it, and checks when it reads it: plain JSON. */
  details?: Readonly<Record<string, unknown>>;
}

/** What a model knows of the sounds that it hears or makes. */
export interface SoundInfo {
  /** Samples a second, in Hz. */
  readonly rate: number;
  /** Of a model that makes sounds: which classes it can be asked for. */
  readonly classes?: readonly string[];
  /** Of a model that makes sounds: the class of each sound that it can make others like. */
  readonly heard?: readonly number[];
}

/** Options of all models. */
export interface ModelOptions {
  /** The model's name; `"model"` when left out. */
  readonly name?: string;
  /** Chooses the first weights; 0 when left out. */
  readonly seed?: number;
}

/** Gives a weight, by its full name, its first value. */
type FirstValue = (name: string) => NdArray;

/** A weight's value, in one place for all models that share it. */
interface SharedValue {
  value: NdArray<"float32">;
}

/** A value, once it is sure that it is one of the shape of a weight. */
function checkWeight(name: string, shape: Shape, value: NdArray): NdArray<"float32"> {
  const attempt = `set weight "${name}"`;
  const { dtype, shape: received } = checkArray(attempt, value);
  if (dtype === "float32" && sameShape(shape, received)) return value as NdArray<"float32">;
  throw new RangeError(
    `Cannot ${attempt}: it is float32 ${formatShape(shape)}, received ${dtype} ${formatShape(received)}`,
  );
}

/** The options of all models. */
export const modelOptions = {
  name: optional(text, "model"),
  seed: optional(whole(0, Number.MAX_SAFE_INTEGER), 0),
};

/** A graph of layers with weights. Made by {@linkcode sequential}, {@linkcode graph}, {@linkcode cnn} and {@linkcode loadModel}. */
export class Model {
  /** Its name. */
  readonly name: string;
  /** Its inputs, its layers and its outputs, and where each takes what it needs from. */
  readonly graph: ModelGraph;
  /** What is known beside the layers. */
  info: ModelInfo = {};
  readonly #values = new Map<string, SharedValue>();
  readonly #weights = new Map<string, NdArray<"float32">>();
  #carry: ModelCarry | undefined;

  /** @ignore */
  constructor(graph: ModelGraph, options: ModelOptions, firstValue?: FirstValue) {
    const { name, seed } = readOptions("make a model", options, modelOptions);
    this.name = name;
    this.graph = graph;
    const shared = this.#sharedValues();
    const draw = ({ initializer, shape }: WeightSpec, stream: number): NdArray => {
      return { dtype: "float32", shape, data: initialValues(initializer, shape, seed, stream) };
    };
    for (const [i, { name, spec }] of this.weightSpecs.entries()) {
      const first = () => checkWeight(name, spec.shape, firstValue ? firstValue(name) : draw(spec, i));
      const value = shared.get(name) ?? { value: first() };
      this.#values.set(name, value);
      this.#weights.set(name, value.value);
    }
  }

  /** The values of weights that belong to other models, too, by their names here. */
  #sharedValues(): Map<string, SharedValue> {
    const shared = new Map<string, SharedValue>();
    for (const { owner, weights, origin } of this.layers) {
      if (!origin) continue;
      for (const weight of weights) {
        const name = `${owner}/${weight.name}`;
        const value = origin.model.#values.get(`${origin.owner}/${weight.name}`)!;
        if ((shared.get(name) ?? value) !== value) {
          throw new RangeError(
            `Cannot make a model with ${origin.model.name}: another model in it has the same layer "${origin.owner}", ` +
              "with weights of its own; a layer for each, made anew, would do",
          );
        }
        shared.set(name, value);
      }
    }
    return shared;
  }

  /** The layers; each stands behind all that it takes inputs from. */
  get layers(): readonly PlacedLayer[] {
    return this.graph.layers;
  }

  /** The inputs by name: what an example of each is. */
  get inputs(): Readonly<Record<string, ModelInput>> {
    return this.graph.inputs;
  }

  /** The outputs by name: their shapes without the batch axis. */
  get outputs(): Readonly<Record<string, Shape>> {
    return Object.fromEntries(Object.entries(this.graph.outputs).map(([name, { shape }]) => [name, shape]));
  }

  /**
   * The shape of one example.
   *
   * @throws {RangeError} when it has several inputs.
   */
  get inputShape(): Shape {
    return onlyOne(this.name, "input", this.graph.inputs).shape;
  }

  /**
   * The shape of one result.
   *
   * @throws {RangeError} when it has several outputs.
   */
  get outputShape(): Shape {
    return onlyOne(this.name, "output", this.graph.outputs).shape;
  }

  /** The weights by their full names (`conv2d_1/kernel`), in the order of the layers. */
  get weights(): ReadonlyMap<string, NdArray<"float32">> {
    // Models that share some may have replaced them.
    for (const [name, { value }] of this.#values) this.#weights.set(name, value);
    return this.#weights;
  }

  /** All weights with their full names. */
  get weightSpecs(): { name: string; spec: WeightSpec }[] {
    return this.layers.filter(({ name, owner }) => name === owner)
      .flatMap((l) => l.weights.map((spec) => ({ name: `${l.name}/${spec.name}`, spec })));
  }

  /** The number of all weights' elements. */
  get parameterCount(): number {
    return this.weightSpecs.reduce((sum, { spec }) => sum + sizeOf(spec.shape), 0);
  }

  /**
   * What it hands on from one piece of a sequence to the next, by full names such as `gru_1/h`: states of recurrent layers,
   * keys and values of attention. Empty where nothing has to be handed on.
   *
   * @throws {RangeError} when a layer has to see whole sequences; the message says which, and why.
   */
  get carry(): ModelCarry {
    return this.#carry ??= carryOf(this);
  }

  /**
   * What is handed to the first piece of sequences: zeros.
   *
   * @param batch How many sequences there are.
   * @throws {RangeError} when a layer has to see whole sequences, or `batch` is no whole number from 1.
   */
  firstCarry(batch: number): Record<string, NdArray> {
    const examples = readValue(`begin sequences of ${this.name}`, "batch", batch, whole(1));
    return Object.fromEntries(
      Object.entries(this.carry).map(([name, { dtype, shape: each }]) => {
        const shape = [examples, ...each];
        return [name, { dtype, shape, data: allocate(dtype, sizeOf(shape)) } as NdArray];
      }),
    );
  }

  /**
   * Replaces a weight, also in models that share it.
   *
   * @throws {RangeError} when there is none of that name and shape, or elements are missing.
   * @throws {TypeError} when its elements are in no `Float32Array`.
   */
  setWeight(name: string, value: NdArray): void {
    const shared = this.#values.get(name);
    if (!shared) {
      throw new RangeError(`Cannot set weight "${name}": there are ${[...this.#values.keys()].join(", ")}`);
    }
    shared.value = checkWeight(name, shared.value.shape, value);
    this.#weights.set(name, shared.value);
  }

  /**
   * Adds the model's computation to a program that is being traced.
   *
   * With `carry`, the batch is a piece of sequences: it goes on where the piece ended that handed this on, and may be of any
   * length. Piece by piece, down to single tokens, the model gives what it gives for the whole.
   *
   * @param x A batch, `[batch, ...inputShape]`; of a model with several inputs, a batch of each by its name.
   * @param weights Tensors by the weights' full names.
   * @param options With `training`, layers behave as in training; `random` then gives dropout its draws. `watch` gets the
   * result of each layer. `carry` is what the piece before handed on; {@linkcode firstCarry} before the first one.
   * `counts`, float32 `[batch]`, is 1 for examples that count and 0 for those that only fill up a batch; all count when left out.
   * @throws {RangeError} when a batch or a weight is missing, or of another shape.
   */
  apply(
    x: Tensor | Readonly<Record<string, Tensor>>,
    weights: Readonly<Record<string, Tensor>>,
    options: {
      training?: boolean;
      random?: RandomSource;
      precision?: Precision;
      carry?: Readonly<Record<string, Tensor>>;
      counts?: Tensor;
      watch?: (layer: string, result: Tensor) => void;
    } = {},
  ): ModelResult {
    const context = pickOptions(`apply ${this.name}`, options, {
      training: optional(flag, false),
      random: optional(objectThat<RandomSource>("a RandomSource"), new RandomSource({ seed: 0 })),
      precision: optional(oneOf(["float32", "mixed"]), "float32"),
      counts: optional(tensorKind),
      carry: optional(objectThat<Readonly<Record<string, Tensor>>>("tensors by name, such as apply gives")),
      watch: optional(functionKind<(layer: string, result: Tensor) => void>()),
    });
    return applyGraph(this, x, weights, context);
  }

  /** A table of the layers with their shapes and weights, for people. */
  summary(): string {
    return modelSummary(this);
  }
}

/** Models, where a layer may stand as well. */
const modelKind = objectThat<Model>("a model", (value) => value instanceof Model);

/** The only one of a record. */
function onlyOne<T>(model: string, what: string, values: Readonly<Record<string, T>>): T {
  const names = Object.keys(values);
  if (names.length === 1) return values[names[0]];
  throw new RangeError(
    `Cannot say the ${what}Shape of ${model}: it has the ${what}s ${
      names.join(", ")
    }; ${what}s has the shape of each`,
  );
}

/** Options of {@linkcode sequential}. */
export interface SequentialOptions extends ModelOptions {
  /** The shape of one example, without the batch axis: `[32, 32, 3]`. */
  readonly inputShape: Shape;
}

/**
 * A model of layers in a row; whole models may be among them. The short way to write the usual {@linkcode graph}. What goes
 * in is what the first layer takes: whole numbers for an embedding, `float32` for most others.
 *
 * @throws {RangeError} when a layer does not fit behind the one before, or a size is no whole number from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([
 *   layers.conv2d({ filters: 8, kernelSize: 3, activation: "relu" }),
 *   layers.maxPool2d(),
 *   layers.flatten(),
 *   layers.dense({ units: 10 }),
 * ], { inputShape: [28, 28, 1] });
 * assertEquals(model.outputShape, [10]);
 * ```
 */
export function sequential(layers: readonly Placeable[], options: SequentialOptions): Model {
  const { inputShape, ...rest } = readOptions("make a model", options, {
    ...modelOptions,
    inputShape: required(sizesFrom(1)),
  });
  readValue("make a model", "layers", layers, listOf(either(layerKind, modelKind)));
  const x = input(inputShape, { dtype: layers.length > 0 ? inputDTypeOf(layers[0]) : "float32" });
  const y = layers.reduce(
    (x, layer, i) =>
      isLayer(layer)
        ? placeLayer(layer, [x], { title: `layer ${i + 1} (${layer.name ?? layer.type})` })
        : x.to(layer),
    x,
  );
  return new Model(modelGraph(new Map([["input", x]]), new Map([["output", y]])), rest);
}

/** What goes into a layer, or into a model. */
function inputDTypeOf(layer: Placeable): InputDType {
  if (!isLayer(layer)) return Object.values(layer.inputs)[0].dtype;
  const { inputDType = "float32" } = layer;
  return typeof inputDType === "string" ? inputDType : inputDType[0];
}
