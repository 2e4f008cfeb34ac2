/**
 * What a scalar expression is. Equal expressions are the same object, so sharing is found by identity: each remembers what
 * was made of it, and whoever makes the same again is given that. There is no table of all expressions, so any number of
 * plans may be made at a time; expressions live as long as what they are made of, and end with a plan's axes.
 */
import type { DType } from "../array.ts";
import { halfBitsOf } from "../element.ts";
import { WeakValues } from "./weak_values.ts";

/** The types that arithmetic happens in. */
export type ScalarType = "f32" | "i32" | "u32" | "bool";

/** The type that elements of `dtype` have once they are loaded; those of `float16` are their bits. */
export function scalarType(dtype: DType): ScalarType {
  return dtype === "float32" ? "f32" : dtype === "int32" ? "i32" : dtype === "bool" ? "bool" : "u32";
}

/** One loop of a kernel: an index that runs from 0 to `size - 1`. */
export interface Axis {
  readonly name: string;
  readonly size: number;
}

/** The operations; `affine` is `value + sum(coefficients[i] * args[i])`. */
export type ExprOp =
  | "const"
  | "axis"
  | "load"
  | "placeholder"
  | "affine"
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "ceil"
  | "round"
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "tanh"
  | "not"
  | "toF32"
  | "toI32"
  | "toU32"
  | "bitsToF32"
  | "bitsOfF32"
  | "halfToF32"
  | "isNan"
  | "add"
  | "sub"
  | "mul"
  | "mulAdd"
  | "div"
  | "rem"
  | "min"
  | "max"
  | "pow"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shr"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "select";

/** A scalar expression. Made by the functions of this folder only. */
export interface Expr {
  readonly id: number;
  readonly op: ExprOp;
  readonly type: ScalarType;
  readonly args: readonly Expr[];
  /** The number of a `const`, the constant term of an `affine`. */
  readonly value: number;
  /** The factors of an `affine`, one per argument. */
  readonly coefficients: readonly number[];
  /** The axis of an `axis`, the tensor of a `load`. */
  readonly source: unknown;
  /** The smallest and largest value, exact for index arithmetic, else the whole type. */
  readonly low: number;
  readonly high: number;
}

/** The parts of an expression other than its operation, type and arguments. */
export interface ExprExtra {
  value?: number;
  coefficients?: readonly number[];
  source?: object;
  range?: readonly [number, number];
}

let nextId = 0;

class Node implements Expr {
  readonly id = nextId++;
  readonly op: ExprOp;
  readonly type: ScalarType;
  readonly args: readonly Expr[];
  readonly value: number;
  readonly coefficients: readonly number[];
  readonly source: object | undefined;
  readonly low: number;
  readonly high: number;
  /** The last that was made of this and of older ones; each knows the one before it. */
  made: Node | undefined;
  before: Node | undefined;
  /** Where that are many, the same by key, those of one key knowing the one before. */
  table: Map<object | number, Node> | undefined;

  constructor(op: ExprOp, type: ScalarType, args: readonly Expr[], extra: ExprExtra) {
    this.op = op;
    this.type = type;
    this.args = args;
    this.value = extra.value ?? 0;
    this.coefficients = extra.coefficients ?? NONE;
    this.source = extra.source;
    [this.low, this.high] = extra.range ?? (type === "u32" ? UNSIGNED : SIGNED);
  }
}

const NONE: readonly number[] = [];
const UNSIGNED = [0, 2 ** 32 - 1] as const;
const SIGNED = [-(2 ** 31), 2 ** 31 - 1] as const;

/** What is made of constants alone; such loads by their source, which outlives the plans that load from it. */
const ofConstants = new WeakValues<string, Node>();
const loadsOf = new WeakMap<object, WeakValues<string, Node>>();

/** Makes an expression of others, or gives the equal one that exists. */
export function intern(op: ExprOp, type: ScalarType, args: readonly Expr[], extra: ExprExtra = {}): Expr {
  const newest = newestOf(args);
  if (!newest) {
    let made = ofConstants;
    if (extra.source) {
      made = loadsOf.get(extra.source) ?? new WeakValues();
      loadsOf.set(extra.source, made);
    }
    return made.get(`${op} ${type} ${args.map((a) => a.id)}`, () => new Node(op, type, args, extra));
  }
  let count = 0;
  const key = newest.table && keyOf(args, extra);
  const last = newest.table ? newest.table.get(key!) : newest.made;
  for (let node = last; node; node = node.before, count++) {
    if (isSame(node, op, type, args, extra)) return node;
  }
  const made = new Node(op, type, args, extra);
  made.before = last;
  if (newest.table) newest.table.set(key!, made);
  else if (count < FEW) newest.made = made;
  else fillTable(newest, made);
  return made;
}

/** So many are as soon looked through. */
const FEW = 8;

function fillTable(of: Node, newest: Node): void {
  of.table = new Map();
  for (let node: Node | undefined = newest; node;) {
    const { before }: Node = node;
    const key = keyOf(node.args, node);
    node.before = of.table.get(key);
    of.table.set(key, node);
    node = before;
  }
  of.made = undefined;
}

/** Constants belong to all plans, so they remember nothing. The newest argument is the one of which least is made. */
function newestOf(args: readonly Expr[]): Node | undefined {
  let newest: Expr | undefined;
  for (const arg of args) if (arg.op !== "const" && !(newest && newest.id > arg.id)) newest = arg;
  return newest as Node | undefined;
}

/** The source of a load; else a number, the same for what is the same. */
function keyOf(
  args: readonly Expr[],
  { value = 0, coefficients = NONE, source }: ExprExtra,
): object | number {
  if (source) return source;
  let key = value | 0;
  for (const arg of args) key = Math.imul(key, 31) + arg.id | 0;
  for (const c of coefficients) key = Math.imul(key, 31) + c | 0;
  return key;
}

function isSame(
  node: Node,
  op: ExprOp,
  type: ScalarType,
  args: readonly Expr[],
  { value = 0, coefficients = NONE, source }: ExprExtra,
): boolean {
  return node.op === op && node.type === type && node.source === source && Object.is(node.value, value) &&
    areSame(node.args, args) && areSame(node.coefficients, coefficients);
}

function areSame<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

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
