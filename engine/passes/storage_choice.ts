/**
 * Which tensors get memory. Contractions, reductions and packs always do (unless all that uses them ends up in
 * the same kernel); a map gets none when writing it out where it is used is no dearer than storing and loading it.
 */
import { consumersOf, viewed } from "../graph/graph.ts";
import { Evaluator } from "./evaluate.ts";
import { type Expr, i32, visit } from "../expression/expr.ts";
import type { ContractionBody, MapBody, ReduceBody, Tensor } from "../tensor.ts";
import { sameShape, sizeOf } from "../shape.ts";
import { axesOf, sharedAxes } from "../expression/axes.ts";
import { CHEAP, CHEAP_IN_ROWS, CHEAP_SCALAR, CHEAP_WHEN_REPEATED, DEAR, weigh } from "./recompute_cost.ts";
import { keepsRows, type RowPolicy } from "./row_policy.ts";
import type { SplitPolicy } from "./split_sums.ts";

/** What a device wants of fusion. */
export interface FusePolicy {
  /** The most tensors that one kernel may touch. */
  readonly maxOperands: number;
  /** The largest pooling window that may follow a contraction inside its kernel; 0 for none. */
  readonly windowLimit: number;
  /** What an element of a contraction's operand may cost that is computed while it is read; left out where all are stored. */
  readonly operandCost?: number;
  /** Which rows stay at hand, so that one kernel may go over them several times; left out where none do. */
  readonly rows?: RowPolicy;
  /**
   * Reductions of so many elements do not wait for others that read something else: what they read is at hand when it was just
   * made. Left out, all over the same loops are one kernel, as far as they can be.
   */
  readonly longAlone?: number;
  /** Bytes of a part of the memory for temporaries, which lie in several where one is too short; left out, in one. */
  readonly arenaPart?: number;
  /** How much should be under way at one time. */
  readonly split: SplitPolicy;
}

/** Maps that are written out within each other, at most: code generators walk down the whole expression. */
export const LONGEST_CHAIN = 64;

/** The tensors that use a tensor, straight or through views. */
export function usersOf(order: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const consumers = consumersOf(order);
  const users = new Map<Tensor, Tensor[]>();
  for (const tensor of [...order].reverse()) {
    const direct = consumers.get(tensor)!.flatMap((c) => c.op.body.kind === "view" ? users.get(c)! : [c]);
    users.set(tensor, [...new Set(direct)]);
  }
  return users;
}

/**
 * The tensors that need memory, leaves left out, and for each tensor how many maps are written out within each other to
 * compute it. `roots` are read or kept after the program.
 */
export function chooseStored(
  order: readonly Tensor[],
  roots: ReadonlySet<Tensor>,
  users: ReadonlyMap<Tensor, Tensor[]>,
  policy: FusePolicy,
): { stored: ReadonlySet<Tensor>; chains: ReadonlyMap<Tensor, number> } {
  const { operandCost } = policy;
  const stored = new Set<Tensor>();
  const isStored = (t: Tensor) => stored.has(t) || t.op.body.kind === "leaf";
  const evaluator = new Evaluator((t) => isStored(t) ? { target: t, offset: 0 } : undefined);
  const axes = sharedAxes();
  const placesRead = placesCounter();
  const chains = new Map<Tensor, number>();
  for (const tensor of order) {
    const { kind } = tensor.op.body;
    const longest = Math.max(0, ...tensor.inputs.map((t) => isStored(t) ? 0 : chains.get(t)!));
    chains.set(tensor, longest + (kind === "map" ? 1 : 0));
    if (kind === "leaf" || kind === "view") continue;
    if (
      kind !== "map" || tensor.op.compactForm || roots.has(tensor) ||
      longest >= LONGEST_CHAIN
    ) {
      stored.add(tensor);
      continue;
    }
    if (tensor.op.isWrittenOut) continue;
    const uses = users.get(tensor)!;
    // Not `at`, which would go on giving what it is made of when it is stored.
    const context = evaluator.context(tensor, axes(tensor.shape).map((a) => a.value));
    if (!mayInline(tensor, uses, (tensor.op.body as MapBody<unknown>).value(context))) stored.add(tensor);
  }
  return { stored, chains };

  function mayInline(tensor: Tensor, uses: readonly Tensor[], value: Expr): boolean {
    const { cost, loads } = weigh(value);
    if (uses.some((u) => ["pack", "loop"].includes(u.op.body.kind))) return false;
    if (cost > DEAR && loads.length === 1 && takesPlaceOf(loads[0], tensor, uses)) return false;
    if (cost > CHEAP_IN_ROWS && isNeededAgainInRows(tensor, uses)) return false;
    // Another order of the same elements costs nothing wherever it is read.
    if (value.op === "load" && isStrided(value.args[0])) return true;
    if (loads.length > policy.maxOperands / 2) return false;
    const isOperand = uses.some((u) => u.op.body.kind === "contraction");
    if (isOperand) {
      // Worth it only where the result is larger than all that it is made from.
      const read = loads.reduce((sum, t) => sum + t.size, 0);
      if (operandCost === undefined || cost > operandCost || read >= tensor.size) return false;
      // What is looked up lies anywhere: products want to know where the next element is.
      if (isLookedUp(value)) return false;
    }
    if (tensor.size === 1) return cost <= CHEAP_SCALAR;
    const repeats = Math.max(1, ...uses.map((u) => iterations(u, tensor, placesRead) / tensor.size));
    if (repeats > 1.5) return cost <= CHEAP_WHEN_REPEATED && loads.length <= 1;
    // Reductions over the same loops will share a kernel, so they count as one use.
    if (uses.every((u) => u === uses[0] || sameLoops(u, uses[0]))) return true;
    return cost <= (isOperand ? operandCost! : CHEAP) && loads.length <= 3 && !endsAnchor(tensor);
  }

  /**
   * Whether a map of one tensor, such as the slope of an activation, had better be kept in that one's place: whoever needs it
   * needs others, too, which come later, and nobody else will need that tensor then.
   */
  function takesPlaceOf(source: Tensor, tensor: Tensor, uses: readonly Tensor[]): boolean {
    const known = new Map<Tensor, boolean>();
    const isOwn = (t: Tensor): boolean => {
      if (!known.has(t)) {
        known.set(t, viewed(t) === source || t.size === 1 || isAlike(t) && t.inputs.every(isOwn));
      }
      return known.get(t)!;
    };
    const isAlike = (t: Tensor) =>
      t.size === source.size && t.op.body.kind === "map" &&
      (t.op.body as MapBody<unknown>).elementwise === true;
    return ["map", "contraction"].includes(source.op.body.kind) && isOwn(tensor) &&
      uses.every((u) => isAlike(u) && !isOwn(u)) && users.get(source)!.every((u) => isOwn(u));
  }

  /** Whether a kernel that goes over rows several times computes this, reduces it, and may need it again. */
  function isNeededAgainInRows(tensor: Tensor, uses: readonly Tensor[]): boolean {
    return uses.length > 1 && uses.some((u) => {
      if (u.op.body.kind !== "reduce") return false;
      const length = sizeOf(overOf(u));
      return u.size * length === tensor.size && keepsRows(policy.rows, u.size, length);
    });
  }

  /** Whether storing the tensor is free, since it can take the place of a reduction's or contraction's result. */
  function endsAnchor(tensor: Tensor): boolean {
    return tensor.inputs.some((input) => {
      const source = viewed(input);
      if (source.size !== tensor.size || users.get(source)!.length > 1) return false;
      const kind = source.op.body.kind;
      return kind === "contraction" || kind === "reduce" ||
        kind === "map" && !stored.has(source) && endsAnchor(source);
    });
  }
}

/** The number of times a kernel for this tensor reads an input, at most, summed over its loops. */
function iterations(tensor: Tensor, input: Tensor, placesRead: PlacesRead): number {
  const { body } = tensor.op;
  if (body.kind === "reduce") {
    return tensor.size * sizeOf((body as ReduceBody<unknown>).over(tensor.inputs, tensor.attrs));
  }
  if (body.kind === "contraction") {
    const { left, right } = contractionInputs(tensor);
    return Math.max(left.size, right.size);
  }
  const isMoved = body.kind === "map" && !(body as MapBody<unknown>).elementwise;
  return tensor.size * (isMoved ? placesRead(tensor, input) : 1);
}

/** How many elements of an input each element of a map is made from. */
type PlacesRead = (map: Tensor, input: Tensor) => number;

/** Counts them; each map is looked at once for all of its inputs. */
function placesCounter(): PlacesRead {
  const known = new Map<Tensor, Map<Tensor, number>>();
  return (map, input) => {
    let counts = known.get(map);
    if (!counts) known.set(map, counts = countPlaces(map));
    return counts.get(input) ?? 0;
  };
}

function countPlaces(map: Tensor): Map<Tensor, number> {
  const inputs = new Set(map.inputs);
  const evaluator = new Evaluator((t) => inputs.has(t) ? { target: t, offset: 0 } : undefined);
  const counts = new Map<Tensor, number>();
  visit([evaluator.at(map, axesOf(map.shape).map((a) => a.value))], (e) => {
    if (e.op !== "load") return;
    const source = viewed(e.source as Tensor);
    counts.set(source, (counts.get(source) ?? 0) + 1);
  });
  return counts;
}

/** Whether an element is loaded from where another one says. */
function isLookedUp(value: Expr): boolean {
  let isFound = false;
  visit([value], (e) => {
    if (e.op === "load") visit(e.args, (part) => isFound ||= part.op === "load");
  });
  return isFound;
}

/** Whether an index is a sum of loop indices with factors. */
const isStrided = (index: Expr) =>
  ["const", "axis"].includes(index.op) || index.op === "affine" && index.args.every((a) => a.op === "axis");

/** The sizes of a reduction's loops. */
export const overOf = (tensor: Tensor): readonly number[] =>
  (tensor.op.body as ReduceBody<unknown>).over(tensor.inputs, tensor.attrs);

/** Whether two tensors are reductions over the same loops. */
export function sameLoops(a: Tensor, b: Tensor): boolean {
  const areReductions = a.op.body.kind === "reduce" && b.op.body.kind === "reduce";
  return areReductions && sameShape(a.shape, b.shape) && sameShape(overOf(a), overOf(b));
}

/** The two tensors that a contraction reads. */
export function contractionInputs(tensor: Tensor): { left: Tensor; right: Tensor } {
  const body = tensor.op.body as ContractionBody<unknown>;
  const index = body.space(tensor.inputs, tensor.attrs).map(() => i32(0));
  const over = body.over(tensor.inputs, tensor.attrs).map(() => i32(0));
  return {
    left: tensor.inputs[body.left(index, over, tensor.inputs, tensor.attrs).input],
    right: tensor.inputs[body.right(index, over, tensor.inputs, tensor.attrs).input],
  };
}
