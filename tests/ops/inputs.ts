/** Inputs of cases. */
import type { DType } from "../../engine/array.ts";
import type { CaseInput } from "../check_op.ts";

/** Floats in [-2, 2). */
export const floats = (...shape: number[]): CaseInput => ({ shape });

/** Floats from `low` to `high`. */
export const floatsIn = (low: number, high: number, ...shape: number[]): CaseInput => ({
  shape,
  range: [low, high],
});

/** Integers from `low` up to and without `high`. */
export const integersIn = (dtype: DType, low: number, high: number, ...shape: number[]): CaseInput => ({
  shape,
  dtype,
  range: [low, high],
});

/** These very elements. */
export const exactly = (
  values: readonly number[],
  dtype: DType = "float32",
  shape: readonly number[] = [values.length],
): CaseInput => ({ shape, dtype, values });

/** `[2, 3] and [3]` */
export const shapesOf = (shapes: readonly (readonly number[])[]): string =>
  shapes.map((s) => `[${s.join(", ")}]`).join(" and ");
