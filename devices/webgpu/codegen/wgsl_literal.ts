/** Types and numbers as WGSL. */
import type { ScalarType } from "../../../engine/expression/expr.ts";

/** Types by name. */
export const typeName: Record<ScalarType, string> = { f32: "f32", i32: "i32", u32: "u32", bool: "bool" };
/** A number as WGSL; infinities and NaN are no literals there. */
export function literal(type: ScalarType, value: number): string {
  if (type === "bool") return value ? "true" : "false";
  if (type === "u32") return `${value}u`;
  if (type === "i32") return value === -(2 ** 31) ? "(-2147483647i - 1i)" : `${value}i`;
  if (Number.isNaN(value)) return "bitcast<f32>(nanBits)";
  if (value === Infinity) return "bitcast<f32>(infinityBits)";
  if (value === -Infinity) return "(-bitcast<f32>(infinityBits))";
  const text = Object.is(value, -0) ? "-0.0" : String(value);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** What every kernel's text begins with: bits that the compiler must not fold into forbidden literals. */
export const PRELUDE =
  "var<private> nanBits: u32 = 0x7fc00000u;\nvar<private> infinityBits: u32 = 0x7f800000u;\n";
