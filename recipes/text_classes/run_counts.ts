/** Texts told apart by counting what characters stand in a row in them: what a network has to be better than. */
import type { LabelledText } from "../../data/text/text_class_types.ts";

/** The longest runs that are counted. */
const LONGEST = 5;
/** What is added to each count, so that a run that a class does not have rules out no class. */
const ADDED = 0.01;

/** Naive Bayes: for each class, in how many of its texts each run of one to five characters is. */
export class RunCounts {
  readonly #length: number;
  readonly #counts: readonly Map<string, number>[];
  readonly #totals: readonly number[];
  readonly #shares: readonly number[];
  readonly #runs = new Set<string>();

  /** Counts in the first `length` characters of each text. */
  constructor(texts: readonly LabelledText[], classes: number, length: number) {
    this.#length = length;
    this.#counts = Array.from({ length: classes }, () => new Map<string, number>());
    for (const { text, label } of texts) {
      for (const run of this.#runsOf(text)) {
        this.#runs.add(run);
        this.#counts[label].set(run, (this.#counts[label].get(run) ?? 0) + 1);
      }
    }
    this.#totals = this.#counts.map((counts) => [...counts.values()].reduce((a, b) => a + b, 0));
    this.#shares = this.#counts.map((_, c) => texts.filter(({ label }) => label === c).length / texts.length);
  }

  #runsOf(text: string): Set<string> {
    const characters = [...text].slice(0, this.#length);
    const runs = new Set<string>();
    for (let size = 1; size <= LONGEST; size++) {
      for (let i = 0; i + size <= characters.length; i++) runs.add(characters.slice(i, i + size).join(""));
    }
    return runs;
  }

  /** The likeliest class of a text. */
  classOf(text: string): number {
    const known = [...this.#runsOf(text)].filter((run) => this.#runs.has(run));
    const scores = this.#counts.map((counts, c) => {
      const all = this.#totals[c] + ADDED * this.#runs.size;
      return known.reduce(
        (sum, run) => sum + Math.log(((counts.get(run) ?? 0) + ADDED) / all),
        Math.log(this.#shares[c]),
      );
    });
    return scores.indexOf(Math.max(...scores));
  }
}
