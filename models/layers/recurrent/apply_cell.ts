/** A cell at all places of a sequence, one after another or at once. */
import type { Tensor } from "../../../engine/tensor.ts";
import { iota, less, reshape, scan, slice, type Tensors, transpose, where, zeros } from "../../../ops/mod.ts";
import type { RecurrentCell } from "./recurrent_cell.ts";

/** How a cell goes through sequences. */
interface Way {
  /** `[batch, length, channels]` */
  readonly x: Tensor;
  readonly weights: Tensors;
  /** The states before the first place, in the order of the cell's; zeros where there are none. */
  readonly first: readonly Tensor[];
  /** How many places of each sequence count, int32 `[batch]`. */
  readonly lengths: Tensor | undefined;
  /** From the last place to the first. */
  readonly reverse: boolean;
  readonly units: number;
  /** Whether all states come out. */
  readonly returnSequences: boolean;
  /** What the state is multiplied by where it goes into a product, `[batch, units]`. */
  readonly stateMask: Tensor | undefined;
}

/** What comes of it. */
interface Gone {
  /** All states, `[batch, length, units]`, or the last one. */
  readonly result: Tensor;
  /** All that is carried behind the last place. */
  readonly last: Tensors;
}

/** Swaps the batch and the places of sequences. */
const swapped = (x: Tensor): Tensor => transpose(x, [1, 0, 2]);

/** Applies a cell to all places. */
export function applyCell(cell: RecurrentCell, way: Way): Gone {
  if (cell.all) return allAtOnce(cell.all, way);
  const { x, weights, first, lengths, reverse, units, returnSequences, stateMask } = way;
  const [batch, length] = x.shape;
  // Known for all places before the first one.
  const places = lengths && less(reshape(iota(length), [length, 1, 1]), reshape(lengths, [batch, 1]));
  const { carry, ys } = scan((state: Tensors, { x, counts }: Tensors) => {
    const made = cell.step(x, state, weights, stateMask);
    const next = Object.fromEntries(
      cell.states.map((name) => [name, counts ? where(counts, made[name], state[name]) : made[name]]),
    );
    const kept: Tensors = returnSequences ? { h: counts ? where(counts, made.h, 0) : made.h } : {};
    return { carry: next, ys: kept };
  }, {
    carry: Object.fromEntries(cell.states.map((name, i) => [name, first[i] ?? zeros([batch, units])])),
    xs: { x: swapped(x), ...places ? { counts: places } : {} },
    reverse,
  });
  return { result: returnSequences ? swapped(ys.h) : carry.h, last: carry };
}

/** The same of a cell that has all states at once: it has one, `h`. */
function allAtOnce(all: NonNullable<RecurrentCell["all"]>, way: Way): Gone {
  const { x, weights, first: [first], lengths, reverse, units, returnSequences } = way;
  const [batch, length] = x.shape;
  const counts = lengths && less(reshape(iota(length), [length, 1]), reshape(lengths, [batch, 1, 1]));
  const { h } = all(x, weights, { state: first && { h: first }, reverse, counts });
  const last = reshape(slice(h, [0, reverse ? 0 : length - 1, 0], [batch, 1, units]), [batch, units]);
  return { result: returnSequences ? counts ? where(counts, h, 0) : h : last, last: { h: last } };
}
