/** Expressions as JavaScript in double precision; integers keep their 32 bits. For tests only. */
import { type Axis, type Expr, visit } from "../../engine/expression/expr.ts";

/** A reduction around the expressions. */
export interface Reduction {
  readonly over: readonly Axis[];
  readonly start: readonly Expr[];
  readonly parts: readonly Expr[];
  readonly step: readonly Expr[];
  readonly finish: Expr;
}

const binary: Record<string, (a: string, b: string, type: string) => string> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b, type) => type === "f32" ? `${a} * ${b}` : `Math.imul(${a}, ${b})`,
  div: (a, b, type) => type === "f32" ? `${a} / ${b}` : `Math.trunc(${a} / ${b})`,
  rem: (a, b) => `${a} % ${b}`,
  min: (a, b) => `${b} < ${a} ? ${b} : ${a}`,
  max: (a, b) => `${a} < ${b} ? ${b} : ${a}`,
  pow: (a, b) => `Math.pow(${a}, ${b})`,
  and: (a, b) => `${a} & ${b}`,
  or: (a, b) => `${a} | ${b}`,
  xor: (a, b) => `${a} ^ ${b}`,
  shl: (a, b) => `${a} << ${b}`,
  shr: (a, b, type) => type === "u32" ? `${a} >>> ${b}` : `${a} >> ${b}`,
  eq: (a, b) => `+(${a} === ${b})`,
  ne: (a, b) => `+(${a} !== ${b})`,
  lt: (a, b) => `+(${a} < ${b})`,
  le: (a, b) => `+(${a} <= ${b})`,
};
const truncated = (a: string, type: string, low: number, high: number) =>
  type === "f32" ? `Number.isNaN(${a}) ? 0 : Math.max(${low}, Math.min(${high}, Math.trunc(${a})))` : a;
const unary: Record<string, (a: string, type: string) => string> = {
  neg: (a) => `-${a}`,
  not: (a) => `1 - ${a}`,
  isNan: (a) => `+Number.isNaN(${a})`,
  toF32: (a) => a,
  toI32: (a, type) => truncated(a, type, -(2 ** 31), 2 ** 31 - 1),
  toU32: (a, type) => truncated(a, type, 0, 2 ** 32 - 1),
  bitsToF32: (a) => `fromBits(${a})`,
  bitsOfF32: (a) => `toBits(${a})`,
  halfToF32: (a) => `fromHalf(${a})`,
  round: (a) => `roundEven(${a})`,
};

function line(e: Expr, name: (e: Expr) => string, sourceName: (source: unknown) => string): string {
  const args = e.args.map(name);
  let code: string;
  if (e.op === "const") return Object.is(e.value, -0) ? "-0" : String(e.value);
  if (e.op === "affine") {
    code = [e.value, ...args.map((a, i) => `${e.coefficients[i]} * ${a}`)].join(" + ");
  } else if (e.op === "load") code = `${sourceName(e.source)}[${args[0]}]`;
  else if (e.op === "select") return `${args[0]} ? ${args[1]} : ${args[2]}`;
  else if (e.op === "mulAdd") return `${args[0]} * ${args[1]} + ${args[2]}`;
  else if (binary[e.op]) code = binary[e.op](args[0], args[1], e.type === "bool" ? e.args[0].type : e.type);
  else if (unary[e.op]) code = unary[e.op](args[0], e.args[0].type);
  else code = `Math.${e.op}(${args[0]})`;
  if (e.type === "i32") return `(${code}) | 0`;
  if (e.type === "u32") return `(${code}) >>> 0`;
  return code;
}

const words = new DataView(new ArrayBuffer(4));
const support = {
  fromBits(bits: number) {
    words.setUint32(0, bits);
    return words.getFloat32(0);
  },
  toBits(value: number) {
    words.setFloat32(0, value);
    return words.getUint32(0);
  },
  fromHalf(bits: number) {
    words.setUint16(0, bits);
    return words.getFloat16(0);
  },
  roundEven(x: number) {
    const r = Math.round(x);
    return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
  },
};

/** Fills an array of `length` elements; `arrays` has the elements of what the expressions load. */
export type Fill = (length: number, arrays: (source: unknown) => ArrayLike<number>) => Float64Array;

/** A function that computes all elements of the loops' size. */
export function compileExprs(
  roots: readonly Expr[],
  space: readonly Axis[],
  reduction?: Reduction,
): Fill {
  const sources: unknown[] = [];
  const sourceName = (source: unknown) => {
    if (!sources.includes(source)) sources.push(source);
    return `source${sources.indexOf(source)}`;
  };
  const names = new Map<unknown, string>();
  [...space, ...reduction?.over ?? []].forEach((axis, i) => names.set(axis, `i${i}`));
  reduction?.parts.forEach((part, i) => names.set(part, `part${i}`));
  const name = (e: Expr) => e.op === "axis" ? names.get(e.source)! : names.get(e) ?? `v${e.id}`;
  const block = (exprs: readonly Expr[]) => {
    const lines: string[] = [];
    visit(exprs, (e) => {
      if (e.op === "axis" || names.has(e)) return;
      lines.push(`const v${e.id} = ${line(e, name, sourceName)};`);
    });
    return lines.join("\n");
  };
  const loops = (axes: readonly Axis[], body: string) =>
    axes.reduceRight((inner, axis) => {
      const i = names.get(axis)!;
      return `for (let ${i} = 0; ${i} < ${axis.size}; ${i}++) {\n${inner}\n}`;
    }, body);
  let inner: string;
  if (reduction) {
    const { over, start, parts, step, finish } = reduction;
    const set = step.map((e, i) => `next${i} = ${name(e)};`).join(" ");
    const move = parts.map((_, i) => `part${i} = next${i};`).join(" ");
    inner = `{ ${block(start)} ${parts.map((_, i) => `part${i} = ${name(start[i])};`).join(" ")} }
      ${loops(over, `{ ${block(step)} ${set} } ${move}`)}
      { ${block([finish])} out[at++] = ${name(finish)}; }`;
  } else {
    inner = `${block(roots)}\nout[at++] = ${name(roots[0])};`;
  }
  const variables = (reduction?.parts ?? []).map((_, i) => `let part${i}, next${i};`).join(" ");
  const code = `let at = 0; ${variables}\n${loops(space, inner)}`;
  const f = new Function("out", ...Object.keys(support), ...sources.map((_, i) => `source${i}`), code);
  return (length, arrays) => {
    const out = new Float64Array(length);
    f(out, ...Object.values(support), ...sources.map(arrays));
    return out;
  };
}
