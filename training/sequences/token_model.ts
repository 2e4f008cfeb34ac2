/** Models that say of each token of a sequence what comes next. */
import type { NdArray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Model } from "../../models/model.ts";
import { badWeight } from "../not_finite/bad_example.ts";
import { NotFiniteError } from "../not_finite/not_finite_error.ts";
import { ParameterBlocks } from "../step/parameter_blocks.ts";
import { parameters } from "../step/parameters.ts";

/** The number of tokens of a model that reads `[length]` whole numbers and gives `[length, tokens]` logits, piece by piece. */
export function tokenCount(attempt: string, model: Model): number {
  const [inputs, outputs] = [Object.values(model.inputs), Object.values(model.outputs)];
  const [read, given] = [inputs[0], outputs[0]];
  const fits = inputs.length === 1 && read.dtype === "int32" && read.shape.length === 1 &&
    given.length === 2 && given[0] === read.shape[0];
  if (!fits) {
    const shown = inputs.map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`).join(" and ");
    throw new RangeError(
      `Cannot ${attempt} with ${model.name}: it takes a model from int32 [length] to [length, tokens], and this one is from ` +
        `${shown} to [${given.join(", ")}]`,
    );
  }
  try {
    void model.carry;
  } catch (cause) {
    throw new RangeError(`Cannot ${attempt} with ${model.name}: ${(cause as Error).message}`, { cause });
  }
  return given[1];
}

/** Throws where a model cannot go through so many tokens: with learned positions there is an end, and no number comes of no numbers. */
export function checkTokens(attempt: string, model: Model, count: number): void {
  for (const [name, { places = Infinity }] of Object.entries(model.carry)) {
    if (count <= places) continue;
    const layer = name.slice(0, name.lastIndexOf("/"));
    throw new RangeError(
      `Cannot ${attempt} with ${model.name}: it would go through ${count} tokens, and its layer "${layer}" has learned ` +
        `positions for ${places}; ask for fewer`,
    );
  }
  const bad = badWeight(model.name, model.weights);
  if (bad !== undefined) throw new NotFiniteError(`Cannot ${attempt} with ${model.name}: ${bad}`);
}

/** A model on a device, and what it carries from one piece of its sequences to the next. */
export class TokenModel {
  readonly #model: Model;
  readonly #blocks: ParameterBlocks;
  /** Weights, carries by their names behind {@linkcode carried}, and what else is given. */
  readonly state: State;

  /** `streams` sequences at a time; `more` is state beside. */
  constructor(model: Model, device: Device, streams: number, more: Readonly<Record<string, NdArray>> = {}) {
    this.#model = model;
    this.#blocks = new ParameterBlocks(parameters(model), device);
    const first = Object.entries(model.firstCarry(streams)).map(([name, value]) => [carried(name), value]);
    this.state = new State(device, { ...this.#blocks.values(), ...Object.fromEntries(first), ...more });
  }

  /** The names of what is carried. */
  get carries(): string[] {
    return Object.keys(this.#model.carry).map(carried);
  }

  /**
   * Logits `[streams, length, tokens]` of a piece `[streams, length]`, and what is carried behind it.
   *
   * @param state The state, as a program traces it.
   * @param carry What is carried before the piece, by its names in the state.
   */
  apply(state: Tensors, tokens: Tensor, carry: Tensors): { logits: Tensor; carry: Tensors } {
    const weights = this.#blocks.tensors(state, "weights").all;
    const own = Object.fromEntries(
      Object.keys(this.#model.carry).map((name) => [name, carry[carried(name)]]),
    );
    const result = this.#model.apply(tokens, weights, { carry: own });
    const next = Object.entries(result.carry).map(([name, value]) => [carried(name), value]);
    return { logits: result.output, carry: Object.fromEntries(next) };
  }

  /** What is carried, of all state. */
  carryOf(state: Tensors): Tensors {
    return Object.fromEntries(this.carries.map((name) => [name, state[name]]));
  }

  /** Gives its memory back. */
  close(): void {
    this.state.close();
  }
}

type Tensors = Readonly<Record<string, Tensor>>;

const carried = (name: string) => `carry/${name}`;
