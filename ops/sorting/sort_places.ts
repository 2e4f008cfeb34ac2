/**
 * Where the elements of sorted lines come from: runs of eight are put in order, then runs are merged two by two. Each
 * result finds its own element by bisection, so every merge is one kernel in which nothing waits for anything. Of runs
 * longer than what is asked for only the beginning is kept.
 */
import {
  and,
  bitsOfF32,
  constant,
  eq,
  type Expr,
  i32,
  isNan,
  le,
  lt,
  max,
  min,
  or,
  select,
  toU32,
  u32,
  xor,
} from "../../engine/expression/expr.ts";
import {
  indexAdd,
  indexDiv,
  indexMul,
  indexRem,
  indexSub,
  indexSum,
} from "../../engine/expression/index_math.ts";
import { apply, type ElementContext, type Op, type Tensor } from "../../engine/tensor.ts";
import { broadcastTo } from "../movement/broadcast_to.ts";
import { full } from "../creation/full.ts";
import { iota } from "../creation/iota.ts";
import { reshape } from "../movement/reshape.ts";

const SIGN = 0x80000000;
/** The highest key is that of NaN alone among floats, so it comes last in either order. */
const LAST = 0xffffffff;

/** Words whose order is that of the elements; both zeros have the same. */
function keyValue(x: Expr, descending: boolean): Expr {
  const turned = (key: Expr) => descending ? xor(key, u32(LAST)) : key;
  if (x.type !== "f32") return turned(x.type === "i32" ? xor(toU32(x), u32(SIGN)) : toU32(x));
  const bits = select(eq(x, constant("f32", 0)), u32(0), bitsOfF32(x));
  const key = select(lt(bits, u32(SIGN)), xor(bits, u32(SIGN)), xor(bits, u32(LAST)));
  return select(isNan(x), u32(LAST), turned(key));
}

const keyOp: Op<{ descending: boolean }> = {
  name: "sortKeys",
  inferShape: ([x]) => ({ dtype: "uint32", shape: x.shape }),
  body: {
    kind: "map",
    elementwise: true,
    value: ({ index, load, attrs }) => keyValue(load(0, index), attrs.descending),
  },
  flops: ({ size }) => size * 6,
};

/** Lines of runs along an axis that are to become fewer, longer ones. */
interface RunAttrs {
  readonly axis: number;
  /** The elements of a line. */
  readonly size: number;
  /** The elements of a run; the last run of a line may have fewer. */
  readonly length: number;
  /** How many runs become one. */
  readonly joined: number;
  /** The most elements that are kept of one. */
  readonly kept: number;
}

const keptOf = (elements: number, { length, joined, kept }: RunAttrs) => {
  const whole = Math.floor(elements / (length * joined));
  return whole * kept + Math.min(kept, elements - whole * length * joined);
};

/** How a result finds the place of its element in the line of the runs. */
type Find = (context: ElementContext<RunAttrs>, keyAt: (place: Expr) => Expr) => Expr;

/** The keys, or (with a second input) what belongs to them, in the new order. */
function ordering(name: string, find: Find): Op<RunAttrs> {
  return {
    name,
    inferShape: (inputs, attrs) => {
      const { dtype, shape } = inputs[inputs.length - 1];
      return { dtype, shape: shape.map((n, a) => a === attrs.axis ? keptOf(n, attrs) : n) };
    },
    body: {
      kind: "map",
      elementwise: false,
      value: (context) => {
        const { axis, size } = context.attrs;
        const at = (input: number, place: Expr) =>
          context.load(input, context.index.map((e, a) => a === axis ? within(place, size) : e));
        return at(context.inputs.length - 1, find(context, (place) => at(0, place)));
      },
    },
    flops: ({ size, attrs: { length } }) => size * 8 * rounds(length),
  };
}

const within = (place: Expr, size: number) => max(min(place, i32(size - 1)), i32(0));

/** Rounds of bisection among so many elements. */
const rounds = (elements: number) => Math.ceil(Math.log2(elements + 1));

/** Runs of one element each: the rank of each of the few is how many come before it. */
const FEW = 8;
const sortFew = ordering("sortRuns", ({ index, attrs: { axis, size, kept } }, keyAt) => {
  const first = indexMul(indexDiv(index[axis], kept), FEW);
  const own = indexRem(index[axis], kept);
  const count = Math.min(FEW, size);
  const places = Array.from({ length: count }, (_, i) => indexAdd(first, i));
  const keys = places.map((place) => select(lt(place, i32(size)), keyAt(place), u32(LAST)));
  const ranks: [Expr, number][][] = keys.map(() => []);
  for (let j = 0; j < count; j++) {
    for (let i = 0; i < j; i++) {
      const isFirst = select(le(keys[i], keys[j]), i32(1), i32(0));
      ranks[j].push([isFirst, 1]);
      ranks[i].push([isFirst, -1], [i32(1), 1]);
    }
  }
  return places.slice(1).reduce(
    (found, place, i) => select(eq(indexSum(ranks[i + 1]), own), place, found),
    places[0],
  );
});

/** Of equal ones, those of the first run come first. */
const mergeTwo = ordering("mergeRuns", ({ index, attrs: { axis, size, length, kept } }, keyAt) => {
  const first = indexMul(indexDiv(index[axis], kept), 2 * length);
  const own = indexRem(index[axis], kept);
  const second = indexAdd(first, length);
  const isWhole = size % (2 * length) === 0;
  const countOf = (start: Expr) =>
    isWhole ? i32(length) : max(min(indexSub(i32(size), start), i32(length)), i32(0));
  const [countA, countB] = [countOf(first), countOf(second)];
  const aIsFirst = (a: Expr, b: Expr) => le(keyAt(indexAdd(first, a)), keyAt(indexAdd(second, b)));
  // How many of the elements before this one are from the first run.
  let low = max(indexSub(own, countB), i32(0));
  let high = min(own, countA);
  for (let round = 0; round < rounds(length); round++) {
    const middle = indexDiv(indexAdd(low, high), 2);
    const isBeyond = and(lt(low, high), aIsFirst(middle, indexSub(indexSub(own, 1), middle)));
    [low, high] = [select(isBeyond, indexAdd(middle, 1), low), select(isBeyond, high, middle)];
  }
  const rest = indexSub(own, low);
  const takesA = and(lt(low, countA), or(le(countB, rest), aIsFirst(low, rest)));
  return select(takesA, indexAdd(first, low), indexAdd(second, rest));
});

/** The places of the `count` first elements of each line along an axis in order, int32; equal elements keep their order. */
export function sortPlaces(x: Tensor, axis: number, count: number, descending: boolean): Tensor {
  const size = x.shape[axis];
  let keys: Tensor = apply(keyOp, [x], { descending });
  let places = broadcastTo(reshape(iota(size), x.shape.map((n, a) => a === axis ? n : 1)), x.shape);
  const step = (op: Op<RunAttrs>, length: number, joined: number) => {
    const attrs = {
      axis,
      size: keys.shape[axis],
      length,
      joined,
      kept: Math.min(length * joined, count),
    };
    [keys, places] = [apply(op, [keys], attrs), apply(op, [keys, places], attrs)];
    return attrs.kept;
  };
  if (count === 0) return full(x.shape.map((n, a) => a === axis ? 0 : n), 0, "int32");
  let length = step(sortFew, 1, FEW);
  while (keys.shape[axis] > length) length = step(mergeTwo, length, 2);
  return places;
}
