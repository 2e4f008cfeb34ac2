/** A model's computation: its layers in their order, each on what it takes. */
import { formatShape, sameShape } from "../../engine/shape.ts";
import { Tensor } from "../../engine/tensor.ts";
import { halfGradient, keepHalf } from "../../ops/elementwise/keep_half.ts";
import type { RandomSource } from "../../ops/random/random.ts";
import type { Model, ModelResult } from "../model.ts";
import type { Precision } from "../precision.ts";
import type { ModelInput, PlacedLayer, Source } from "./model_graph.ts";

/** How a model is applied. */
export interface GraphContext {
  readonly training: boolean;
  readonly random: RandomSource;
  readonly precision: Precision;
  /** Gets the result of each layer. */
  readonly watch: ((layer: string, result: Tensor) => void) | undefined;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** Adds a model's computation to a program that is being traced. */
export function applyGraph(
  model: Model,
  x: Tensor | Tensors,
  weights: Tensors,
  context: GraphContext,
): ModelResult {
  const inputs = checkInputs(model, x);
  checkWeights(model, weights);
  const updates: Record<string, Tensor> = {};
  const results = new Map<string, Tensor>();
  const at = (source: Source) => "input" in source ? inputs[source.input] : results.get(source.layer)!;
  for (const placed of model.layers) {
    const result = applyLayer(placed, placed.from.map(at), weights, updates, context);
    context.watch?.(placed.name, result);
    results.set(placed.name, result.named(placed.name));
  }
  const outputs = Object.fromEntries(
    Object.entries(model.graph.outputs).map(([name, { from }]) => [name, at(from)]),
  );
  return { output: Object.values(outputs)[0], outputs, updates };
}

/** What a layer gives; statistics that it updates are put into `updates`. */
function applyLayer(
  placed: PlacedLayer,
  given: readonly Tensor[],
  weights: Tensors,
  updates: Record<string, Tensor>,
  { training, random, precision }: GraphContext,
): Tensor {
  const { owner } = placed;
  // A layer with several places moves its statistics at each of them in turn.
  const own = Object.fromEntries(
    placed.weights.map(({ name }) => [name, updates[`${owner}/${name}`] ?? weights[`${owner}/${name}`]]),
  );
  const update = (name: string, value: Tensor) => {
    checkUpdate(placed, name, value);
    updates[`${owner}/${name}`] = value;
  };
  const isProduct = precision === "mixed" && placed.weights.some((w) => w.shape.length > 1);
  const product = isProduct ? halfGradient : (z: Tensor) => z;
  const inputs = isProduct ? given.map((x) => x.dtype === "float32" ? keepHalf(x) : x) : given;
  const result = placed.layer.apply(inputs[0], { training, random, inputs, weights: own, update, product });
  // People write layers, too.
  const isTensor = result instanceof Tensor;
  const batch = given[0].shape[0];
  if (isTensor && result.dtype === "float32" && sameShape(result.shape, [batch, ...placed.outputShape])) {
    return result;
  }
  const attempt = `Cannot apply layer "${placed.name}" to ${
    given.map((x) => formatShape(x.shape)).join(" and ")
  }`;
  if (isTensor && result.dtype === "float32") {
    throw new RangeError(
      `${attempt}: its outputShape promises ${batchOf(placed.outputShape)}, it gave ${
        formatShape(result.shape)
      }`,
    );
  }
  throw new TypeError(
    `${attempt}: layers give a float32 tensor, it gave ${
      isTensor ? `${result.dtype} ${formatShape(result.shape)}` : String(result)
    }`,
  );
}

const batchOf = (shape: readonly number[]): string => `[${["batch", ...shape].join(", ")}]`;

const shownInput = ({ shape, dtype }: ModelInput): string =>
  `${dtype === "float32" ? "" : `${dtype} `}${batchOf(shape)}`;

/** A batch of each input, once it is sure that all are there. */
function checkInputs({ name: model, inputs }: Model, x: Tensor | Tensors): Tensors {
  const names = Object.keys(inputs);
  if (x instanceof Tensor && names.length === 1) {
    checkInput(`apply ${model}`, "it", inputs[names[0]], x);
    return { [names[0]]: x };
  }
  const given = x instanceof Tensor ? undefined : x;
  const missing = names.find((name) =>
    !(given && Object.hasOwn(given, name) && given[name] instanceof Tensor)
  );
  if (missing !== undefined || !given) {
    const received = given
      ? Object.keys(given).join(", ") || "none"
      : `one tensor ${formatShape(x.shape as number[])}`;
    const takes = names.map((name) => `${name} ${shownInput(inputs[name])}`).join(", ");
    throw new RangeError(
      `Cannot apply ${model} without input "${missing}": it takes ${takes}, received ${received}`,
    );
  }
  for (const name of names) checkInput(`apply ${model}`, `its input "${name}"`, inputs[name], given[name]);
  const [first, ...others] = names.map((name) => given[name].shape[0]);
  if (others.some((batch) => batch !== first)) {
    throw new RangeError(
      `Cannot apply ${model} to batches of ${[first, ...others].join(", ")} examples: its inputs ${
        names.join(", ")
      } take as many each`,
    );
  }
  return given;
}

function checkInput(attempt: string, what: string, input: ModelInput, { dtype, shape }: Tensor): void {
  if (dtype === input.dtype && shape.length > 0 && sameShape(shape.slice(1), input.shape)) return;
  const received = `${dtype === "float32" ? "" : `${dtype} `}${formatShape(shape)}`;
  throw new RangeError(`Cannot ${attempt} to ${received}: ${what} takes ${shownInput(input)}`);
}

/** Throws unless all weights are there, in their shapes. */
function checkWeights(model: Model, weights: Tensors): void {
  for (const { name, spec } of model.weightSpecs) {
    const given = weights[name];
    if (given instanceof Tensor && sameShape(given.shape, spec.shape)) continue;
    throw new RangeError(
      `Cannot apply ${model.name} with weight "${name}": it takes a tensor ${
        formatShape(spec.shape)
      }, received ` +
        (given instanceof Tensor ? formatShape(given.shape) : String(given)),
    );
  }
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
