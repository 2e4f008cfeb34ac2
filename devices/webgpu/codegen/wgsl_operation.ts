/** Operations on values that have names, in WGSL. */
import type { Expr, ScalarType } from "../../../engine/expression/expr.ts";
import { floatRange, mayBeNan } from "../../arithmetic/float_range.ts";
import { literal, typeName } from "./wgsl_literal.ts";

const infix: Partial<Record<Expr["op"], string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  rem: "%",
  and: "&",
  or: "|",
  xor: "^",
  eq: "==",
  lt: "<",
  le: "<=",
};

/** A GPU may multiply by the reciprocal, which is below the normal numbers, and so zero, beyond this. */
const LARGEST_DIVISOR = 2 ** 126;

function mayExceed(e: Expr, limit: number): boolean {
  const { low, high } = floatRange(e);
  return low < -limit || high > limit;
}

/** One operation; `name` gives the name of an argument's value, of a vector where the result is one. */
export function operationText(e: Expr, isVector: boolean, name: (arg: Expr) => string): string {
  const arg = (i: number) => name(e.args[i]);
  const cast = (type: ScalarType) => isVector ? `vec4<${typeName[type]}>` : typeName[type];
  const number = (type: ScalarType, value: number) =>
    isVector ? `vec4<${typeName[type]}>(${literal(type, value)})` : literal(type, value);
  const [a] = e.args;
  switch (e.op) {
    case "affine":
      return affineText(e, isVector, name);
    case "neg":
      return e.type === "u32" ? `${number("u32", 0)} - ${arg(0)}` : `-${arg(0)}`;
    case "not":
      return `!${arg(0)}`;
    case "abs":
    case "sqrt":
    case "floor":
    case "ceil":
    case "round":
    case "exp":
      return `${e.op}(${arg(0)})`;
    case "toF32":
      return `${cast("f32")}(${arg(0)})`;
    case "toI32":
    case "toU32": {
      const converted = `${cast(e.type)}(${arg(0)})`;
      if (a.type !== "f32") return converted;
      // WGSL stops at the largest float below the end of the range.
      const most = e.type === "i32" ? 2 ** 31 - 1 : 2 ** 32 - 1;
      const cut = `select(${converted}, ${number(e.type, most)}, ${arg(0)} >= ${number("f32", most + 1)})`;
      return `select(${cut}, ${number(e.type, 0)}, ${isNanText(arg(0), isVector)})`;
    }
    case "ne":
      // Not equal is true for NaN; the operator may be an ordered one.
      if (a.type !== "f32") return `${arg(0)} != ${arg(1)}`;
      return `!(${ordered(`${arg(0)} == ${arg(1)}`, e.args, isVector, name)})`;
    case "halfToF32": {
      const half = (bits: string) => `unpack2x16float(${bits}).x`;
      if (!isVector) return half(arg(0));
      return `vec4<f32>(${[0, 1, 2, 3].map((lane) => half(`${arg(0)}[${lane}]`)).join(", ")})`;
    }
    case "bitsToF32":
      return `bitcast<${cast("f32")}>(${arg(0)})`;
    case "bitsOfF32":
      return `bitcast<${cast("u32")}>(${arg(0)})`;
    case "isNan":
      return isNanText(arg(0), isVector);
    case "min":
      return `select(${arg(0)}, ${arg(1)}, ${ordered(`${arg(1)} < ${arg(0)}`, [a], isVector, name)})`;
    case "max":
      return `select(${arg(0)}, ${arg(1)}, ${ordered(`${arg(0)} < ${arg(1)}`, [a], isVector, name)})`;
    case "eq":
    case "lt":
    case "le":
      return ordered(`${arg(0)} ${infix[e.op]} ${arg(1)}`, e.args, isVector, name);
    case "select":
      return `select(${arg(2)}, ${arg(1)}, ${arg(0)})`;
    case "mulAdd":
      return `${arg(0)} * ${arg(1)} + ${arg(2)}`;
    case "shl":
    case "shr":
      return `${arg(0)} ${e.op === "shl" ? "<<" : ">>"} ${number("u32", e.args[1].value)}`;
    case "div":
    case "rem":
      // Unsigned division is cheaper, and shifts cheaper still.
      if (e.type === "i32" && a.low >= 0 && e.args[1].op === "const") {
        const operator = e.op === "div" ? "/" : "%";
        return `${cast("i32")}(${cast("u32")}(${arg(0)}) ${operator} ${number("u32", e.args[1].value)})`;
      }
      // What GPUs make of the remainder of a negative number is not defined.
      if (e.type === "i32" && e.op === "rem") return `${arg(0)} - ${arg(0)} / ${arg(1)} * ${arg(1)}`;
      if (e.type === "f32" && mayExceed(e.args[1], LARGEST_DIVISOR)) {
        const isLarge = `abs(${arg(1)}) > ${number("f32", LARGEST_DIVISOR)}`;
        const scale = `select(${number("f32", 1)}, ${number("f32", 2 ** -4)}, ${isLarge})`;
        return `(${arg(0)} * ${scale}) / (${arg(1)} * ${scale})`;
      }
  }
  const operator = infix[e.op];
  if (!operator) throw new Error(`Cannot emit ${e.op} of ${e.type}`);
  return `${arg(0)} ${operator} ${arg(1)}`;
}

/**
 * A comparison that is false where one of these floats is NaN. Compilers for GPUs take it that none is, and make a minimum
 * or maximum of a comparison and a choice, which loses it.
 */
function ordered(
  comparison: string,
  floats: readonly Expr[],
  isVector: boolean,
  name: (arg: Expr) => string,
): string {
  const names = floats.filter((e) => e.type === "f32" && mayBeNan(e)).map(name);
  return [comparison, ...names.map((value) => `!(${isNanText(value, isVector)})`)].map((part, _, all) =>
    all.length > 1 ? `(${part})` : part
  ).join(" & ");
}

/** From the bits, as compilers take `x != x` for false. */
function isNanText(value: string, isVector: boolean): string {
  const word = (n: number) => isVector ? `vec4<u32>(${n}u)` : `${n}u`;
  const bits = `bitcast<${isVector ? "vec4<u32>" : "u32"}>(${value})`;
  return `(${bits} & ${word(0x7fffffff)}) > ${word(0x7f800000)}`;
}

function affineText(e: Expr, isVector: boolean, name: (arg: Expr) => string): string {
  const terms = e.args.map((atom, i) => {
    const value = name(atom);
    const c = e.coefficients[i];
    return c === 1 ? value : isVector ? `${value} * vec4<i32>(${c})` : `${value} * ${literal("i32", c)}`;
  });
  if (e.value !== 0) terms.push(isVector ? `vec4<i32>(${e.value})` : literal("i32", e.value));
  return terms.join(" + ");
}
