/** h' = (1 - z) h + z n, with a gate z and a candidate n of x alone */
import { givenOptions, optional, readOptions } from "../../../engine/options.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import {
  add,
  equal,
  iota,
  matmul,
  mul,
  recurrence,
  reshape,
  sub,
  type Tensors,
  where,
} from "../../../ops/mod.ts";
import { activate, activationKind, type ActivationName } from "../core/activation.ts";
import { gateOf, gateWeights } from "./recurrent_cell.ts";
import {
  type RecurrentLayer,
  recurrentLayer,
  type RecurrentLayerOptions,
  recurrentOptions,
} from "./recurrent_layer.ts";

/** Options of {@linkcode minGru}. */
export interface MinGruOptions
  extends Omit<RecurrentLayerOptions, "recurrentInitializer" | "recurrentDropout"> {
  /** What the candidate goes through; `"linear"`, nothing, when left out. */
  readonly activation?: ActivationName;
  /** What the gate goes through; `"sigmoid"` when left out. */
  readonly recurrentActivation?: ActivationName;
}

/**
 * A layer of the least gated recurrent units: sequences `[length, channels]` to the last state `[units]`, or to all of them
 * `[length, units]`. Gate and candidate are of what comes in alone, `h' = (1 - z) h + z n`, so all is done for all places at once: that
 * one line is a {@linkcode recurrence}. A single such layer remembers little of order: stack several. Its
 * weights are `kernel` `[channels, 2 units]` and `bias` `[2 units]`, in the order update, candidate; those of a second one that
 * goes backwards are `backwardKernel` and so on. Source: https://arxiv.org/abs/2410.01201
 *
 * @throws {RangeError} when `units` is no whole number from 1.
 * @throws {TypeError} when there is no such activation, direction or initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([
 *   layers.minGru({ units: 64, returnSequences: true }),
 *   layers.minGru({ units: 64, returnSequences: true }),
 * ], { inputShape: [100, 8] });
 * assertEquals(model.parameterCount, (8 + 1) * 128 + (64 + 1) * 128);
 * ```
 */
export function minGru(options: MinGruOptions): RecurrentLayer {
  const { recurrentInitializer: _, recurrentDropout: __, ...kinds } = recurrentOptions;
  const read = readOptions("make minGru", options, {
    ...kinds,
    activation: optional(activationKind, "linear"),
    recurrentActivation: optional(activationKind, "sigmoid"),
  });
  const { units, activation, recurrentActivation } = read;
  const all = { ...read, recurrentInitializer: "zeros" as const, recurrentDropout: 0 };
  const gatesOf = (x: Tensor, { kernel, bias }: Tensors) => {
    const product = matmul(x, kernel);
    const sum = bias ? add(product, bias) : product;
    return {
      update: activate(gateOf(sum, 0, units), recurrentActivation),
      candidate: activate(gateOf(sum, 1, units), activation),
    };
  };
  return recurrentLayer(
    "minGru",
    all,
    givenOptions({ ...options, name: undefined }),
    {
      states: ["h"],
      step: (x, { h }, weights) => {
        const { update, candidate } = gatesOf(x, weights);
        return { h: add(h, mul(update, sub(candidate, h))) };
      },
      all: (x, weights, { state, reverse, counts }) => {
        const [batch, length, channels] = x.shape;
        const rows = gatesOf(reshape(x, [batch * length, channels]), weights);
        const [gate, candidate] = [rows.update, rows.candidate].map((y) =>
          reshape(y, [batch, length, units])
        );
        // Places that do not count hand on what they get.
        const update = counts ? where(counts, gate, 0) : gate;
        const [kept, taken] = [sub(1, update), mul(update, candidate)];
        if (!state) return { h: recurrence(kept, taken, 1, { reverse }) };
        const isFirst = equal(reshape(iota(length), [length, 1]), reverse ? length - 1 : 0);
        const before = where(isFirst, mul(kept, reshape(state.h, [batch, 1, units])), 0);
        return { h: recurrence(kept, add(taken, before), 1, { reverse }) };
      },
    },
    (channels) =>
      gateWeights(channels, all, ["zeros", "zeros"]).filter(({ name }) => name !== "recurrentKernel"),
  );
}
