/**
 * Loops whose steps can be gone through for a part of a batch, as if there were no other: every kernel of the body has an
 * axis such that what it computes at one place of that axis depends, of all that the loop writes, on nothing but what is
 * computed at the same place. So nobody who goes through all steps for some places has to wait for those who have others.
 *
 * It shows in the indices alone. What the loop writes to lies in memory as so many places one behind the other, perhaps
 * again and again, for each step or each head; `period` is the distance from one such run to the next. A kernel keeps to
 * its place if each of its indices moves through exactly one period with the axis, and no other loop leaves the place but
 * by whole periods.
 */
import { type Axis, axisValue, type Expr, i32, visit } from "../expression/expr.ts";
import { affineOf, indexAdd } from "../expression/index_math.ts";
import { type Kernel, kernelStores, type LoopBatch } from "../kernel.ts";
import type { Tensor } from "../tensor.ts";

/** Where a kernel touches what the loop writes. */
interface Access {
  readonly tensor: Tensor;
  readonly index: Expr;
  /** What loops and other parts of the index can be there, as far as less than usual. */
  readonly bounds: Bounds;
}

type Bounds = ReadonlyMap<Expr, readonly [low: number, high: number]>;

/** How a loop with these kernels is cut, if it can be. */
export function batchOf(kernels: readonly Kernel[]): LoopBatch | undefined {
  if (kernels.length === 0 || kernels.some((k) => k.scatter)) return undefined;
  const written = new Set(kernels.flatMap((k) => kernelStores(k).map(({ store }) => store.target)));
  const accesses = new Map<Kernel, Access[]>();
  for (const kernel of kernels) {
    const found = accessesOf(kernel, written);
    if (!found) return undefined;
    accesses.set(kernel, found);
  }
  const axes = new Map<Kernel, Axis>();
  for (const kernel of kernels) {
    if (axes.has(kernel)) continue;
    const together = kernel.space.map((axis) => followed(kernel, axis, accesses)).find((found) => found);
    if (!together) return undefined;
    for (const [each, axis] of together) axes.set(each, axis);
  }
  const size = [...axes.values()].reduce((divisor, axis) => commonDivisor(axis.size, divisor), 0);
  return size > 1 ? { size, axes } : undefined;
}

/** The axes of all kernels that share memory with one, directly or not, if that one is cut along this axis. */
function followed(
  first: Kernel,
  axis: Axis,
  accesses: ReadonlyMap<Kernel, readonly Access[]>,
): Map<Kernel, Axis> | undefined {
  const axes = new Map([[first, axis]]);
  const periods = new Map<Tensor, number>();
  /** Notes what a kernel's axis means for the memory that it touches; whether that agrees with what is known. */
  const agrees = (kernel: Kernel, along: Axis): boolean =>
    accesses.get(kernel)!.every(({ tensor, index, bounds }) => {
      const period = periodOf(index, along, bounds);
      if (period === undefined || (periods.get(tensor) ?? period) !== period) return false;
      periods.set(tensor, period);
      return true;
    });
  if (axis.size < 2 || !agrees(first, axis)) return undefined;
  for (let grows = true; grows;) {
    grows = false;
    for (const [kernel, touched] of accesses) {
      if (axes.has(kernel) || !touched.some(({ tensor }) => periods.has(tensor))) continue;
      // At most one axis moves through the period that is known.
      const known = touched.filter(({ tensor }) => periods.has(tensor));
      const along = kernel.space.find((a) =>
        a.size > 1 &&
        known.every(({ tensor, index, bounds }) => periodOf(index, a, bounds) === periods.get(tensor))
      );
      if (!along || !agrees(kernel, along)) return undefined;
      axes.set(kernel, along);
      grows = true;
    }
  }
  return axes;
}

/** Through how many elements an index moves along with an axis, if nothing else leaves its place. */
function periodOf(index: Expr, axis: Axis, bounds: Bounds): number | undefined {
  const { constant, terms } = affineOf(index);
  const step = terms.get(axisValue(axis)) ?? 0;
  if (step <= 0) return undefined;
  const period = step * axis.size;
  let [low, high] = [constant, constant];
  for (const [atom, factor] of terms) {
    if (atom === axisValue(axis) || factor % period === 0) continue;
    const [least, most] = bounds.get(atom) ?? [atom.low, atom.high];
    low += factor * (factor > 0 ? least : most);
    high += factor * (factor > 0 ? most : least);
  }
  const before = Math.floor(low / period) * period;
  return high - before < step ? period : undefined;
}

/** All that a kernel reads and writes of some tensors; `undefined` where it is not plain to see. */
function accessesOf(kernel: Kernel, written: ReadonlySet<Tensor>): Access[] | undefined {
  const stores = kernelStores(kernel).map(({ store }) => store);
  const found: Access[] = stores.map((s) => ({ tensor: s.target, index: s.index, bounds: new Map() }));
  const roots = [
    ...stores.map((s) => s.value),
    ...[kernel, ...kernel.sweeps].flatMap((p) => p.accumulators.map((a) => a.value)),
    ...kernel.contraction ? [kernel.contraction.left, kernel.contraction.right].map(elementInside) : [],
  ];
  return new Reads(written, found).addAll(roots) ? found : undefined;
}

/** An element of an operand that is not outside of it: there, zero counts and nothing is read. */
function elementInside({ index, shape, at }: NonNullable<Kernel["contraction"]>["left"]): Expr {
  return at(index.map((place, d) => {
    if (place.low >= 0 && place.high < shape[d]) return place;
    return axisValue({ name: "inside", size: shape[d] });
  }));
}

/** So many visits of expressions under one condition or the other are enough. */
const MOST_VISITS = 1 << 14;

/** What expressions read of some tensors, and under which conditions. */
class Reads {
  readonly #written: ReadonlySet<Tensor>;
  readonly #found: Access[];
  readonly #holds = new Map<Expr, boolean>();
  /** What was visited, by the bounds there. */
  readonly #seen = new Map<Bounds, Set<Expr>>();
  #visits = 0;

  constructor(written: ReadonlySet<Tensor>, found: Access[]) {
    this.#written = written;
    this.#found = found;
  }

  /** Adds what these read; whether they could be followed. */
  addAll(roots: readonly Expr[]): boolean {
    visit(roots, (e) => {
      const reads = e.op === "load" && this.#written.has(e.source as Tensor);
      this.#holds.set(e, reads || e.args.some((a) => this.#holds.get(a)));
    });
    const bounds = new Map();
    return roots.every((root) => this.#add(root, bounds));
  }

  #add(e: Expr, bounds: Bounds): boolean {
    if (!this.#seen.has(bounds)) this.#seen.set(bounds, new Set());
    const seen = this.#seen.get(bounds)!;
    if (!this.#holds.get(e) || seen.has(e)) return true;
    seen.add(e);
    if (++this.#visits > MOST_VISITS) return false;
    if (e.op === "load" && this.#written.has(e.source as Tensor)) {
      this.#found.push({ tensor: e.source as Tensor, index: e.args[0], bounds });
    }
    if (e.op !== "select") return e.args.every((a) => this.#add(a, bounds));
    const [condition, yes, no] = e.args;
    return this.#add(condition, bounds) && this.#add(yes, narrowed(bounds, condition, true)) &&
      this.#add(no, narrowed(bounds, condition, false));
  }
}

/** What is known besides where a condition holds, or does not. */
function narrowed(bounds: Bounds, condition: Expr, holds: boolean): Bounds {
  if (condition.op === "not") return narrowed(bounds, condition.args[0], !holds);
  const [a, b] = condition.args;
  if (condition.op === (holds ? "and" : "or") && a.type === "bool") {
    return narrowed(narrowed(bounds, a, holds), b, holds);
  }
  if (condition.op !== "lt" && condition.op !== "le") return bounds;
  if (a.op === "toU32" && holds && b.op === "const") {
    // As unsigned numbers, those below zero are large ones.
    return atMost(
      atMost(bounds, i32(0), a.args[0]),
      a.args[0],
      i32(b.value - (condition.op === "lt" ? 1 : 0)),
    );
  }
  if (a.type !== "i32") return bounds;
  const [small, large] = holds ? [a, b] : [b, a];
  // a < b is a <= b - 1, and so is what is left where a <= b does not hold.
  const isStrict = (condition.op === "lt") === holds;
  return atMost(bounds, isStrict ? indexAdd(small, 1) : small, large);
}

/** What `small <= large` says of the one part of theirs that changes, if it is one. */
function atMost(bounds: Bounds, small: Expr, large: Expr): Bounds {
  const [left, right] = [affineOf(small), affineOf(large)];
  const terms = new Map(right.terms);
  for (const [atom, factor] of left.terms) terms.set(atom, (terms.get(atom) ?? 0) - factor);
  const changing = [...terms].filter(([, factor]) => factor !== 0);
  if (changing.length !== 1) return bounds;
  // 0 <= rest + factor * atom
  const [[atom, factor]] = changing;
  const rest = right.constant - left.constant;
  const [low, high] = bounds.get(atom) ?? [atom.low, atom.high];
  const next = factor > 0
    ? [Math.max(low, Math.ceil(-rest / factor)), high] as const
    : [low, Math.min(high, Math.floor(rest / -factor))] as const;
  return new Map([...bounds, [atom, next]]);
}

const commonDivisor = (a: number, b: number): number => b === 0 ? a : commonDivisor(b, a % b);
