/**
 * Equal expressions are the same object, so sharing is found by identity: each remembers what
 * was made of it, and whoever makes the same again is given that. There is no table of all expressions, so any number of
 * plans may be made at a time; expressions live as long as what they are made of, and end with a plan's axes.
 */
import type { Expr, ExprExtra, ExprOp, ScalarType } from "./node.ts";
import { WeakValues } from "./weak_values.ts";

let nextId = 0;

/** An expression, and what is made of it. */
export class Node implements Expr {
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
