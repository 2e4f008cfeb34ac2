/** Which of several ways to compute a kernel is the fastest on one device: as far as it is known, and as it is found out. */

/** A way that takes this part of the usual one's time is faster; one that takes more may have been lucky. */
const MARGIN = 0.97;

/**
 * What a device knows about its kernels. Ways differ in speed alone: a program gives the same bits whichever are taken.
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
  readonly #ways: Map<string, string>;
  readonly #isFinal: boolean;
  #found = 0;

  /**
   * Makes one that knows something already.
   *
   * @param known The name of the fastest way by kernel, as {@linkcode Tuning.entries} gave it.
   * @param options `isFinal`: what is not known stays unknown, and nothing is timed.
   */
  constructor(known: Readonly<Record<string, string>> = {}, options: { isFinal?: boolean } = {}) {
    this.#ways = new Map(Object.entries(known));
    this.#isFinal = options.isFinal ?? false;
  }

  /** All that is known. */
  get entries(): Record<string, string> {
    return Object.fromEntries([...this.#ways].sort(([a], [b]) => a < b ? -1 : 1));
  }

  /** Kernels whose fastest way was found out since this was made. */
  get found(): number {
    return this.#found;
  }

  /** The way to take, if it is known and there still is one of that name. */
  find(kernel: string, ways: readonly string[]): string | undefined {
    const way = this.#ways.get(kernel);
    return way !== undefined && ways.includes(way) ? way : undefined;
  }

  /** Whether a kernel with these ways should be timed. */
  wants(kernel: string, ways: readonly string[]): boolean {
    return !this.#isFinal && ways.length > 1 && this.find(kernel, ways) === undefined;
  }

  /** Keeps the fastest of some times, in any unit, by way; the first unless another is faster beyond doubt. */
  keep(kernel: string, times: ReadonlyMap<string, number>): void {
    const [first, ...others] = times;
    if (!first) return;
    const [way] = others.reduce(
      (best, other) => other[1] < Math.min(best[1], MARGIN * first[1]) ? other : best,
      first,
    );
    this.#ways.set(kernel, way);
    this.#found++;
  }
}
