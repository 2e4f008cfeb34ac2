/** y = log(mel bands of x + floor), from samples to how loud each band is, frame by frame */
import { above, from, oneOf, text, whole } from "../../../engine/option_kinds.ts";
import { optional, readOptions, required } from "../../../engine/options.ts";
import { add } from "../../../ops/elementwise/add.ts";
import { log } from "../../../ops/elementwise/log.ts";
import { zeros } from "../../../ops/creation/full.ts";
import { melSpectrogram } from "../../../ops/signal/mel.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import type { Layer } from "../../layer.ts";
import { checkAxes } from "../core/check_layer.ts";

/** Options of {@linkcode logMel}. */
export interface LogMelOptions {
  /** Samples a second, in Hz. */
  readonly rate: number;
  /** Samples of a frame; 512 when left out. */
  readonly size?: number;
  /** Samples from one frame to the next; half a frame when left out. */
  readonly hop?: number;
  /** How many bands there are; 40 when left out. */
  readonly bands?: number;
  /** Where the lowest band begins, in Hz; 20 when left out. */
  readonly low?: number;
  /** Where the highest band ends, in Hz; half the rate when left out. */
  readonly high?: number;
  /** What is evenly apart; see {@linkcode melFilterBank}; `"htk"` when left out. */
  readonly scale?: "htk" | "slaney";
  /** Power that is added to each band, below which all is silence; 1e-4 when left out. */
  readonly floor?: number;
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A layer that takes the loudness of mel bands of a sound: `[length]` samples to `[frames, bands]` logarithms. It has no weights; a
 * model that begins with it takes sounds as they are recorded.
 *
 * @throws {RangeError} when a band has no frequency, see {@linkcode melFilterBank}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.logMel({ rate: 16000 })], { inputShape: [16000] });
 * assertEquals(model.outputShape, [63, 40]);
 * ```
 */
export function logMel(options: LogMelOptions): Layer {
  const { name, floor, ...frames } = readOptions("make logMel", options, {
    rate: required(above(0)),
    size: optional(whole(2), 512),
    hop: optional(whole(1)),
    bands: optional(whole(1), 40),
    low: optional(from(0), 20),
    high: optional(above(0)),
    scale: optional(oneOf(["htk", "slaney"]), "htk"),
    floor: optional(above(0), 1e-4),
    name: optional(text),
  });
  const hop = frames.hop ?? Math.max(1, Math.floor(frames.size / 2));
  const high = frames.high ?? frames.rate / 2;
  const settings = { ...frames, hop, high };
  const apply = (x: Tensor) => log(add(melSpectrogram(x, settings), floor));
  return {
    type: "logMel",
    name,
    config: { ...settings, floor },
    outputShape: (input) => {
      checkAxes("logMel", input, 1, "sounds [length]");
      return apply(zeros([1, ...input])).shape.slice(1);
    },
    weights: () => [],
    carry: () => {
      throw new RangeError("its frames reach over the ends of pieces");
    },
    apply,
  };
}
