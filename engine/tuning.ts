/** Which of several variants of a kernel is the fastest on one device: as far as it is known, and as it is found out. */

/** A variant that takes this part of the usual one's time is faster; one that takes more may have been lucky. */
const MARGIN = 0.97;

/**
 * What a device knows about its kernels. Variants differ in speed alone: a program gives the same bits whichever are taken.
 *
 * @example
 * ```ts
 * import { cpuDevice, Tuning } from "@gesso/gesso";
 *
 * const device = cpuDevice();
 * device.tuning = new Tuning(); // from now on kernels are timed when a program is made
 * device.close();
 * ```
 */
export class Tuning {
  readonly #variants: Map<string, string>;
  readonly #isFinal: boolean;
  #found = 0;

  /**
   * Makes one that knows something already.
   *
   * @param known The name of the fastest variant by kernel, as {@linkcode Tuning.entries} gave it.
   * @param options `isFinal`: what is not known stays unknown, and nothing is timed.
   */
  constructor(known: Readonly<Record<string, string>> = {}, options: { isFinal?: boolean } = {}) {
    this.#variants = new Map(Object.entries(known));
    this.#isFinal = options.isFinal ?? false;
  }

  /** All that is known. */
  get entries(): Record<string, string> {
    return Object.fromEntries([...this.#variants].sort(([a], [b]) => a < b ? -1 : 1));
  }

  /** Kernels whose fastest variant was found out since this was made. */
  get found(): number {
    return this.#found;
  }

  /** The variant to take, if it is known and there still is one of that name. */
  find(kernel: string, variants: readonly string[]): string | undefined {
    const variant = this.#variants.get(kernel);
    return variant !== undefined && variants.includes(variant) ? variant : undefined;
  }

  /** Whether a kernel with these variants should be timed. */
  wants(kernel: string, variants: readonly string[]): boolean {
    return !this.#isFinal && variants.length > 1 && this.find(kernel, variants) === undefined;
  }

  /** Keeps the fastest of some times, in any unit, by variant; the first unless another is faster beyond doubt. */
  keep(kernel: string, times: ReadonlyMap<string, number>): void {
    const [first, ...others] = times;
    if (!first) return;
    const [variant] = others.reduce(
      (best, other) => other[1] < Math.min(best[1], MARGIN * first[1]) ? other : best,
      first,
    );
    this.#variants.set(kernel, variant);
    this.#found++;
  }
}
