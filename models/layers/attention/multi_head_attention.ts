/** Several heads that look at all tokens at once: y = concat(heads) W, each head softmax(q k^T / sqrt(width)) v */
import {
  above,
  either,
  flag,
  fraction,
  type Kind,
  objectThat,
  text,
  whole,
} from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions, required } from "../../../engine/options.ts";
import { formatShape, type Shape } from "../../../engine/shape.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import {
  dense,
  iota,
  less,
  reshape,
  rotaryEmbedding,
  type RotaryOptions,
  scaledDotProductAttention,
  transpose,
} from "../../../ops/mod.ts";
import { type Initializer, initializerKind } from "../../initializers.ts";
import type { CarrySpec, InputDType, Layer, WeightSpec } from "../../layer.ts";
import { checkAxes } from "../core/check_layer.ts";
import { attendWithCache } from "./attention_cache.ts";

/** Options of {@linkcode multiHeadAttention}. */
export interface MultiHeadAttentionOptions {
  /** How many heads there are. */
  readonly heads: number;
  /** Over how many heads of keys and values those of queries are spread; as many as `heads` when left out. */
  readonly keyHeads?: number;
  /** The width of a head; that of the input over `heads` when left out. */
  readonly headWidth?: number;
  /** The width of the result; that of the input when left out. */
  readonly units?: number;
  /** Whether a token sees itself and those before it only; false when left out. */
  readonly causal?: boolean;
  /** Whether queries and keys are turned by their positions, and how; false when left out. */
  readonly rotary?: boolean | Pick<RotaryOptions, "base" | "interleaved">;
  /** Whether keys and values are of a second input, `[keys, width]`, and not of the first one; false when left out. */
  readonly context?: boolean;
  /** Whether there is one more input, int32 `[]`: how many keys of each example count. False when left out. */
  readonly lengths?: boolean;
  /** Which part of the weights that tokens have for one another is set to zero at random while training; 0 when left out. */
  readonly dropout?: number;
  /** Whether there are biases; true when left out. */
  readonly useBias?: boolean;
  /** How weights begin; `"glorotUniform"` when left out. */
  readonly kernelInitializer?: Initializer;
  /** The layer's name in the model. */
  readonly name?: string;
}

const rotaryOptions = { base: optional(above(0)), interleaved: optional(flag) };

const rotaryKind: Kind<boolean | Pick<RotaryOptions, "base" | "interleaved">> = {
  says: "true, false, or an object with base and interleaved",
  read: either(flag, objectThat<Pick<RotaryOptions, "base" | "interleaved">>("")).read,
};

/** `[batch, tokens, heads * width]` as `[batch, heads, tokens, width]`. */
const intoHeads = (x: Tensor, heads: number): Tensor =>
  transpose(reshape(x, [x.shape[0], x.shape[1], heads, x.shape[2] / heads]), [0, 2, 1, 3]);

/**
 * A layer of attention with several heads: tokens `[tokens, width]` to `[tokens, units]`, each a mean of what all tokens
 * (or those of a second input, with `context`) hold for it. Its weights are `queryKernel` `[width, heads * headWidth]`,
 * `keyKernel` and `valueKernel` `[context width, keyHeads * headWidth]`, `outputKernel` `[heads * headWidth, units]`, and
 * `queryBias`, `keyBias`, `valueBias` and `outputBias`. Source: https://arxiv.org/abs/1706.03762
 *
 * With `causal`, a sequence may come piece by piece: keys and values of as many tokens as the layer was made for are handed
 * on. A sequence may be longer; each token then sees that many, itself included.
 *
 * @throws {RangeError} when `heads` does not divide by `keyHeads`, or the width by `heads`.
 * @throws {TypeError} when there is no such initializer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.multiHeadAttention({ heads: 4, causal: true, rotary: true })], { inputShape: [128, 64] });
 * assertEquals([model.outputShape, model.parameterCount], [[128, 64], 4 * (64 * 64 + 64)]);
 * ```
 */
export function multiHeadAttention(options: MultiHeadAttentionOptions): Layer {
  const read = readOptions("make multiHeadAttention", options, {
    heads: required(whole(1)),
    keyHeads: optional(whole(1)),
    headWidth: optional(whole(1)),
    units: optional(whole(1)),
    causal: optional(flag, false),
    rotary: optional(rotaryKind, false),
    context: optional(flag, false),
    lengths: optional(flag, false),
    dropout: optional(fraction, 0),
    useBias: optional(flag, true),
    kernelInitializer: optional(initializerKind, "glorotUniform"),
    name: optional(text),
  });
  const { heads, keyHeads = heads, causal, context, lengths, dropout, useBias, kernelInitializer, name } =
    read;
  const rotary = typeof read.rotary === "object"
    ? readOptions("make multiHeadAttention with rotary", read.rotary, rotaryOptions)
    : read.rotary && {};
  if (heads % keyHeads !== 0) {
    throw new RangeError(
      `Cannot make multiHeadAttention with ${heads} heads and ${keyHeads} keyHeads: heads do not divide evenly`,
    );
  }
  const inputDType: InputDType[] = [
    "float32",
    ...context ? ["float32"] as const : [],
    ...lengths ? ["int32"] as const : [],
  ];
  const shapesOf = (inputs: readonly Shape[]) => {
    const [tokens, from] = [inputs[0], context ? inputs[1] : inputs[0]];
    for (const shape of [tokens, from]) checkAxes("multiHeadAttention", shape, 2, "tokens [tokens, width]");
    if (lengths) checkAxes("multiHeadAttention with lengths", inputs.at(-1)!, 0, "one number each, []");
    const headWidth = read.headWidth ?? tokens[1] / heads;
    if (!Number.isInteger(headWidth)) {
      throw new RangeError(
        `Cannot use multiHeadAttention on ${formatShape(tokens)}: ${
          tokens[1]
        } do not divide into ${heads} heads; ` +
          "headWidth says how wide each is",
      );
    }
    if (rotary && headWidth % 2 !== 0) {
      throw new RangeError(
        `Cannot use multiHeadAttention with rotary on ${
          formatShape(tokens)
        }: each head is ${headWidth} wide, and numbers ` +
          "are turned in pairs",
      );
    }
    return { tokens, from, headWidth, units: read.units ?? tokens[1] };
  };
  return {
    type: "multiHeadAttention",
    name,
    config: givenOptions({ ...options, name: undefined }),
    arity: inputDType.length,
    inputDType,
    outputShape: (...inputs) => {
      const { tokens, units } = shapesOf(inputs);
      return [tokens[0], units];
    },
    weights: (...inputs) => {
      const { tokens, from, headWidth, units } = shapesOf(inputs);
      const pair = (of: string, shape: [number, number]): WeightSpec[] => [
        { name: `${of}Kernel`, shape, initializer: kernelInitializer, trainable: true },
        ...useBias
          ? [{ name: `${of}Bias`, shape: [shape[1]], initializer: "zeros", trainable: true } as const]
          : [],
      ];
      return [
        ...pair("query", [tokens[1], heads * headWidth]),
        ...pair("key", [from[1], keyHeads * headWidth]),
        ...pair("value", [from[1], keyHeads * headWidth]),
        ...pair("output", [heads * headWidth, units]),
      ];
    },
    carry: (...inputs): Record<string, CarrySpec> => {
      if (context && !causal) return {};
      if (!causal || context || lengths) {
        throw new RangeError(
          causal
            ? `with ${context ? "context" : "lengths"} it has no keys that could be handed on`
            : "without causal, tokens see those that come later",
        );
      }
      const { tokens, headWidth } = shapesOf(inputs);
      const shape = [keyHeads, tokens[0], headWidth];
      return { keys: { shape }, values: { shape }, position: { shape: [], dtype: "int32" } };
    },
    apply: (x, { inputs, weights, product, carry, handOn, training, random }) => {
      const drops = training && dropout > 0 ? { dropout, random } : {};
      const position = carry?.position;
      const from = context ? inputs[1] : x;
      const projected = (of: string, y: Tensor) =>
        product(dense(y, weights[`${of}Kernel`], weights[`${of}Bias`]));
      const turned = (y: Tensor) => rotary ? rotaryEmbedding(y, { ...rotary, offset: position }) : y;
      const query = turned(intoHeads(projected("query", x), heads));
      const key = turned(intoHeads(projected("key", from), keyHeads));
      const value = intoHeads(projected("value", from), keyHeads);
      const mask = lengths
        ? less(iota(from.shape[1]), reshape(inputs.at(-1)!, [x.shape[0], 1, 1, 1]))
        : undefined;
      const seen = carry?.position
        ? attendWithCache(query, { keys: key, values: value }, carry, handOn, drops)
        : scaledDotProductAttention(query, key, value, { causal, mask, ...drops });
      const joined = transpose(seen, [0, 2, 1, 3]);
      return projected(
        "output",
        reshape(joined, [x.shape[0], x.shape[1], joined.shape[2] * joined.shape[3]]),
      );
    },
  };
}
