/** What models hand on from one piece of a sequence to the next: all that their layers do, by full names. */
import { formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import { Tensor } from "../../engine/tensor.ts";
import type { CarrySpec, InputDType } from "../layer.ts";
import type { Model } from "../model.ts";
import type { PlacedLayer, Source } from "./model_graph.ts";

/** What a model hands on, by full names such as `gru_1/h`. */
export type ModelCarry = Readonly<Record<string, CarrySpec & { readonly dtype: InputDType }>>;

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * What a model hands on.
 *
 * @throws {RangeError} when a layer has to see whole sequences.
 */
export function carryOf(model: Pick<Model, "name" | "graph">): ModelCarry {
  const { inputs, layers } = model.graph;
  const shapes = new Map(layers.map(({ name, outputShape }) => [name, outputShape]));
  const at = (source: Source) => "input" in source ? inputs[source.input].shape : shapes.get(source.layer)!;
  const specs: Record<string, CarrySpec & { dtype: InputDType }> = {};
  for (const placed of layers) {
    for (const [name, spec] of Object.entries(layerCarry(model.name, placed, placed.from.map(at)))) {
      specs[`${placed.name}/${name}`] = { ...spec, dtype: spec.dtype ?? "float32" };
    }
  }
  return specs;
}

function layerCarry(model: string, { layer, name }: PlacedLayer, shapes: readonly Shape[]) {
  try {
    const [first, ...others] = shapes;
    return layer.carry?.(first, ...others) ?? {};
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(
      `Cannot go through sequences piece by piece with ${model}: layer "${name}" (${layer.type}) needs the whole, as ${reason}`,
      { cause },
    );
  }
}

const describe = (dtype: string, shape: Shape, batch: number | string): string =>
  `${dtype === "float32" ? "" : `${dtype} `}[${[batch, ...shape].join(", ")}]`;

/** Throws unless all that a model hands on is there for each example of a batch. */
export function checkCarry(model: string, specs: ModelCarry, carry: Tensors, batch: number): void {
  for (const [name, { dtype, shape }] of Object.entries(specs)) {
    const given = carry[name];
    if (given instanceof Tensor && given.dtype === dtype && sameShape(given.shape, [batch, ...shape])) {
      continue;
    }
    throw new RangeError(
      `Cannot apply ${model} with carry "${name}": for a batch of ${batch} it is ${
        describe(dtype, shape, batch)
      }, received ` +
        (given instanceof Tensor ? `${given.dtype} ${formatShape(given.shape)}` : String(given)),
    );
  }
}

/** Takes what the layers of a model hand on. */
export class HandedOn {
  readonly #specs: ModelCarry;
  readonly #given: Tensors;
  /** By full names. */
  readonly values: Record<string, Tensor> = {};

  /** @param given What was handed on to the piece at hand. */
  constructor(specs: ModelCarry, given: Tensors) {
    this.#specs = specs;
    this.#given = given;
  }

  /** The names of what a layer hands on. */
  #namesOf({ name: layer }: PlacedLayer): string[] {
    const start = layer.length + 1;
    return Object.keys(this.#specs).filter((name) =>
      name.startsWith(`${layer}/`) && !name.includes("/", start)
    )
      .map((name) => name.slice(start));
  }

  /** What was handed on to a layer. */
  to(placed: PlacedLayer): Tensors {
    return Object.fromEntries(
      this.#namesOf(placed).map((name) => [name, this.#given[`${placed.name}/${name}`]]),
    );
  }

  /** Takes a value of a layer. */
  take({ name: layer }: PlacedLayer, name: string, value: Tensor, batch: number): void {
    const full = `${layer}/${name}`;
    const spec = this.#specs[full];
    if (spec && value.dtype === spec.dtype && sameShape(value.shape, [batch, ...spec.shape])) {
      this.values[full] = value;
      return;
    }
    throw new RangeError(
      `Cannot hand on "${name}" of layer "${layer}" as ${value.dtype} ${formatShape(value.shape)}: ` +
        (spec ? `it is ${describe(spec.dtype, spec.shape, batch)}` : "its carry has no such name"),
    );
  }

  /** Throws unless a layer has handed on all that it has to. */
  check(placed: PlacedLayer): void {
    const missing = this.#namesOf(placed).find((name) =>
      !Object.hasOwn(this.values, `${placed.name}/${name}`)
    );
    if (missing === undefined) return;
    throw new RangeError(
      `Cannot apply layer "${placed.name}" to a piece of a sequence: it has not handed on "${missing}"`,
    );
  }
}
