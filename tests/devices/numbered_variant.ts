/** A tuning that always takes the variant with one number, as far as there are so many, and notes what it took. */
import { Tuning } from "../../engine/tuning.ts";

export class NumberedWay extends Tuning {
  readonly taken = new Set<string>();
  constructor(readonly number: number) {
    super({}, { isFinal: true });
  }
  override find(_kernel: string, variants: readonly string[]): string | undefined {
    const variant = variants[this.number % variants.length];
    if (variant !== undefined) this.taken.add(variant);
    return variant;
  }
}
