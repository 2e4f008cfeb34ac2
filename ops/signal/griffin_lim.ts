/** x such that |stft(x)| is near what is given: phases are taken from the sound that they make, again and again */
import { fraction, whole } from "../../engine/option_kinds.ts";
import { optional, pickOptions } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { scan } from "../control/scan.ts";
import { add } from "../elementwise/add.ts";
import { cos } from "../elementwise/cos.ts";
import { div } from "../elementwise/div.ts";
import { mul } from "../elementwise/mul.ts";
import { sin } from "../elementwise/sin.ts";
import { sub } from "../elementwise/sub.ts";
import { randomUniform } from "../random/random.ts";
import { magnitude } from "./magnitude.ts";
import type { Complex } from "./real_fourier.ts";
import { istft, stft, type StftOptions } from "./stft.ts";

/** Options of {@linkcode griffinLim}. */
export interface GriffinLimOptions extends StftOptions {
  /**
   * How often phases are improved.
   *
   * @default {32}
   */
  readonly iterations?: number;
  /**
   * How far each improvement goes on in the direction of the one before it, from 0 up to but without 1.
   *
   * @default {0.99}
   */
  readonly momentum?: number;
  /** Makes the phases to begin with; 0 when left out. */
  readonly seed?: number;
}

/** Keeps silence from being divided by 0. */
const TINY = 1e-12;

/**
 * A sound of which only magnitudes are known, `[..., frames, size / 2 + 1]` to `[..., length]`, by the method of Griffin and Lim with
 * momentum (Perraudin, Balazs and Søndergaard, 2013). A few iterations are heard at once; after 32 there is little left to gain.
 *
 * @param length How long the sound is.
 * @param options Those that {@linkcode stft} had, and the iterations.
 * @throws {RangeError} when magnitudes are of another shape than `stft` gives of such a sound.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ops } from "@gesso/gesso";
 *
 * const wave = ops.sin(ops.mul(ops.cast(ops.iota(2000), "float32"), 0.3));
 * const known = ops.magnitude(ops.stft(wave, { size: 64 }));
 * assertEquals([...ops.griffinLim(known, 2000, { size: 64, iterations: 8 }).shape], [2000]);
 * ```
 */
export function griffinLim(magnitudes: Tensor, length: number, options: GriffinLimOptions = {}): Tensor {
  const { iterations, momentum, seed } = pickOptions("apply griffinLim", options, {
    iterations: optional(whole(1), 32),
    momentum: optional(fraction, 0.99),
    seed: optional(whole(0, 2 ** 32 - 1), 0),
  });
  const turns = randomUniform(magnitudes.shape, { seed, high: 2 * Math.PI });
  const first: Complex = { real: cos(turns), imaginary: sin(turns) };
  const soundOf = ({ real, imaginary }: Complex) =>
    istft({ real: mul(magnitudes, real), imaginary: mul(magnitudes, imaginary) }, length, options);
  const again = momentum / (1 + momentum);
  const { carry } = scan(
    ({ real, imaginary, lastReal, lastImaginary }) => {
      const made = stft(soundOf({ real, imaginary }), options);
      const further: Complex = {
        real: sub(made.real, mul(lastReal, again)),
        imaginary: sub(made.imaginary, mul(lastImaginary, again)),
      };
      const size = add(magnitude(further), TINY);
      return {
        carry: {
          real: div(further.real, size),
          imaginary: div(further.imaginary, size),
          lastReal: made.real,
          lastImaginary: made.imaginary,
        },
      };
    },
    {
      carry: { ...first, lastReal: mul(first.real, 0), lastImaginary: mul(first.imaginary, 0) },
      length: iterations,
    },
  );
  return soundOf({ real: carry.real, imaginary: carry.imaginary });
}
