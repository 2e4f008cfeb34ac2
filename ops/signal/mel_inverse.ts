/** p such that p B is near the mel bands that are given, and nothing of it is below 0: p <- p (m B') / (p B B'), again and again */
import { whole } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import { formatShape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { matmul } from "../contraction/matmul.ts";
import { scan } from "../control/scan.ts";
import { ones } from "../creation/full.ts";
import { add } from "../elementwise/add.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { transpose } from "../movement/transpose.ts";
import { melFilterBank, type MelOptions } from "./mel.ts";

/** Options of {@linkcode invertMel}. */
export interface InvertMelOptions extends MelOptions {
  /**
   * How often the power is brought nearer.
   *
   * @default {32}
   */
  readonly iterations?: number;
}

/** Keeps silence from being divided by 0. */
const TINY = 1e-12;

/**
 * The power of each bin of a Fourier transform whose mel bands are those of {@linkcode melSpectrogram}: as near as many rounds of
 * multiplicative updates come, since bands are fewer than bins. With {@linkcode griffinLim} it becomes a sound again.
 *
 * @param bands How much power each band has, float32 `[..., bands]`, nothing below 0.
 * @param options Those that the bands were made with.
 * @returns `[..., bins]`.
 * @throws {RangeError} when there are other bands than the options say.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * const mel = { rate: 8000, size: 256, bands: 20 };
 * const power = await compute(ops.invertMel(ops.ones([4, 20]), mel));
 * assert(power.shape[1] === 129 && power.data.every((value) => value >= 0));
 * ```
 */
export function invertMel(bands: Tensor, options: InvertMelOptions): Tensor {
  const bank = melFilterBank(options);
  const attempt = `apply invertMel to ${formatShape(bands.shape)}`;
  const { iterations } = pickOptions(attempt, options, { iterations: optional(whole(1), 32) });
  const [bins, count] = bank.shape;
  if (bands.shape.at(-1) !== count) {
    throw new RangeError(`Cannot ${attempt}: its last axis has the bands, of which there are ${count}`);
  }
  const back = transpose(bank);
  const wanted = matmul(bands, back);
  const { carry: { power } } = scan(({ power }) => ({
    carry: { power: mul(power, div(wanted, add(matmul(matmul(power, bank), back), TINY))) },
  }), { carry: { power: ones([...bands.shape.slice(0, -1), bins]) }, length: iterations });
  return power;
}
