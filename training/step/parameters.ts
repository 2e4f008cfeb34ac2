/** Sets of parameters: what one optimizer changes, under a name of its own. */
import { checkArray, type NdArray } from "../../engine/array.ts";
import { above, flag, fraction, from, functionKind, text, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../../engine/options.ts";
import { formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { Model } from "../../models/model.ts";
import { tensorKind } from "../../ops/tensor_kind.ts";
import { type Optimizer, optimizerKind } from "../optimizers/optimizer.ts";
import {
  currentScope,
  type ModelInputs,
  type Outputs,
  type ParameterVersion,
  type UseOptions,
} from "./step_scope.ts";

/** Options of {@linkcode parameters}. */
export interface ParametersOptions {
  /** What it is called in checkpoints and messages; the model's name, or `"parameters"`, when left out. */
  readonly name?: string;
  /**
   * Changes the parameters. Without one a model is used as it would be after training, and never changed; arrays are changed only
   * by what a step assigns to them ({@linkcode StepResult.assign}).
   */
  readonly optimizer?: Optimizer;
  /** The largest norm that the gradients of the set may have together. */
  readonly clipNorm?: number;
  /**
   * Keeps a moving average of the parameters: how much of it stays at each update, 0.999 say. It follows faster at first, as
   * `min(average, (1 + n) / (10 + n))` stays at update n. Running statistics of layers are taken as they are.
   */
  readonly average?: number;
  /**
   * Whether the model (or `weights`) has the moving average after each epoch, and so in callbacks, files and at the end; true when
   * left out. With false the average is for use within the step alone.
   */
  readonly keepAverage?: boolean;
  /** Steps whose gradients are averaged for one update; 1 when left out. They may begin in one epoch and end in the next. */
  readonly accumulate?: number;
  /** Which parameters, by their full names, are never changed; running statistics of layers among them. */
  readonly frozen?: (name: string) => boolean;
  /** What the learning rate is multiplied by for a parameter; 1 when left out. */
  readonly rate?: (name: string) => number;
}

const setOptions = {
  name: optional(text),
  optimizer: optional(optimizerKind),
  clipNorm: optional(above(0)),
  average: optional(fraction),
  keepAverage: optional(flag, true),
  accumulate: optional(whole(1), 1),
  frozen: optional(functionKind<(name: string) => boolean>(), () => false),
  rate: optional(functionKind<(name: string) => number>(), () => 1),
};

const useOptions = { counts: optional(tensorKind) };

/** What changes a parameter: the optimizer, its layer or the step itself (running statistics), or nothing. */
export type ParameterRole = "trained" | "statistics" | "frozen";

/** A parameter of a set. */
export interface ParameterSpec {
  /** Its full name. */
  readonly name: string;
  /** Its shape. */
  readonly shape: Shape;
  /** What changes it. */
  readonly role: ParameterRole;
  /** What the learning rate is multiplied by. */
  readonly rate: number;
}

/** Parameters as a step uses them: those of a set, or their moving average. */
export interface ParameterUse {
  /**
   * What the model gives for a batch, `[batch, ...]`; of several outputs, the first. In training its layers behave so (dropout, batch
   * normalization), and running statistics are collected; several uses in one step follow each other.
   *
   * @param x A batch; of a model with several inputs, a batch of each by its name.
   */
  apply(x: ModelInputs, options?: UseOptions): Tensor;
  /** The same of a model with several outputs: each by its name. */
  outputs(x: ModelInputs, options?: UseOptions): Readonly<Record<string, Tensor>>;
  /** The parameters by their names. */
  readonly values: Readonly<Record<string, Tensor>>;
}

/**
 * A set of parameters. Made by {@linkcode parameters}. Within the function of {@linkcode trainStep} it stands for tensors; outside,
 * `weights` has the values, which are new after each epoch.
 */
export class Parameters implements ParameterUse {
  /** What it is called in checkpoints and messages. */
  readonly name: string;
  /** The model whose parameters these are, if they are a model's. */
  readonly model: Model | undefined;
  /** What changes them. */
  readonly optimizer: Optimizer | undefined;
  /** The largest norm of all gradients together. */
  readonly clipNorm: number | undefined;
  /** How much of the moving average stays. */
  readonly average: number | undefined;
  /** Whether `weights` has the moving average after each epoch. */
  readonly keepAverage: boolean;
  /** Steps of one update. */
  readonly accumulate: number;
  /** Each parameter. */
  readonly specs: readonly ParameterSpec[];
  readonly #arrays: Map<string, NdArray<"float32">>;

  /** @ignore */
  constructor(source: Model | Readonly<Record<string, NdArray>>, options: ParametersOptions = {}) {
    const { frozen, rate, ...read } = readOptions("make parameters", options, setOptions);
    this.model = source instanceof Model ? source : undefined;
    this.name = read.name ?? this.model?.name ?? "parameters";
    this.optimizer = read.optimizer;
    this.clipNorm = read.clipNorm;
    this.average = read.average;
    this.keepAverage = read.keepAverage && read.average !== undefined;
    this.accumulate = read.accumulate;
    this.#arrays = source instanceof Model ? new Map() : arraysByName(source);
    const layers = new Map(this.model?.weightSpecs.map(({ name, spec }) => [name, spec.trainable]));
    const { weights } = this;
    const names = this.model ? layers.keys() : weights.keys();
    this.specs = Array.from(names, (name) => {
      const { shape } = weights.get(name)!;
      const isFixed = frozen(name) || this.model && !this.optimizer;
      const isOwn = !this.optimizer || layers.get(name) === false;
      const role = isFixed ? "frozen" : isOwn ? "statistics" : "trained";
      return {
        name,
        shape,
        role,
        rate: readValue("make parameters", `rate of ${name}`, rate(name), from(0)),
      };
    });
    if (this.optimizer && !this.specs.some(({ role }) => role === "trained")) {
      const isSome = this.specs.some(({ name }) => layers.get(name) !== false);
      throw new RangeError(
        `Cannot train ${this.name}: ` +
          (isSome ? "all of its weights are frozen" : "it has no weights; a layer such as dense has some"),
      );
    }
  }

  /** The values on the host by their names. */
  get weights(): ReadonlyMap<string, NdArray<"float32">> {
    return this.model?.weights ?? this.#arrays;
  }

  /**
   * Replaces a value on the host; not while it is trained.
   *
   * @throws {RangeError | TypeError} when there is none of that name, shape and type.
   */
  setWeight(name: string, value: NdArray): void {
    if (this.model) return this.model.setWeight(name, value);
    const old = this.#arrays.get(name);
    const attempt = `set "${name}" of ${this.name}`;
    if (!old) {
      throw new RangeError(`Cannot ${attempt}: there are ${[...this.#arrays.keys()].join(", ")}`);
    }
    const { dtype, shape } = checkArray(attempt, value);
    if (dtype !== "float32" || !sameShape(shape, old.shape)) {
      throw new RangeError(
        `Cannot ${attempt}: it is float32 ${formatShape(old.shape)}, received ${dtype} ${formatShape(shape)}`,
      );
    }
    this.#arrays.set(name, value as NdArray<"float32">);
  }

  /** See {@linkcode ParameterUse.apply}. */
  apply(x: ModelInputs, options?: UseOptions): Tensor {
    return this.#apply("weights", x, options).output;
  }

  /** See {@linkcode ParameterUse.outputs}. */
  outputs(x: ModelInputs, options?: UseOptions): Readonly<Record<string, Tensor>> {
    return this.#apply("weights", x, options).outputs;
  }

  /** See {@linkcode ParameterUse.values}. */
  get values(): Readonly<Record<string, Tensor>> {
    return currentScope<Parameters>(`use the values of ${this.name}`).values(this, "weights");
  }

  /** The same with the moving average of the parameters, as it was before the step; its model behaves as after training. */
  get averaged(): ParameterUse {
    if (this.average === undefined) {
      throw new TypeError(
        `Cannot use the average of ${this.name}: it keeps none; see the option average of parameters`,
      );
    }
    const valuesOf = () =>
      currentScope<Parameters>(`use the average of ${this.name}`).values(this, "average");
    return {
      apply: (x, options) => this.#apply("average", x, options).output,
      outputs: (x, options) => this.#apply("average", x, options).outputs,
      get values() {
        return valuesOf();
      },
    };
  }

  #apply(version: ParameterVersion, x: ModelInputs, options?: UseOptions): Outputs {
    const scope = currentScope<Parameters>(`apply ${this.name}`);
    const read = readOptions(`apply ${this.name}`, options ?? {}, useOptions);
    if (this.model) return scope.apply(this, version, x, read);
    throw new TypeError(
      `Cannot apply ${this.name}: it is made of arrays and no model; its values have the tensors`,
    );
  }
}

/** Arrays of numbers, once it is sure that they are some. */
function arraysByName(source: Readonly<Record<string, NdArray>>): Map<string, NdArray<"float32">> {
  const entries = typeof source === "object" && source !== null ? Object.entries(source) : [];
  if (entries.length === 0) {
    throw new TypeError(
      "Cannot make parameters of nothing: it takes a Model, or float32 arrays by their names",
    );
  }
  return new Map(entries.map(([name, value]) => {
    const { dtype } = checkArray(`make parameter "${name}"`, value);
    if (dtype === "float32") return [name, value as NdArray<"float32">];
    throw new TypeError(`Cannot make parameter "${name}" of ${dtype}: parameters are float32`);
  }));
}

/**
 * Parameters that one optimizer changes: those of a model, or arrays by their names. Several sets live side by side in one
 * {@linkcode trainStep}; each is saved by its name.
 *
 * @throws {TypeError | RangeError} when an option is not what it has to be, or there is nothing that the optimizer could change.
 *
 * @example A line through points
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { Dataset, ndarray, ops, parameters, sgd, train, trainStep } from "@gesso/gesso";
 *
 * const data = new Dataset({
 *   inputs: ndarray("float32", [4], [0, 1, 2, 3]),
 *   targets: ndarray("float32", [4], [1, 3, 5, 7]),
 * });
 * const line = parameters({
 *   slope: ndarray("float32", [], [0]),
 *   start: ndarray("float32", [], [0]),
 * }, { name: "line", optimizer: sgd(0.1) });
 * const step = trainStep(({ batch }) => {
 *   const { slope, start } = line.values;
 *   const loss = ops.square(ops.sub(ops.add(ops.mul(batch.inputs, slope), start), batch.targets));
 *   return { minimize: [[loss, line]], metrics: { loss } };
 * });
 * await train(step, data, { epochs: 200, batchSize: 4, device: "cpu" });
 * assertAlmostEquals(line.weights.get("slope")!.data[0], 2, 1e-2);
 * ```
 */
export function parameters(
  source: Model | Readonly<Record<string, NdArray>>,
  options: ParametersOptions = {},
): Parameters {
  return new Parameters(source, options);
}
