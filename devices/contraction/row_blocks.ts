/**
 * Rows of a left side that lie side by side, while its terms lie far apart: so it is where a gradient of weights is summed
 * over examples. Tiles of such rows would touch a line of the cache for each term. So the side is copied in blocks of four
 * rows, each with all of its terms one after another: [rows / 4, everything else, 4].
 */
import { axesOf } from "../../engine/expression/axes.ts";
import { type Axis, axisValue, i32 } from "../../engine/expression/expr.ts";
import { flatten, indexDiv, indexSub, indexSum } from "../../engine/expression/index_math.ts";
import { operandValue } from "../loop_nest/loop_kernel.ts";
import { besideRows } from "../loop_nest/loop_order.ts";
import { atStart, axesIn, isMultipleOf, stepOf } from "../loop_nest/loop_steps.ts";
import { arrayOf, copyOf, leftWhereItLies, type Located, type Roles, type SideOptions } from "./sides.ts";

/** Rows of a block: a vector has as many. */
export const BLOCK_ROWS = 4;
/** With fewer columns, a side is not read often enough to be copied for this alone. */
const FEW_COLUMNS = 256;

/** The loop over the rows of a block, and which axis of the left side it goes along. */
interface BlockedRows {
  readonly axis: Axis;
  readonly along: number;
}

/** The loop over rows that are worth being in blocks; it has to be cut where it has more rounds than a block. */
export function rowsInBlocks(roles: Roles, options: SideOptions): BlockedRows | undefined {
  const { left, space, lane, sumAxes, window, isRight } = roles;
  const last = sumAxes.at(-1);
  if (options.panel === undefined || window.length > 0 || !last) return undefined;
  if (lane.size < FEW_COLUMNS && leftWhereItLies(roles, options)) return undefined;
  // What moves with a loop around the kernel would be copied for all of its steps, in each of them.
  const own = new Set([...space, ...sumAxes]);
  if ([...axesIn(left.index)].some((a) => !own.has(a))) return undefined;
  const place = arrayOf(left, options)?.start ?? flatten(left.index, left.shape);
  if (Math.abs(stepOf(place, last)) <= 1) return undefined;
  const axis = space.findLast((a) =>
    a !== lane && !isRight(a) && a.size % BLOCK_ROWS === 0 && stepOf(place, a) === 1
  );
  if (!axis) return undefined;
  const [along, ...others] = left.index.flatMap((e, d) => axesIn([e]).has(axis) ? [d] : []);
  if (along === undefined || others.length > 0 || stepOf(left.index[along], axis) !== 1) return undefined;
  const isCut = axis.size > BLOCK_ROWS || isMultipleOf(BLOCK_ROWS, atStart(left.index[along], [axis]));
  return isCut ? { axis, along } : undefined;
}

/** A copy of the places from the lowest to the highest that is read on each axis, zero where there is nothing. */
export function locateInBlocks({ left: side }: Roles, { axis, along }: BlockedRows): Located {
  const first = atStart(side.index[along], [axis]);
  const lows = side.index.map((e, d) => d === along ? first.low : e.low);
  const sizes = side.index.map((e, d) => d === along ? 1 : e.high - lows[d] + 1);
  const shape = [(first.high - first.low) / BLOCK_ROWS + 1, ...sizes, BLOCK_ROWS];
  const loops = axesOf(shape, "p");
  const [block, row] = [loops[0].value, loops.at(-1)!.value];
  const place = lows.map((low, d) =>
    d === along ? indexSum([[block, BLOCK_ROWS], [row, 1]], low) : indexSum([[loops[d + 1].value, 1]], low)
  );
  const space = loops.map((l) => l.axis);
  const value = operandValue({ ...side, index: place });
  const copied = copyOf("left side", space, value, besideRows(space, space[0]));
  const rest = side.index.map((e, d) => d === along ? i32(0) : indexSub(e, lows[d]));
  const start = [indexDiv(indexSub(first, first.low), BLOCK_ROWS), ...rest, axisValue(axis)];
  return { ...copied, start: flatten(start, shape) };
}
