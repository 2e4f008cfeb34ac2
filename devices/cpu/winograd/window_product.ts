/** Contractions that are sums over a window of three rows and columns, which moves by one; or over all places of such a window. */
import { type Axis, type Expr, i32 } from "../../../engine/expression/expr.ts";
import { rewrite } from "../../../engine/expression/index_math.ts";
import type { ContractionOperand, Kernel } from "../../../engine/kernel.ts";
import { type Roles, rolesOf } from "../../contraction/sides.ts";
import { axesIn, stepOf, unevenAxes } from "../../loop_nest/loop_steps.ts";

/** Rows and columns of the window. */
export const WINDOW = 3;

/** Loops over places along rows or columns, and the one over the window that is laid there. */
export interface Along {
  readonly place: Axis;
  /** The places that a pooling window joins, where each round of the loop is one such window. */
  readonly pooled: Axis | undefined;
  readonly window: Axis;
  /** Whether the window is gone through backwards. */
  readonly isFlipped: boolean;
}

/**
 * A contraction over windows. Its left side is images, read at `place + window` along rows and along columns. Either it is
 * summed over the window, and the right side is the window's weights; or over places, and the right side is what these
 * weights' results are worth.
 */
export interface WindowProduct {
  readonly left: ContractionOperand;
  readonly right: ContractionOperand;
  readonly sumsOver: "windows" | "places";
  readonly along: readonly [Along, Along];
  /** Of the left side. */
  readonly channel: Axis;
  /** Of the right side, and of the result. */
  readonly lane: Axis;
  /** Over images; none where there is only one. */
  readonly image: Axis | undefined;
  /** Other loops over results, which both sides follow. */
  readonly batches: readonly Axis[];
}

/**
 * The kernel's contraction as one over windows, if it is that, and nothing else goes through it but pooling windows that
 * do not overlap, of which `side` places are a multiple.
 */
export function windowProductOf(kernel: Kernel, side: number): WindowProduct | undefined {
  const roles = rolesOf(kernel);
  if (!roles || kernel.sweeps.length > 0) return undefined;
  const { left, right, space, sumAxes, lane, isRight } = roles;
  if (unevenAxes([...left.index, ...right.index]).size > 0) return undefined;
  const found = left.index.flatMap((place) => alongOf(place, roles) ?? []);
  const [first, second, ...others] = found;
  if (!second || others.length > 0 || first.sumsOver !== second.sumsOver) return undefined;
  const { sumsOver } = first;
  const pooled = found.flatMap((a) => a.pooled ?? []);
  if (roles.window.length !== pooled.length || pooled.some((a) => side % a.size !== 0)) return undefined;
  const used = new Set([first, second].flatMap((a) => [a.place, a.window]));
  // Along these loops nothing else may change.
  const followers = left.index.filter((place) => [...axesIn([place])].some((a) => used.has(a)));
  if (followers.length > 2 || used.size < 4) return undefined;
  const results = space.filter((a) => a !== lane && !used.has(a));
  const summed = sumAxes.filter((a) => !used.has(a));
  const own = results.filter((a) => !isRight(a));
  const batches = results.filter(isRight);
  const [channels, images] = sumsOver === "windows" ? [summed, own] : [own, summed];
  if (channels.length !== 1 || images.length > 1) return undefined;
  if (sumsOver === "windows" ? batches.length > 0 : kernel.accumulators.length > 0) return undefined;
  return {
    left,
    right,
    sumsOver,
    along: [first, second],
    channel: channels[0],
    lane,
    image: images[0],
    batches,
  };
}

/** The loops that an axis of the left side is gone through by, where a window is laid along it. */
function alongOf(
  place: Expr,
  { space, sumAxes, window: pools, isRight }: Roles,
): Along & Pick<WindowProduct, "sumsOver"> | undefined {
  const followed = axesIn([place]);
  const [own, ...others] = space.filter((a) => followed.has(a));
  const [sum, ...more] = sumAxes.filter((a) => followed.has(a));
  const [pooled, ...further] = pools.filter((a) => followed.has(a));
  if (!own || !sum || others.length + more.length + further.length > 0 || isRight(own)) return undefined;
  const sumsOver: WindowProduct["sumsOver"] = sum.size === WINDOW ? "windows" : "places";
  const [at, window] = sumsOver === "windows" ? [own, sum] : [sum, own];
  const step = stepOf(place, window);
  const isEven = stepOf(place, at) === (pooled?.size ?? 1) && (!pooled || stepOf(place, pooled) === 1);
  if (window.size !== WINDOW || !isEven || Math.abs(step) !== 1) return undefined;
  return { place: at, pooled, window, isFlipped: step < 0, sumsOver };
}

/** All places along rows or columns. */
export const placesAlong = ({ place, pooled }: Along): number => place.size * (pooled?.size ?? 1);

/** The rounds of the loops at some place, for what follows them as one loop over all places. */
export const roundsAt = ({ place, pooled }: Along, at: Expr): [Axis, Expr][] =>
  pooled ? [[place, i32(0)], [pooled, at]] : [[place, at]];

/** Expressions with loops replaced. */
export function withLoops(places: ReadonlyMap<Axis, Expr>): (e: Expr) => Expr {
  const memo = new Map<Expr, Expr>();
  return (e) => rewrite(e, (part) => part.op === "axis" ? places.get(part.source as Axis) : undefined, memo);
}

/** An operand where loops are at some places. */
export const operandAt = (side: ContractionOperand, places: ReadonlyMap<Axis, Expr>): ContractionOperand => ({
  ...side,
  index: side.index.map(withLoops(places)),
});

/** The round of the window's loop for its element with a number, in the order in which they lie. */
export const windowRound = ({ isFlipped }: Along, element: number): Expr =>
  i32(isFlipped ? WINDOW - 1 - element : element);

/** The rounds of a loop that may be left out. */
export const sizeOfLoop = (axis: Axis | undefined): number => axis?.size ?? 1;
