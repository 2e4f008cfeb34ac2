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

/**
 * Makes loops as {@linkcode axesOf} does, the same ones for the same sizes: so what is asked of many tensors of one shape is
 * one expression.
 */
export function sharedAxes(): typeof axesOf {
  const known = new Map<string, Loop>();
  return (shape, prefix = "i") =>
    shape.map((size, i) => {
      const name = `${prefix}${i}`;
      const key = `${name}:${size}`;
      let loop = known.get(key);
      if (!loop) {
        const axis = { name, size };
        known.set(key, loop = { axis, value: axisValue(axis) });
      }
      return loop;
    });
}
