/** What counting characters and pairs of them comes to: what a network has to be better than. */

/** What is taken off each count of a pair, for pairs that were never seen. */
const DISCOUNT = 0.75;

/** Losses in nats a character. */
export interface CountedLosses {
  /** By how often each character is alone. */
  readonly unigram: number;
  /** By what stands in front of it, too. */
  readonly bigram: number;
}

/**
 * How surprising the characters of some sequences are to counts of others. Pairs are counted as Kneser and Ney do
 * (https://doi.org/10.1109/ICASSP.1995.479394): what was not seen behind a character is as likely as the number of characters that
 * it was seen behind.
 *
 * @param isCharacter Which tokens count; others are only what characters stand behind.
 * @param characters How many of them there are.
 */
export function countedLosses(
  train: readonly ArrayLike<number>[],
  test: readonly ArrayLike<number>[],
  isCharacter: (token: number) => boolean,
  characters: number,
): CountedLosses {
  const alone = new Map<number, number>();
  const behind = new Map<number, Map<number, number>>();
  const before = new Map<number, number>();
  const pairsOf = function* (sequences: readonly ArrayLike<number>[]) {
    for (const sequence of sequences) {
      for (let i = 1; i < sequence.length; i++) {
        if (isCharacter(sequence[i])) yield [sequence[i - 1], sequence[i]];
      }
    }
  };
  for (const [first, second] of pairsOf(train)) {
    add(alone, second);
    const seen = behind.get(first) ?? new Map<number, number>();
    if (!seen.has(second)) add(before, second);
    behind.set(first, add(seen, second));
  }
  const [all, kinds] = [sumOf(alone), sumOf(before)];
  const sums = new Map([...behind].map(([first, seen]) => [first, sumOf(seen)]));
  let [unigram, bigram, count] = [0, 0, 0];
  for (const [first, second] of pairsOf(test)) {
    const rare = ((before.get(second) ?? 0) + 0.5) / (kinds + 0.5 * characters);
    const [seen, sum] = [behind.get(first), sums.get(first) ?? 0];
    const pair = seen
      ? (Math.max(0, (seen.get(second) ?? 0) - DISCOUNT) + DISCOUNT * seen.size * rare) / sum
      : rare;
    unigram -= Math.log(((alone.get(second) ?? 0) + 1) / (all + characters));
    bigram -= Math.log(pair);
    count++;
  }
  return { unigram: unigram / count, bigram: bigram / count };
}

function add(counts: Map<number, number>, key: number): Map<number, number> {
  return counts.set(key, (counts.get(key) ?? 0) + 1);
}

const sumOf = (counts: ReadonlyMap<number, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
