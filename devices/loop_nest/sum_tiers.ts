/**
 * Long sums in levels: a few values are added one after another, then that sum to a sum of such sums, and so on. What
 * rounding does then grows with the few that are added at a level, not with all there are. No level needs memory.
 */

/** So many additions after another are one level, about. */
const LEVEL = 64;
/** A level of fewer additions is not worth its end; up to so many are left as they are. */
const FEWEST = 16;
const MOST = 2 * LEVEL;

/**
 * Where the loops of a sum are cut into levels.
 *
 * @param steps How many additions after another each loop is, the outermost first.
 * @returns For each loop, the numbers of its rounds after each of which a level ends, the shortest first; one round, where
 * all that is inside of it is a level. Each number is a multiple of the one before it.
 */
export function sumLevels(steps: readonly number[]): number[][] {
  const ends: number[][] = steps.map(() => []);
  let run = 1;
  for (let loop = steps.length - 1; loop >= 0; loop--) {
    let rounds = steps[loop];
    if (run * rounds <= MOST) {
      run *= rounds;
      continue;
    }
    let length = run >= FEWEST ? 1 : Math.ceil(LEVEL / run);
    while (rounds / length > 1) {
      ends[loop].push(length);
      if (Math.ceil(rounds / length) <= MOST) break;
      length *= LEVEL;
    }
    rounds = Math.ceil(rounds / (ends[loop].at(-1) ?? 1));
    run = rounds;
  }
  return ends;
}
