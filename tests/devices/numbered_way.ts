/** A tuning that always takes the way with one number, as far as there are so many, and notes what it took. */
import { Tuning } from "../../engine/tuning.ts";

export class NumberedWay extends Tuning {
  readonly taken = new Set<string>();
  constructor(readonly number: number) {
    super({}, { isFinal: true });
  }
  override find(_kernel: string, ways: readonly string[]): string | undefined {
    const way = ways[this.number % ways.length];
    if (way !== undefined) this.taken.add(way);
    return way;
  }
}
