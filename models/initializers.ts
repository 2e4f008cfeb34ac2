/** First values of weights, drawn on the host so that they are the same on every device. */
import { holdsValue } from "../engine/element.ts";
import { type Kind, listOf, shapeKind, whole } from "../engine/option_kinds.ts";
import { readValue } from "../engine/options.ts";
import { formatShape, sizeOf } from "../engine/shape.ts";
import { Random } from "../data/random.ts";
import { isObject } from "../formats/json/is_object.ts";
import { orthogonal } from "./orthogonal.ts";

/** How a weight begins; those with a scale look at how many inputs and outputs it joins. */
export type Initializer =
  | "zeros"
  | "ones"
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "orthogonal"
  | { readonly normal: number }
  | { readonly uniform: number }
  | { readonly constant: number };

/** Equal blocks of the last axis, such as the gates of a recurrent layer, each begun as a weight of its own. */
export interface BlockInitializer {
  /** How each begins, in order. */
  readonly blocks: readonly Initializer[];
}

/** The names of initializers that need no number. */
export const initializerNames = [
  "zeros",
  "ones",
  "glorotUniform",
  "glorotNormal",
  "heUniform",
  "heNormal",
  "orthogonal",
] as const;

/** Names of initializers, and those with a number. */
export const initializerKind: Kind<Initializer> = {
  says: `one of ${initializerNames.join(", ")}, or { normal }, { uniform } or { constant } with a number`,
  read: (value) => {
    const parts = isObject(value) ? Object.entries(value) : [];
    const isNumber = parts.length === 1 && ["normal", "uniform", "constant"].includes(parts[0][0]) &&
      holdsValue("float32", parts[0][1]) && Number.isFinite(parts[0][1]);
    return isNumber || initializerNames.some((name) => name === value) ? value as Initializer : undefined;
  },
};

/** Inputs and outputs of a weight `[..., in, out]`; leading axes are the places of a window. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const places = sizeOf(shape.slice(0, -2));
  const [inputs, outputs] = shape.length < 2 ? [shape[0] ?? 1, shape[0] ?? 1] : shape.slice(-2);
  return { fanIn: inputs * places, fanOut: outputs * places };
}

/** A normal number (Marsaglia's polar method). */
function normal(random: Random): number {
  for (;;) {
    const [x, y] = [random.uniform(-1, 1), random.uniform(-1, 1)];
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt(-2 * Math.log(square) / square);
  }
}

/**
 * The first values of a weight.
 *
 * Sources: Glorot and Bengio (2010) for `glorot*`, He et al. (2015, https://arxiv.org/abs/1502.01852) for `he*`, Saxe
 * et al. (2014, https://arxiv.org/abs/1312.6120) for `orthogonal`.
 *
 * @param stream Tells the weights of one model apart.
 * @throws {TypeError} when the initializer is none of those there are.
 * @throws {RangeError} when the last axis does not divide into as many blocks.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "@gesso/gesso";
 *
 * assertEquals([...initialValues("ones", [2], 0, 0)], [1, 1]);
 * ```
 */
export function initialValues(
  initializer: Initializer | BlockInitializer,
  shape: readonly number[],
  seed: number,
  stream: number,
): Float32Array {
  readValue("initialize", "shape", shape, shapeKind);
  readValue("initialize", "stream", stream, whole());
  const random = new Random(seed, stream);
  if (typeof initializer === "object" && initializer !== null && "blocks" in initializer) {
    return blockValues(readValue("initialize", "blocks", initializer.blocks, blocksKind), shape, random);
  }
  return valuesOf(readValue("initialize", "initializer", initializer, initializerKind), shape, random);
}

const blocksKind = listOf(initializerKind);

function blockValues(blocks: readonly Initializer[], shape: readonly number[], random: Random): Float32Array {
  const columns = shape[shape.length - 1] / blocks.length;
  if (!Number.isInteger(columns)) {
    throw new RangeError(
      `Cannot initialize ${
        formatShape(shape)
      } in ${blocks.length} blocks: its last axis does not divide into as many`,
    );
  }
  const result = new Float32Array(sizeOf(shape));
  blocks.forEach((block, b) => {
    const values = valuesOf(block, [...shape.slice(0, -1), columns], random);
    for (let row = 0; row * columns < values.length; row++) {
      result.set(
        values.subarray(row * columns, (row + 1) * columns),
        (row * blocks.length + b) * columns,
      );
    }
  });
  return result;
}

function valuesOf(initializer: Initializer, shape: readonly number[], random: Random): Float32Array {
  const size = sizeOf(shape);
  const { fanIn, fanOut } = fans(shape);
  const draw = (next: () => number) => Float32Array.from({ length: size }, next);
  const uniform = (limit: number) => draw(() => random.uniform(-limit, limit));
  const gaussian = (deviation: number) => draw(() => deviation * normal(random));
  if (typeof initializer === "object") {
    if ("normal" in initializer) return gaussian(initializer.normal);
    if ("uniform" in initializer) return uniform(initializer.uniform);
    return new Float32Array(size).fill(initializer.constant);
  }
  switch (initializer) {
    case "zeros":
      return new Float32Array(size);
    case "ones":
      return new Float32Array(size).fill(1);
    case "glorotUniform":
      return uniform(Math.sqrt(6 / (fanIn + fanOut)));
    case "glorotNormal":
      return gaussian(Math.sqrt(2 / (fanIn + fanOut)));
    case "heUniform":
      return uniform(Math.sqrt(6 / fanIn));
    case "heNormal":
      return gaussian(Math.sqrt(2 / fanIn));
    case "orthogonal":
      return orthogonal(shape, () => normal(random));
  }
}
