/**
 * Random tensors from a counter: element i is a hash of seed, stream, counter and i. The same numbers give the same
 * bits on every device, and nothing has to be kept between runs.
 */
import {
  add as addExpr,
  and,
  bitsOfF32,
  bitsToF32,
  type Expr,
  f32,
  lt,
  max,
  min,
  mul as mulExpr,
  or,
  shl,
  shr,
  sub,
  toF32,
  toI32,
  toU32,
  u32,
  xor,
} from "../../engine/expression/expr.ts";
import { flatten, indexSub, indexSum } from "../../engine/expression/index_math.ts";
import { holdsValue } from "../../engine/element.ts";
import {
  finite,
  from,
  type Kind,
  probability as chance,
  shapeKind,
  whole,
} from "../../engine/option_kinds.ts";
import { optional, type OptionSet, pickOptions, readValue, required } from "../../engine/options.ts";
import type { Shape } from "../../engine/shape.ts";
import { apply, type ElementContext, type Op, Tensor } from "../../engine/tensor.ts";
import { cast } from "../elementwise/cast.ts";
import { full, tensor } from "../creation/full.ts";
import { FRACTION_BITS, normalTable, ROWS_PER_OCTAVE } from "./normal_table.ts";
import { floatsBetween } from "../elementwise/floats_between.ts";
import { threefry } from "./threefry.ts";

interface RandomAttrs {
  readonly shape: Shape;
  readonly stream: number;
}

/** 32 random bits for the element of a context whose first inputs are the seed and the counter. */
function bitsAt({ index, load, shape, attrs }: ElementContext<RandomAttrs>): { bits: Expr; counter: Expr } {
  const [seed, counter] = [load(0, []), load(1, [])];
  const place = toU32(flatten(index, shape));
  return { bits: threefry([seed, u32(attrs.stream)], [place, counter])[0], counter };
}

function randomOp<A extends RandomAttrs>(
  name: string,
  dtype: "float32" | "uint32" | "bool",
  value: (context: ElementContext<A>) => Expr,
): Op<A> {
  return {
    name,
    inferShape: (_inputs, { shape }) => ({ dtype, shape }),
    body: { kind: "map", elementwise: false, value },
    flops: ({ size }) => size * 100,
  };
}

/**
 * a * b + c with the product rounded first, everywhere: GPUs like to join both into one instruction with another last
 * bit. `counter` is below 2^31, which no compiler can know, so its sign bit hides that nothing is changed.
 */
function multiplyThenAdd(a: Expr, b: Expr, c: Expr, counter: Expr): Expr {
  const product = bitsToF32(xor(bitsOfF32(mulExpr(a, b)), shr(counter, 31)));
  return addExpr(product, c);
}

const bitsOp = randomOp<RandomAttrs>("randomBits", "uint32", (context) => bitsAt(context).bits);

const uniformOp = randomOp<RandomAttrs & { low: number; high: number }>(
  "randomUniform",
  "float32",
  (context) => {
    const { low, high } = context.attrs;
    const { bits, counter } = bitsAt(context);
    const unit = mulExpr(toF32(shr(bits, 8)), f32(2 ** -24));
    if (low === 0 && high === 1) return unit;
    // Half of everything, where the range itself is beyond the largest number.
    const scale = Number.isFinite(Math.fround(high - low)) ? 1 : 2;
    const value = multiplyThenAdd(unit, f32(high / scale - low / scale), f32(low / scale), counter);
    const { least, most } = floatsBetween(low, high);
    return min(max(mulExpr(value, f32(scale)), f32(least)), f32(most));
  },
);

const bernoulliOp = randomOp<RandomAttrs & { threshold: number }>("randomBernoulli", "bool", (context) =>
  // Compared without the last bit, so that a probability of one fits.
  lt(shr(bitsAt(context).bits, 1), u32(context.attrs.threshold)));

const normalOp = randomOp<RandomAttrs & { mean: number; deviation: number }>(
  "randomNormal",
  "float32",
  (context) => {
    const { mean, deviation } = context.attrs;
    const { bits, counter } = bitsAt(context);
    const tail = or(shl(and(shr(bits, 8), u32(0x7fffff)), 1), u32(1));
    const float = bitsOfF32(toF32(tail));
    const octave = indexSub(toI32(shr(float, 23)), 127);
    const part = toI32(and(shr(float, 20), u32(ROWS_PER_OCTAVE - 1)));
    const place = and(shr(float, 4), u32(0xffff));
    const [start, fall, curve] = [0, 1, 2].map((column) =>
      context.load(2, [indexSum([[octave, 3 * ROWS_PER_OCTAVE], [part, 3]], column)])
    );
    const linear = shr(mulExpr(fall, place), 16);
    const square = shr(mulExpr(curve, shr(mulExpr(place, place), 16)), 16);
    const size = mulExpr(toF32(addExpr(sub(start, linear), square)), f32(2 ** -FRACTION_BITS));
    const z = bitsToF32(or(bitsOfF32(size), and(bits, u32(0x80000000))));
    return mean === 0 && deviation === 1 ? z : multiplyThenAdd(z, f32(deviation), f32(mean), counter);
  },
);

/** Where random numbers come from. */
export interface RandomOptions {
  /** A number from 0 to 2^32 - 1, or a `uint32` tensor `[]`. */
  readonly seed: Tensor | number;
  /** Which draw it is, below 2^31: the step number, say. A number or an integer tensor `[]`; 0 when left out. */
  readonly counter?: Tensor | number;
  /** Tells apart several draws of one seed and counter; 0 when left out. */
  readonly stream?: number;
}

/** A number from 0 to 2^32 - 1, or such a tensor; read as a tensor. */
export const wordKind: Kind<Tensor> = {
  says: "a whole number from 0 to 4294967295, or a uint32 or int32 tensor []",
  read: (value) => {
    if (typeof value === "number") return holdsValue("uint32", value) ? full([], value, "uint32") : undefined;
    const isWord = value instanceof Tensor && value.rank === 0 && ["uint32", "int32"].includes(value.dtype);
    return isWord ? cast(value, "uint32") : undefined;
  },
  isNumeric: true,
};

const sourceOptions = {
  seed: required(wordKind),
  counter: optional(wordKind),
  stream: optional(whole(0, 2 ** 32 - 1), 0),
};

/** The tensors that draws are made from, the stream, and the op's own options. */
function readRandom<S extends OptionSet>(attempt: string, shape: Shape, options: RandomOptions, own: S) {
  const source = pickOptions(attempt, options, sourceOptions);
  return {
    inputs: [source.seed, source.counter ?? full([], 0, "uint32")],
    attrs: { shape: readValue(attempt, "shape", shape, shapeKind), stream: source.stream },
    ...pickOptions(attempt, options, own),
  };
}

/**
 * Random 32-bit words; `uint32`. Not differentiable, like all random tensors.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * const once = await compute(ops.randomBits([2], { seed: 1 }));
 * const again = await compute(ops.randomBits([2], { seed: 1 }));
 * assertEquals(once.data, again.data);
 * ```
 */
export function randomBits(shape: Shape, options: RandomOptions): Tensor {
  const { inputs, attrs } = readRandom("apply randomBits", shape, options, {});
  return apply(bitsOp, inputs, attrs);
}

/**
 * Random numbers, evenly from `low` (0 when left out) up to but without `high` (1), in steps of 2^-24 of the range.
 *
 * @throws {RangeError} when the ends are not finite numbers, or there is no float32 between them.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * const { data } = await compute(ops.randomUniform([100], { seed: 1, low: -1 }));
 * assert(data.every((x) => x >= -1 && x < 1));
 * ```
 */
export function randomUniform(
  shape: Shape,
  options: RandomOptions & { low?: number; high?: number },
): Tensor {
  const { inputs, attrs, low, high } = readRandom("apply randomUniform", shape, options, {
    low: optional(finite, 0),
    high: optional(finite, 1),
  });
  const { least, most } = floatsBetween(low, high);
  if (!(least <= most)) {
    throw new RangeError(
      `Cannot apply randomUniform from ${low} up to but without ${high}: there is no float32 between them`,
    );
  }
  return apply(uniformOp, inputs, { ...attrs, low, high });
}

/**
 * Random numbers of a normal distribution with `mean` (0 when left out) and standard `deviation` (1). They are exact to
 * about 4e-6 and reach 5.4 deviations.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * const average = await compute(ops.mean(ops.randomNormal([10_000], { seed: 1, mean: 3 })));
 * assertAlmostEquals(average.data[0], 3, 0.05);
 * ```
 */
export function randomNormal(
  shape: Shape,
  options: RandomOptions & { mean?: number; deviation?: number },
): Tensor {
  const { inputs, attrs, mean, deviation } = readRandom("apply randomNormal", shape, options, {
    mean: optional(finite, 0),
    deviation: optional(from(0), 1),
  });
  return apply(normalOp, [...inputs, tensor(normalTable())], { ...attrs, mean, deviation });
}

/**
 * Truth values that are true with a probability; `bool`.
 *
 * @throws {RangeError} when the probability is not from 0 to 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.randomBernoulli([3], 1, { seed: 1 }))).data], [1, 1, 1]);
 * ```
 */
export function randomBernoulli(shape: Shape, probability: number, options: RandomOptions): Tensor {
  const attempt = "apply randomBernoulli";
  const { inputs, attrs } = readRandom(attempt, shape, options, {});
  const threshold = Math.round(readValue(attempt, "probability", probability, chance) * 2 ** 31);
  return apply(bernoulliOp, inputs, { ...attrs, threshold });
}

/** Draws one after another from one seed and counter, each on a stream of its own. */
export class RandomSource {
  readonly #options: RandomOptions;
  #stream: number;

  /** Streams count up from the one given. */
  constructor(options: RandomOptions) {
    const { stream } = pickOptions("make a RandomSource", options, sourceOptions);
    this.#options = options;
    this.#stream = stream;
  }

  #next(): RandomOptions {
    return { ...this.#options, stream: this.#stream++ };
  }

  /** See {@linkcode randomUniform}. */
  uniform(shape: Shape, options: { low?: number; high?: number } = {}): Tensor {
    return randomUniform(shape, { ...options, ...this.#next() });
  }

  /** See {@linkcode randomNormal}. */
  normal(shape: Shape, options: { mean?: number; deviation?: number } = {}): Tensor {
    return randomNormal(shape, { ...options, ...this.#next() });
  }

  /** See {@linkcode randomBernoulli}. */
  bernoulli(shape: Shape, probability: number): Tensor {
    return randomBernoulli(shape, probability, this.#next());
  }
}
