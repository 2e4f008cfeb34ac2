/**
 * Pairs (a, b) of a token's numbers turned by an angle that grows with its position p:
 * (a cos t - b sin t, a sin t + b cos t), with t = p base^(-2 i / width) for pair i
 */
import { add as addExpr, mul as mulExpr, toF32 } from "../../engine/expression/expr.ts";
import { indexSum } from "../../engine/expression/index_math.ts";
import { above, flag, type Kind } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import { apply, type Op, Tensor } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { cast } from "../elementwise/cast.ts";
import { cos } from "../elementwise/cos.ts";
import { tensor } from "../creation/full.ts";
import { iota } from "../creation/iota.ts";
import { mul } from "../elementwise/mul.ts";
import { reshape } from "../movement/reshape.ts";
import { sin } from "../elementwise/sin.ts";

/** Options of {@linkcode rotaryEmbedding}. */
export interface RotaryOptions {
  /**
   * The position of the first token, such as how many are in a cache: a whole number, or int32 `[]`, or int32 `[batch]` for
   * each along the first axis of `x`. 0 when left out.
   */
  readonly offset?: number | Tensor;
  /** What the slowest pair's wavelength grows with; 10,000 when left out. */
  readonly base?: number;
  /**
   * Whether pairs are neighbours, as in the paper and in Llama's own weights; when left out, number `i` of the first half goes
   * with number `i` of the second, as in GPT-NeoX and most published weights.
   */
  readonly interleaved?: boolean;
}

interface TurnAttrs {
  /** The axis, from the end, along which the two numbers of a pair lie. */
  readonly along: 1 | 2;
  readonly sense: 1 | -1;
  /** Whether each along the first axis has angles of its own. */
  readonly isEach: boolean;
}

/** x `[..., tokens, 2, pairs]` or `[..., tokens, pairs, 2]`, cosines and sines `[tokens, pairs]` or `[batch, tokens, pairs]`. */
const turnOp: Op<TurnAttrs> = {
  name: "rotaryEmbedding",
  inferShape: ([x]) => ({ dtype: "float32", shape: x.shape }),
  // Turned back.
  vjp: (g, { inputs: [, cosines, sines], attrs }) => [
    apply(turnOp, [g, cosines, sines], { ...attrs, sense: attrs.sense === 1 ? -1 : 1 }),
    null,
    null,
  ],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index, load, attrs: { along, sense, isEach } }) => {
      const at = index.length - along;
      const side = index[at];
      const other = index.map((e, axis) => axis === at ? indexSum([[e, -1]], 1) : e);
      const angle = [
        ...isEach ? [index[0]] : [],
        index[index.length - 3],
        index[index.length - (along === 1 ? 2 : 1)],
      ];
      const sign = toF32(indexSum([[side, 2 * sense]], -sense));
      return addExpr(
        mulExpr(load(0, index), load(1, angle)),
        mulExpr(load(0, other), mulExpr(sign, load(2, angle))),
      );
    },
  },
  flops: ({ size }) => 3 * size,
};

const offsetKind: Kind<number | Tensor> = {
  says: "a whole number, or one in a tensor of int32, or a list of them in one",
  read: (value) => {
    const isRight = value instanceof Tensor
      ? value.dtype === "int32" && (value.size === 1 || value.rank === 1)
      : Number.isInteger(value);
    return isRight ? value as number | Tensor : undefined;
  },
};

/** Cosines and sines of all angles: known ones in double precision, others on the device. */
function circle(tokens: number, pairs: number, base: number, offset: number | Tensor): [Tensor, Tensor] {
  const rates = Array.from({ length: pairs }, (_, i) => base ** (-i / pairs));
  if (!(offset instanceof Tensor)) {
    const table = (f: (angle: number) => number) =>
      tensor(
        Float32Array.from(
          { length: tokens * pairs },
          (_, at) => f((offset + Math.floor(at / pairs)) * rates[at % pairs]),
        ),
        [tokens, pairs],
      );
    return [table(Math.cos), table(Math.sin)];
  }
  const first = reshape(offset, offset.size === 1 ? [] : [offset.size, 1]);
  const positions = cast(add(iota(tokens), first), "float32");
  const angles = mul(reshape(positions, [...positions.shape, 1]), tensor(Float32Array.from(rates)));
  return [cos(angles), sin(angles)];
}

/**
 * Tells attention where tokens are: pairs of the numbers of each token are turned by angles that are proportional to its
 * position, so that products of queries and keys depend on how far these are apart.
 *
 * @param x Queries or keys, float32 `[..., tokens, width]`, the width even.
 *
 * @throws {TypeError} when `x` is not float32, or an offset in a tensor not int32.
 * @throws {RangeError} when there are less than two axes, or the width is odd.
 *
 * Source: https://arxiv.org/abs/2104.09864
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { compute, ops, tensor } from "@gesso/gesso";
 *
 * const { data } = await compute(ops.rotaryEmbedding(tensor([[1, 0], [1, 0]])));
 * [1, 0, Math.cos(1), Math.sin(1)].forEach((value, i) => assertAlmostEquals(data[i], value, 1e-6));
 * ```
 */
export function rotaryEmbedding(x: Tensor, options: RotaryOptions = {}): Tensor {
  const { offset, base, interleaved } = readOptions("apply rotaryEmbedding", options, {
    offset: optional(offsetKind, 0),
    base: optional(above(0), 10_000),
    interleaved: optional(flag, false),
  });
  if (x.dtype !== "float32") {
    throw new TypeError(`Cannot apply rotaryEmbedding to ${x.dtype}: it takes float32 (see cast)`);
  }
  const [tokens, width] = x.shape.slice(-2);
  if (x.rank < 2 || width % 2 !== 0) {
    throw new RangeError(
      `Cannot apply rotaryEmbedding to ${
        formatShape(x.shape)
      }: it takes [..., tokens, width], the width even`,
    );
  }
  const isEach = offset instanceof Tensor && offset.size !== 1;
  if (isEach && (x.rank < 3 || offset.size !== x.shape[0])) {
    throw new RangeError(
      `Cannot apply rotaryEmbedding to ${formatShape(x.shape)} with ${offset.size} offsets: ` +
        "there has to be one, or one for each along the first axis of [batch, ..., tokens, width]",
    );
  }
  const pairs = width / 2;
  const split = [...x.shape.slice(0, -1), ...(interleaved ? [pairs, 2] : [2, pairs])];
  const turned = apply(turnOp, [reshape(x, split), ...circle(tokens, pairs, base, offset)], {
    along: interleaved ? 1 : 2,
    sense: 1,
    isEach,
  });
  return reshape(turned, x.shape);
}
