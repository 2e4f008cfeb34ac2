/** Where expressions begin: constants, loop indices, elements that are loaded, and what stands for a value at hand. */
import type { DType } from "../array.ts";
import { halfBitsOf } from "../element.ts";
import { intern, Node } from "./intern.ts";
import { type Axis, type Expr, type ScalarType, scalarType } from "./node.ts";
import { WeakValues } from "./weak_values.ts";

/** By type, then by value; maps take -0 for 0. */
const constants = {
  f32: new WeakValues<number | "-0", Node>(),
  i32: new WeakValues<number | "-0", Node>(),
  u32: new WeakValues<number | "-0", Node>(),
  bool: new WeakValues<number | "-0", Node>(),
};

/** A constant of the given type; `f32` values are rounded to single precision. */
export function constant(type: ScalarType, value: number): Expr {
  const v = type === "f32" ? Math.fround(value) : type === "u32" ? value >>> 0 : value | 0;
  return constants[type].get(
    Object.is(v, -0) ? "-0" : v,
    () => new Node("const", type, [], { value: v, range: [v, v] }),
  );
}

/** A number that `dtype` holds, as its elements are once they are loaded: halves as their bits. */
export const elementConstant = (dtype: DType, value: number): Expr =>
  constant(scalarType(dtype), dtype === "float16" ? halfBitsOf(value) : value);

/** A single-precision constant. */
export const f32 = (value: number): Expr => constant("f32", value);
/** An unsigned constant, modulo 2^32. */
export const u32 = (value: number): Expr => constant("u32", value);
/** A signed constant. */
export const i32 = (value: number): Expr => constant("i32", value);
/** A truth value. */
export const bool = (value: boolean): Expr => constant("bool", value ? 1 : 0);

const axisValues = new WeakMap<Axis, Expr>();

/** The running index of a loop. */
export function axisValue(axis: Axis): Expr {
  if (axis.size === 1) return i32(0);
  let value = axisValues.get(axis);
  if (!value) {
    value = new Node("axis", "i32", [], { source: axis, range: [0, axis.size - 1] });
    axisValues.set(axis, value);
  }
  return value;
}

/** The element of a stored tensor at a flat index; `source` is the tensor, `dtype` what it is stored as. */
export function loadFrom(source: object, dtype: DType, flat: Expr): Expr {
  const most = { uint8: 255, float16: 65535, bool: 1 }[dtype as string];
  const range = most === undefined ? undefined : [0, most] as const;
  return intern("load", scalarType(dtype), [flat], { source, range });
}

/**
 * Stands for a value that the code at hand has, such as the sum of a contraction, a reduction's result or a running part:
 * whoever writes the code says where. Each is itself alone.
 */
export const placeholder = (type: ScalarType): Expr => new Node("placeholder", type, [], {});

/** Whether an expression is a constant. */
export const isConst = (e: Expr): boolean => e.op === "const";
/** Whether an expression is this constant. */
export const isValue = (e: Expr, value: number): boolean => isConst(e) && Object.is(e.value, value);
