/** The rounds of loops that a thread goes through, where an adapter makes only so many. */
import { roundsOf } from "../../loop_nest/loop_steps.ts";
import type { MergedNest } from "../../loop_nest/merged_nest.ts";
import type { NestThreads } from "./wgsl_loop_body.ts";

/** More rounds than these are not written out one after another. */
const MOST_UNROLLED = 64;

/** A sum of products inside of a reduction is not shared. */
export const isShareable = ({ reductions, dot }: MergedNest): boolean =>
  (reductions.length > 0) !== (dot !== undefined);

/** The rounds of a nest's reductions, all loops as one. */
export const sumsOf = ({ over, dotOver }: MergedNest): number => roundsOf(over) * roundsOf(dotOver);

/** The rounds of all loops that a thread goes through, those of tiers of sums left out. */
export function roundsOfThread(
  nest: MergedNest,
  { sharers, unrolled, takesTurns }: Pick<NestThreads, "sharers" | "unrolled" | "takesTurns">,
): number {
  if (takesTurns) return Math.floor(sumsOf(nest) / (sharers * unrolled)) + unrolled;
  const loops = [...nest.over, ...nest.dotOver].map((axis) => axis.size);
  const inner = loops.pop();
  if (inner === undefined) return 0;
  let [rounds, all] = [1, 0];
  for (const size of [...loops, Math.ceil(inner / unrolled)]) all += rounds *= size;
  return all;
}

/**
 * Has more threads share each sum, up to so many, and more rounds written out one after another, until no thread goes through
 * more rounds than an adapter makes.
 *
 * @throws {RangeError} where that is not possible.
 */
export function withinRounds(
  label: string,
  nest: MergedNest,
  given: NestThreads,
  { maxSharers, maxRounds }: { readonly maxSharers: number; readonly maxRounds: number },
): NestThreads {
  let threads = given;
  const isTooLong = () => roundsOfThread(nest, threads) > maxRounds;
  if (isTooLong() && isShareable(nest)) {
    threads = { ...threads, takesTurns: true };
    while (isTooLong() && threads.sharers < maxSharers) {
      threads = { ...threads, sharers: 2 * threads.sharers };
    }
    while (isTooLong() && threads.unrolled < MOST_UNROLLED) {
      threads = { ...threads, unrolled: 2 * threads.unrolled };
    }
  }
  if (!isTooLong()) return threads;
  const [rounds, most] = [roundsOfThread(nest, threads), maxRounds].map((n) => n.toLocaleString("en"));
  throw new RangeError(
    `Cannot compute ${label} with an adapter that is a program: each result takes ${rounds} rounds of a loop, ` +
      `and such an adapter leaves out what is beyond some ${most}; the cpu device computes it`,
  );
}
