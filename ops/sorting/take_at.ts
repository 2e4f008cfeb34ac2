/** y[.., i, ..] = x[.., places[.., i, ..], ..], where no place is named twice in a line, and its gradient */
import {
  and,
  elementConstant,
  eq,
  type Expr,
  i32,
  lt,
  max,
  min,
  select,
} from "../../engine/expression/expr.ts";
import { indexAdd, indexDiv } from "../../engine/expression/index_math.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { sortPlaces } from "./sort_places.ts";

const within = (place: Expr, size: number) => max(min(place, i32(size - 1)), i32(0));
const along = (index: readonly Expr[], axis: number, place: Expr) =>
  index.map((e, a) => a === axis ? place : e);

const takeOp: Op<{ axis: number }> = {
  name: "takeAt",
  inferShape: ([x, places]) => ({ dtype: x.dtype, shape: places.shape }),
  vjp: (g, { inputs: [x, places], attrs: { axis } }) => [putAt(g, places, axis, x.shape[axis]), null],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs: [x], index, load, attrs: { axis } }) =>
      load(0, along(index, axis, within(load(1, index), x.shape[axis]))),
  },
  flops: () => 0,
};

/** From elements and their places; and from the places in rising order, and which element belongs to each of those. */
const putOp: Op<{ axis: number; size: number }> = {
  name: "putAt",
  inferShape: ([x], { axis, size }) => ({
    dtype: x.dtype,
    shape: x.shape.map((n, a) => a === axis ? size : n),
  }),
  vjp: (g, { inputs: [, places], attrs: { axis } }) => [takeAt(g, places, axis), null, null, null],
  body: {
    kind: "map",
    elementwise: false,
    value: ({ inputs: [x], index, load, attrs: { axis } }) => {
      const count = x.shape[axis];
      const at = (input: number, place: Expr) => load(input, along(index, axis, within(place, count)));
      let [low, high]: [Expr, Expr] = [i32(0), i32(count)];
      for (let round = Math.ceil(Math.log2(count + 1)); round > 0; round--) {
        const middle = indexDiv(indexAdd(low, high), 2);
        const isBeyond = and(lt(low, high), lt(at(2, middle), index[axis]));
        [low, high] = [select(isBeyond, indexAdd(middle, 1), low), select(isBeyond, high, middle)];
      }
      const isNamed = and(lt(low, i32(count)), eq(at(2, low), index[axis]));
      return select(isNamed, at(0, at(3, low)), elementConstant(x.dtype, 0));
    },
  },
};

const inverseOf = (places: Tensor, axis: number) => sortPlaces(places, axis, places.shape[axis], false);

/** Elements at places along an axis that are their own for each line; no place may be named twice in a line. */
export const takeAt = (x: Tensor, places: Tensor, axis: number): Tensor =>
  apply(takeOp, [x, places], { axis });

/** The elements at their places along an axis of that size, zeros elsewhere. */
function putAt(x: Tensor, places: Tensor, axis: number, size: number): Tensor {
  const order = inverseOf(places, axis);
  if (places.shape[axis] === size) return takeAt(x, order, axis);
  return apply(putOp, [x, places, takeAt(places, order, axis), order], { axis, size });
}
