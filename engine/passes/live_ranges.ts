/** Ranges of the arena that hold something that is still needed, none of which overlaps another. */
import type { Tensor } from "../tensor.ts";

interface LiveRange {
  readonly tensor: Tensor;
  readonly from: number;
  readonly to: number;
}

/** Those at one time. */
export class LiveRanges {
  /** By where they begin. */
  readonly #ranges: LiveRange[] = [];

  /** What lies, at least in part, in a range. */
  within(from: number, to: number): Tensor[] {
    const found: Tensor[] = [];
    for (let i = this.#firstEndingBehind(from); i < this.#ranges.length && this.#ranges[i].from < to; i++) {
      found.push(this.#ranges[i].tensor);
    }
    return found;
  }

  /** A tensor takes a range; what lay there is gone. */
  put(tensor: Tensor, from: number, to: number): void {
    const first = this.#firstEndingBehind(from);
    let end = first;
    while (end < this.#ranges.length && this.#ranges[end].from < to) end++;
    this.#ranges.splice(first, end - first, { tensor, from, to });
  }

  /** What a tensor has from a place on is no longer needed, if it is still its own. */
  remove(tensor: Tensor, from: number): void {
    const at = this.#firstEndingBehind(from);
    if (this.#ranges[at]?.tensor === tensor) this.#ranges.splice(at, 1);
  }

  /** The number of the first range that ends behind a place. */
  #firstEndingBehind(place: number): number {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ranges[middle].to <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
