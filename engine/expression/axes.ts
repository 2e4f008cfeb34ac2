/** Loops over a shape. */
import { type Axis, axisValue, type Expr } from "./expr.ts";
import type { Shape } from "../shape.ts";

/** A loop and the expression for its running index. */
export interface Loop {
  readonly axis: Axis;
  readonly value: Expr;
}

/** One loop for each axis of a shape, named `prefix0`, `prefix1` and so on. */
export function axesOf(shape: Shape, prefix = "i"): Loop[] {
  return shape.map((size, i) => {
    const axis = { name: `${prefix}${i}`, size };
    return { axis, value: axisValue(axis) };
  });
}
