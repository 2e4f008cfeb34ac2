/**
 * Sums that a loop adds up, step by step. What rounding does to them grows with the values that are added one after another,
 * so many steps are added in parts, of about as many steps as there are parts.
 */
import { add, constant, eq, type Expr, i32, rem, scalarType, select } from "../expression/expr.ts";
import { bodyLeaf } from "../graph/loop.ts";
import { apply, type MapBody, type Op, type Tensor } from "../tensor.ts";

/** What is carried from step to step, and what the next step gets. It begins with zeros. */
export interface Running {
  readonly leaf: Tensor;
  readonly next: Tensor;
}

/** So many steps are added one after another. */
const MOST_IN_A_ROW = 64;

interface PartAttrs {
  /** The number of steps in a part. */
  readonly size: number;
}

const running = <A>(name: string, value: MapBody<A>["value"]): Op<A> => ({
  name,
  inferShape: ([sum]) => ({ dtype: sum.dtype, shape: sum.shape }),
  body: { kind: "map", elementwise: true, value },
});

/** A sum and one more value. */
const accumulate = running<Record<string, never>>(
  "accumulate",
  ({ index, load }) => add(load(0, index), load(1, index)),
);

/** Whether a part ends with a step. */
const isEnd = (position: Expr, size: number): Expr => eq(rem(position, i32(size)), i32(size - 1));

/** The part that is under way, which begins anew behind its last step. */
const accumulatePart = running<PartAttrs>(
  "accumulate part",
  ({ index, inputs: [{ dtype }], load, attrs: { size } }) =>
    select(
      isEnd(load(2, []), size),
      constant(scalarType(dtype), 0),
      add(load(0, index), load(1, index)),
    ),
);

/** All parts that are done. */
const accumulateParts = running<PartAttrs>("accumulate parts", ({ index, load, attrs: { size } }) => {
  const done = load(0, index);
  return select(isEnd(load(3, []), size), add(done, add(load(1, index), load(2, index))), done);
});

/** What a loop carries to add up a tensor of its body over all steps. */
export function runningSum(tensor: Tensor, position: Tensor, length: number): Running[] {
  const sum = bodyLeaf("sum", tensor);
  if (length <= MOST_IN_A_ROW) return [{ leaf: sum, next: apply(accumulate, [sum, tensor], {}) }];
  const size = Math.ceil(Math.sqrt(length));
  const part = bodyLeaf("part of sum", tensor);
  return [
    { leaf: sum, next: apply(accumulateParts, [sum, part, tensor, position], { size }) },
    { leaf: part, next: apply(accumulatePart, [part, tensor, position], { size }) },
  ];
}

/** The sum, of what the loop has carried behind its last step. */
export const totalOf = (carried: readonly Tensor[]): Tensor =>
  carried.reduce((sum, part) => apply(accumulate, [sum, part], {}));
