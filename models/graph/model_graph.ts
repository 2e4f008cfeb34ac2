/** The layers of a model in an order in which they can be computed, with their names, and where each takes its inputs from. */
import { formatShape, type Shape } from "../../engine/shape.ts";
import type { Layer, WeightSpec } from "../layer.ts";
import type { Model } from "../model.ts";
import type { LayerInput } from "./check_place.ts";
import { LayerNames } from "./layer_names.ts";
import type { Place, SymbolicTensor } from "./symbolic_tensor.ts";

/** Where a value comes from: an input of the model, or a layer; `result` names what the layer gives beside its own result. */
export type Source = { readonly input: string } | { readonly layer: string; readonly result?: string };

/** A layer at its place in a model. */
export interface PlacedLayer {
  /** The layer. */
  readonly layer: Layer;
  /** Its name in the model. */
  readonly name: string;
  /** The name of the layer whose weights it uses: its own, unless its layer has an earlier place. */
  readonly owner: string;
  /** Where its inputs come from, in their order. */
  readonly from: readonly Source[];
  /** The shape of its first input, without the batch axis. */
  readonly inputShape: Shape;
  /** What comes out, without the batch axis. */
  readonly outputShape: Shape;
  /** What comes out beside that, by name. */
  readonly results: Readonly<Record<string, Shape>>;
  /** Its weights. */
  readonly weights: readonly WeightSpec[];
  /** The model that it was placed with and shares its weights with, and the owner of the weights there. */
  readonly origin?: { readonly model: Model; readonly owner: string };
}

/** An input of a model, without the batch axis. */
export type ModelInput = LayerInput;

/** What a model gives under a name. */
export interface ModelOutput {
  /** Where it comes from. */
  readonly from: Source;
  /** Its shape, without the batch axis. */
  readonly shape: Shape;
}

/** A model but for its weights. */
export interface ModelGraph {
  /** Its inputs by name. */
  readonly inputs: Readonly<Record<string, ModelInput>>;
  /** Its layers; each behind all that it takes inputs from. */
  readonly layers: readonly PlacedLayer[];
  /** Its outputs by name. */
  readonly outputs: Readonly<Record<string, ModelOutput>>;
}

/** All that values are made from, each once, in the order in which it was made. */
export function neededFor(outputs: readonly SymbolicTensor[]): SymbolicTensor[] {
  const found = new Set(outputs);
  // A set gives what is added while one goes through it, too.
  for (const value of found) value.place?.inputs.forEach((x) => found.add(x));
  return [...found].sort((a, b) => a.id - b.id);
}

/** Throws unless a layer needs the same weights at a second place. */
function checkShared(name: string, first: PlacedLayer, place: Place): void {
  const shapes = ({ weights }: { weights: readonly WeightSpec[] }) =>
    weights.map((w) => `${w.name} ${formatShape(w.shape)}`).join(", ");
  const [there, here] = [shapes(first), shapes(place)];
  if (there === here) return;
  throw new RangeError(
    `Cannot place ${name} behind ${place.inputs.map((x) => formatShape(x.shape)).join(" and ")}: ` +
      `it shares the weights of ${first.name}, which are ${there}, and would need ${here}`,
  );
}

/**
 * The graph between inputs and outputs.
 *
 * @throws {RangeError} when an input is missing or is not used, or two layers have one name.
 */
export function modelGraph(
  inputs: ReadonlyMap<string, SymbolicTensor>,
  outputs: ReadonlyMap<string, SymbolicTensor>,
): ModelGraph {
  const sources = new Map<SymbolicTensor, Source>();
  for (const [name, value] of inputs) {
    if (value.place) {
      throw new RangeError(
        `Cannot make a model with input "${name}": it is what ${value.place.layer.type} gives, inputs are made by input`,
      );
    }
    if (sources.has(value)) {
      throw new RangeError(`Cannot make a model with input "${name}": it is there twice`);
    }
    sources.set(value, { input: name });
  }
  const needed = neededFor([...outputs.values()]);
  const names = new LayerNames();
  const first = new Map<Layer, PlacedLayer>();
  const layers: PlacedLayer[] = [];
  const placedAs = new Map<Place, string>();
  for (const value of needed) {
    const { place } = value;
    if (!place) {
      if (sources.has(value)) continue;
      throw new RangeError(
        `Cannot make a model of the inputs ${
          [...inputs.keys()].join(", ")
        }: its outputs need "${value.name}" ${formatShape(value.shape)}, too`,
      );
    }
    const known = placedAs.get(place);
    if (known !== undefined) {
      sources.set(value, sourceOf(value, known));
      continue;
    }
    const { layer, inputs: taken, origin } = place;
    const earlier = first.get(layer);
    const name = names.next(place, earlier?.name);
    if (earlier) checkShared(name, earlier, place);
    const placed = {
      layer,
      name,
      owner: earlier?.name ?? name,
      from: taken.map((x) => sources.get(x)!),
      inputShape: taken[0].shape,
      outputShape: place.outputShape,
      results: place.results,
      weights: place.weights,
      origin,
    };
    if (!earlier) first.set(layer, placed);
    layers.push(placed);
    placedAs.set(place, name);
    sources.set(value, sourceOf(value, name));
  }
  const isNeeded = new Set(needed);
  for (const [name, value] of inputs) {
    if (isNeeded.has(value)) continue;
    throw new RangeError(`Cannot make a model with input "${name}": none of its outputs needs it`);
  }
  return {
    inputs: Object.fromEntries([...inputs].map(([name, { shape, dtype }]) => [name, { shape, dtype }])),
    layers,
    outputs: Object.fromEntries(
      [...outputs].map(([name, value]) => [name, { from: sources.get(value)!, shape: value.shape }]),
    ),
  };
}

const sourceOf = ({ resultName }: SymbolicTensor, layer: string): Source =>
  resultName === undefined ? { layer } : { layer, result: resultName };

/** Whether layers follow one another, from the only input to the only output. */
export function isChain({ inputs, layers, outputs }: ModelGraph): boolean {
  const [input, output] = [Object.keys(inputs), Object.values(outputs)];
  if (input.length !== 1 || output.length !== 1) return false;
  let last: Source = { input: input[0] };
  for (const { name, from } of layers) {
    if (from.length !== 1 || !sameSource(from[0], last)) return false;
    last = { layer: name };
  }
  return sameSource(output[0].from, last);
}

const sameSource = (a: Source, b: Source): boolean =>
  sourceName(a) === sourceName(b) && "input" in a === "input" in b;

/** The name of an input or a layer, or of what a layer gives beside its result: `lstm_1/c`. */
export const sourceName = (source: Source): string =>
  "input" in source
    ? source.input
    : source.result === undefined
    ? source.layer
    : `${source.layer}/${source.result}`;
