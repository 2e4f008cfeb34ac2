/** A model's computation: its layers in their order, each on what it takes. */
import { formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import { Tensor } from "../../engine/tensor.ts";
import { halfGradient, keepHalf } from "../../ops/elementwise/keep_half.ts";
import type { RandomSource } from "../../ops/random/random.ts";
import type { Model } from "../model.ts";
import type { ModelResult } from "./model_result.ts";
import type { Precision } from "../precision.ts";
import { checkCarry, HandedOn } from "./carry.ts";
import type { ModelInput, PlacedLayer, Source } from "./model_graph.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** How a model is applied. */
export interface GraphContext {
  readonly training: boolean;
  readonly random: RandomSource;
  readonly precision: Precision;
  /** Which examples count, float32 `[batch]`. */
  readonly counts: Tensor | undefined;
  /** What was handed on to this piece of the sequences. */
  readonly carry: Tensors | undefined;
  /** Gets the result of each layer. */
  readonly watch: ((layer: string, result: Tensor) => void) | undefined;
}

/** Adds a model's computation to a program that is being traced. */
export function applyGraph(
  model: Model,
  x: Tensor | Tensors,
  weights: Tensors,
  context: GraphContext,
): ModelResult {
  const { carry, counts } = context;
  const inputs = checkInputs(model, x, carry !== undefined);
  checkWeights(model, weights);
  checkCounts(model.name, counts, Object.values(inputs)[0].shape[0]);
  const handedOn = carry && new HandedOn(model.carry, carry);
  if (carry) checkCarry(model.name, model.carry, carry, Object.values(inputs)[0].shape[0]);
  const updates: Record<string, Tensor> = {};
  const results = new Map<string, Tensor>();
  const further = new Map<string, Tensors>();
  const at = (source: Source) => {
    if ("input" in source) return inputs[source.input];
    return source.result === undefined
      ? results.get(source.layer)!
      : further.get(source.layer)![source.result];
  };
  for (const placed of model.layers) {
    const more: Record<string, Tensor> = {};
    const result = applyLayer(placed, placed.from.map(at), weights, updates, more, handedOn, context);
    further.set(placed.name, more);
    context.watch?.(placed.name, result);
    results.set(placed.name, result.named(placed.name));
  }
  const outputs = Object.fromEntries(
    Object.entries(model.graph.outputs).map(([name, { from }]) => [name, at(from)]),
  );
  return { output: Object.values(outputs)[0], outputs, updates, carry: handedOn?.values ?? {} };
}

/** What a layer gives; statistics that it updates are put into `updates`, what it gives beside into `more`. */
function applyLayer(
  placed: PlacedLayer,
  given: readonly Tensor[],
  weights: Tensors,
  updates: Record<string, Tensor>,
  more: Record<string, Tensor>,
  handedOn: HandedOn | undefined,
  { training, random, precision, counts }: GraphContext,
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
  const batch = given[0].shape[0];
  const outputShape = handedOn ? shapeOfPiece(placed, given) : placed.outputShape;
  const result = placed.layer.apply(inputs[0], {
    training,
    random,
    inputs,
    counts,
    weights: own,
    update,
    product,
    carry: handedOn?.to(placed),
    handOn: (name, value) => handedOn?.take(placed, name, value, batch),
    give: (name, value) => {
      checkResult(placed, name, value, batch);
      more[name] = value;
    },
  });
  handedOn?.check(placed);
  const missing = Object.keys(placed.results).find((name) => !Object.hasOwn(more, name));
  if (missing !== undefined) {
    throw new RangeError(`Cannot apply layer "${placed.name}": it has not given its result "${missing}"`);
  }
  // People write layers, too.
  const isTensor = result instanceof Tensor;
  if (isTensor && result.dtype === "float32" && sameShape(result.shape, [batch, ...outputShape])) {
    return result;
  }
  const attempt = `Cannot apply layer "${placed.name}" to ${
    given.map((x) => formatShape(x.shape)).join(" and ")
  }`;
  if (isTensor && result.dtype === "float32") {
    throw new RangeError(
      `${attempt}: its outputShape promises ${batchOf(outputShape)}, it gave ${formatShape(result.shape)}`,
    );
  }
  throw new TypeError(
    `${attempt}: layers give a float32 tensor, it gave ${
      isTensor ? `${result.dtype} ${formatShape(result.shape)}` : String(result)
    }`,
  );
}

/** What comes out for a piece of a sequence, which may have another length than those that the model was made for. */
function shapeOfPiece({ layer, name, inputShape, weights }: PlacedLayer, given: readonly Tensor[]): Shape {
  const [first, ...others] = given.map((x) => x.shape.slice(1));
  const outputShape = layer.outputShape(first, ...others);
  if (layer.carry || sameShape(first, inputShape)) return outputShape;
  const odd = layer.weights(first, ...others).find(({ shape }, i) => !sameShape(shape, weights[i].shape));
  if (!odd) return outputShape;
  throw new RangeError(
    `Cannot apply layer "${name}" to ${
      formatShape(given[0].shape)
    }: its weight "${odd.name}" would have to be ${
      formatShape(odd.shape)
    }, and depends on the length that the model was made for, of ${batchOf(inputShape)}`,
  );
}

const batchOf = (shape: readonly number[]): string => `[${["batch", ...shape].join(", ")}]`;

const shownInput = ({ shape, dtype }: ModelInput): string =>
  `${dtype === "float32" ? "" : `${dtype} `}${batchOf(shape)}`;

/** A batch of each input, once it is sure that all are there. */
function checkInputs({ name: model, inputs }: Model, x: Tensor | Tensors, isPiece: boolean): Tensors {
  const names = Object.keys(inputs);
  if (x instanceof Tensor && names.length === 1) {
    checkInput(`apply ${model}`, "it", inputs[names[0]], x, isPiece);
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
  for (const name of names) {
    checkInput(`apply ${model}`, `its input "${name}"`, inputs[name], given[name], isPiece);
  }
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

/** @param isPiece Whether sequences, the first axis of an example, may be of any length. */
function checkInput(
  attempt: string,
  what: string,
  input: ModelInput,
  { dtype, shape }: Tensor,
  isPiece: boolean,
): void {
  const wanted = isPiece && shape.length > 1 ? [shape[1], ...input.shape.slice(1)] : input.shape;
  const isAsLong = shape.length === input.shape.length + 1;
  if (dtype === input.dtype && isAsLong && sameShape(shape.slice(1), wanted)) return;
  const received = `${dtype === "float32" ? "" : `${dtype} `}${formatShape(shape)}`;
  throw new RangeError(`Cannot ${attempt} to ${received}: ${what} takes ${shownInput(input)}`);
}

function checkCounts(model: string, counts: Tensor | undefined, batch: number): void {
  if (!counts || counts.dtype === "float32" && sameShape(counts.shape, [batch])) return;
  throw new RangeError(
    `Cannot apply ${model} with counts ${counts.dtype} ${
      formatShape(counts.shape)
    }: for a batch of ${batch} they are ` +
      `float32 [${batch}]`,
  );
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

/** Throws unless a layer says that it gives such a result. */
function checkResult(placed: PlacedLayer, name: string, { dtype, shape }: Tensor, batch: number): void {
  const wanted = Object.hasOwn(placed.results, name) ? placed.results[name] : undefined;
  if (wanted && dtype === "float32" && sameShape(shape, [batch, ...wanted])) return;
  throw new RangeError(
    `Cannot give result "${name}" of layer "${placed.name}" as ${dtype} ${formatShape(shape)}: ` +
      (wanted ? `it is float32 ${batchOf(wanted)}` : "its results have no such name"),
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
