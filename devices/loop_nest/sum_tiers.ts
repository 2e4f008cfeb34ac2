/**
 * Long sums in tiers: a few values are added one after another, then that sum to a sum of such sums, and so on. What
 * rounding does then grows with the few that are added at a tier, not with all there are. No tier needs memory.
 */

/** So many additions after another are one tier, about. */
const TIER = 64;
/** A tier of fewer additions is not worth its end; up to so many are left as they are. */
const FEWEST = 16;
const MOST = 2 * TIER;

/**
 * Where the loops of a sum are cut into tiers.
 *
 * @param steps How many additions after another each loop is, the outermost first.
 * @returns For each loop, the numbers of its rounds after each of which a tier ends, the shortest first; one round, where
 * all that is inside of it is a tier. Each number is a multiple of the one before it.
 */
export function sumTiers(steps: readonly number[]): number[][] {
  const ends: number[][] = steps.map(() => []);
  let run = 1;
  for (let loop = steps.length - 1; loop >= 0; loop--) {
    let rounds = steps[loop];
    if (run * rounds <= MOST) {
      run *= rounds;
      continue;
    }
    let length = run >= FEWEST ? 1 : Math.ceil(TIER / run);
    while (rounds / length > 1) {
      ends[loop].push(length);
      if (Math.ceil(rounds / length) <= MOST) break;
      length *= TIER;
    }
    rounds = Math.ceil(rounds / (ends[loop].at(-1) ?? 1));
    run = rounds;
  }
  return ends;
}
