/** Single numbers as elements: which numbers a dtype can hold, and the bits of those that are kept as bits. */
import type { DType } from "./dtype.ts";

/** What each dtype holds, for messages. */
const holds: Record<DType, string> = {
  float32: "numbers up to 3.4028234663852886e+38 in size",
  int32: "whole numbers from -2147483648 to 2147483647",
  uint32: "whole numbers from 0 to 4294967295",
  float16: "numbers up to 65504 in size",
  uint8: "whole numbers from 0 to 255",
  bool: "0 and 1",
};

/** From here on, a number is infinite when it is rounded to half precision. */
const BEYOND_HALF = 65520;

const isWhole = (value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most;

const fits: Record<DType, (value: number) => boolean> = {
  float32: (value) => Number.isFinite(Math.fround(value)) || !Number.isFinite(value),
  int32: (value) => isWhole(value, -(2 ** 31), 2 ** 31 - 1),
  uint32: (value) => isWhole(value, 0, 2 ** 32 - 1),
  float16: (value) => Math.abs(value) < BEYOND_HALF || !Number.isFinite(value),
  uint8: (value) => isWhole(value, 0, 255),
  bool: (value) => value === 0 || value === 1,
};

/** All dtypes. */
export const dtypes: readonly DType[] = Object.keys(holds) as DType[];

/**
 * Whether a dtype can hold a value: floats hold every number that does not become infinite (rounded, if need be),
 * infinities and NaN; the others just what they are made of.
 */
export const holdsValue = (dtype: DType, value: unknown): value is number =>
  typeof value === "number" && fits[dtype](value);

/** What a dtype holds, as the end of a sentence: `uint8 holds whole numbers from 0 to 255`. */
export const whatItHolds = (dtype: DType): string => `${dtype} holds ${holds[dtype]}`;

/** A value for messages: `300`, `"a"`, `null`. */
export const quoted = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : String(value);

/** The bits of the nearest half (IEEE 754 binary16), to even where two are as near; infinite from 65,520 on. */
export function halfBitsOf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= BEYOND_HALF) return sign | 0x7c00;
  let exponent = -14;
  while (2 ** (exponent + 1) <= size) exponent++;
  const steps = size / 2 ** (exponent - 10);
  const below = Math.floor(steps);
  const rest = steps - below;
  const nearest = rest > 0.5 || rest === 0.5 && below % 2 === 1 ? below + 1 : below;
  // The leading one of a normal number, and a carry, count up the exponent.
  return sign | (exponent + 14) * 1024 + nearest;
}
