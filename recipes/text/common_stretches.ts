/** Which stretches two sequences have in common: found in time that grows with their lengths alone, by a suffix automaton. */

/** A stretch of a sample that stands in the corpus, too, and can be made longer on no side. */
export interface Stretch {
  /** Where it begins in the sample. */
  readonly at: number;
  /** How many tokens it has. */
  readonly length: number;
  /** Where it begins in the corpus, one time. */
  readonly inCorpus: number;
}

/** Stands between samples, and in no corpus. */
export const SEPARATOR = -1;

/** A state: stretches of the sample that end in the same places. `length` is that of the longest of them. */
interface State {
  readonly next: Map<number, State>;
  readonly length: number;
  /** That of the longest stretches which end in more places. */
  link: State | undefined;
  /** How much of it was found in the corpus, and where that ends. */
  found: number;
  end: number;
}

const state = (length: number, next = new Map<number, State>(), link?: State): State => ({
  next,
  length,
  link,
  found: 0,
  end: 0,
});

/**
 * The stretches that a sample has in common with a corpus, those that are part of a longer one left out. Both are sequences of
 * tokens; {@linkcode SEPARATOR} in the sample is in no stretch.
 */
export function commonStretches(sample: ArrayLike<number>, corpus: ArrayLike<number>): Stretch[] {
  const { states, root, prefixes } = automatonOf(sample);
  let [at, length] = [root, 0];
  for (let i = 0; i < corpus.length; i++) {
    while (at.link && !at.next.has(corpus[i])) {
      at = at.link;
      length = at.length;
    }
    const next = at.next.get(corpus[i]);
    if (!next) continue;
    at = next;
    length++;
    if (length > at.found) {
      at.found = length;
      at.end = i + 1;
    }
  }
  // What ends a stretch that was found was found with it.
  for (const one of states.sort((a, b) => b.length - a.length)) {
    if (one.found === 0 || !one.link || one.link.found === one.link.length) continue;
    one.link.found = one.link.length;
    one.link.end = one.end;
  }
  const stretches: Stretch[] = [];
  const longest = prefixes.map((prefix) => {
    let one: State = prefix;
    while (one.found === 0 && one.link) one = one.link;
    return one;
  });
  longest.forEach(({ found, end }, i) => {
    const goesOn = longest[i + 1]?.found === found + 1;
    if (found > 0 && !goesOn) stretches.push({ at: i + 1 - found, length: found, inCorpus: end - found });
  });
  return stretches;
}

/** The automaton that knows all stretches of a sample: a walk from the root along a stretch ends in its state. */
function automatonOf(sample: ArrayLike<number>): { states: State[]; root: State; prefixes: State[] } {
  const root = state(0);
  const states = [root];
  const prefixes: State[] = [];
  let last = root;
  for (let i = 0; i < sample.length; i++) {
    const token = sample[i];
    const whole = state(last.length + 1);
    states.push(whole);
    let from: State | undefined = last;
    for (; from && !from.next.has(token); from = from.link) from.next.set(token, whole);
    if (!from) whole.link = root;
    else {
      const next = from.next.get(token)!;
      if (next.length === from.length + 1) whole.link = next;
      else {
        const copy = state(from.length + 1, new Map(next.next), next.link);
        states.push(copy);
        for (let one: State | undefined = from; one && one.next.get(token) === next; one = one.link) {
          one.next.set(token, copy);
        }
        next.link = whole.link = copy;
      }
    }
    last = whole;
    prefixes.push(whole);
  }
  return { states, root, prefixes };
}

/** The part of a sample's tokens that lie in stretches of so many tokens or more. */
export function coveredPart(stretches: readonly Stretch[], least: number, tokens: number): number {
  let [covered, until] = [0, 0];
  for (const { at, length } of stretches) { // in the order of their ends
    if (length < least) continue;
    covered += at + length - Math.max(at, until);
    until = Math.max(until, at + length);
  }
  return tokens === 0 ? 0 : covered / tokens;
}
