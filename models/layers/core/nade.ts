/** logits[i] = V[i] relu(W x + b + the sum over j < i of E[j, chosen[j]]) + c[i] */
import { text, whole } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions, required } from "../../../engine/options.ts";
import { formatShape, sameShape } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { add, dense, gather, relu, reshape, slice, stack } from "../../../ops/mod.ts";
import { type Initializer, initializerKind } from "../../initializers.ts";
import type { Layer } from "../../layer.ts";

/** Options of {@linkcode nade}. */
export interface NadeOptions {
  /** How many categories there are to choose from; choices are whole numbers from 0 up to but without this. */
  readonly categories: number;
  /** Hidden units that each choice is made from. */
  readonly units: number;
  /** How weights that are multiplied by begin; `"glorotUniform"` when left out. */
  readonly kernelInitializer?: Initializer;
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A layer that makes several choices one after the other, each knowing those before: the voices of a chord, from the highest to the
 * lowest. It takes what the choices depend on, float32 `[..., channels]`, and the choices themselves, int32 `[..., choices]`, and
 * gives the logits of each, `[..., choices, categories]`; those of a choice depend on the choices before it alone. So the sum of
 * their cross-entropies is the exact negative logarithm of the probability of all choices together, and choices are drawn in turn,
 * each from its logits with those before it in place, whatever stands in the others'. All hidden units are the same sum, with a term
 * more for each choice, as in NADE (https://arxiv.org/abs/1605.02226).
 *
 * Its weights are `kernel` `[channels, units]` and `bias` `[units]`; `chosen` `[choices * categories, units]`, a row for each category
 * of the first choice, then of the next; `outputKernel` `[units, choices * categories]` and `outputBias` `[choices * categories]`. A
 * choice that there is not gives NaN.
 *
 * @throws {RangeError} when `categories` or `units` are no whole numbers from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { graph, input, layers, merge } from "@gesso/gesso";
 *
 * const [state, voices] = [input([32]), input([4], { dtype: "int32" })];
 * const logits = merge(layers.nade({ categories: 129, units: 64 }), [state, voices]);
 * assertEquals(graph({ inputs: { state, voices }, outputs: logits }).outputShape, [4, 129]);
 * ```
 */
export function nade(options: NadeOptions): Layer {
  const { categories, units, kernelInitializer, name } = readOptions("make nade", options, {
    categories: required(whole(1)),
    units: required(whole(1)),
    kernelInitializer: optional(initializerKind, "glorotUniform"),
    name: optional(text),
  });
  return {
    type: "nade",
    name,
    config: givenOptions({ categories, units, kernelInitializer }),
    arity: 2,
    inputDType: ["float32", "int32"],
    outputShape: (input, choices) => {
      if (
        input.length === 0 || choices.length !== input.length ||
        !sameShape(input.slice(0, -1), choices.slice(0, -1))
      ) {
        throw new RangeError(
          `Cannot use nade on ${formatShape(input)} and ${
            formatShape(choices)
          }: it takes what choices depend on, ` +
            "[..., channels], and the choices, [..., choices]",
        );
      }
      return [...choices, categories];
    },
    weights: (input, choices) => {
      const [channels, count] = [input[input.length - 1], choices[choices.length - 1]];
      const wide = count * categories;
      const each = { blocks: Array.from({ length: count }, () => kernelInitializer) };
      return [
        { name: "kernel", shape: [channels, units], initializer: kernelInitializer, trainable: true },
        { name: "bias", shape: [units], initializer: "zeros", trainable: true },
        { name: "chosen", shape: [wide, units], initializer: { uniform: 0.05 }, trainable: true },
        { name: "outputKernel", shape: [units, wide], initializer: each, trainable: true },
        { name: "outputBias", shape: [wide], initializer: "zeros", trainable: true },
      ];
    },
    apply: (x, { inputs: [, choices], weights, product }) => {
      const { kernel, bias, chosen, outputKernel, outputBias } = weights;
      const rows = choices.shape.slice(0, -1);
      const count = choices.shape[rows.length];
      const logits: Tensor[] = [];
      let hidden = product(dense(x, kernel, bias));
      for (let i = 0; i < count; i++) {
        const own = slice(outputKernel, [0, i * categories], [units, categories]);
        logits.push(product(dense(relu(hidden), own, slice(outputBias, [i * categories], [categories]))));
        if (i === count - 1) break;
        const choice = reshape(slice(choices, [...rows.map(() => 0), i], [...rows, 1]), rows);
        hidden = add(hidden, gather(slice(chosen, [i * categories, 0], [categories, units]), choice));
      }
      return stack(logits, rows.length);
    },
  };
}
