/** Images a whole number of times as large */
import { oneOf, text } from "../../../engine/option_kinds.ts";
import { givenOptions, optional, readOptions } from "../../../engine/options.ts";
import { type Pair, resize } from "../../../ops/mod.ts";
import { windowSizes } from "../../../ops/window/window.ts";
import type { Layer } from "../../layer.ts";
import { checkImage } from "../core/check_layer.ts";

/** Options of {@linkcode upsample2d}. */
export interface Upsample2dOptions {
  /** How many times as large: one number, or `[rows, columns]`; 2 when left out. */
  readonly size?: Pair;
  /** From what pixels are made; `"nearest"` (each is repeated) when left out. */
  readonly method?: "nearest" | "bilinear" | "bicubic";
  /** The layer's name in the model. */
  readonly name?: string;
}

/**
 * A layer that makes images larger: `[height, width, channels]` to `[height * size, width * size, channels]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layers, sequential } from "@gesso/gesso";
 *
 * const model = sequential([layers.upsample2d({ method: "bilinear" })], { inputShape: [8, 8, 16] });
 * assertEquals(model.outputShape, [16, 16, 16]);
 * ```
 */
export function upsample2d(options: Upsample2dOptions = {}): Layer {
  const { size: [rows, columns], method, name } = readOptions("make upsample2d", options, {
    size: optional(windowSizes, [2, 2]),
    method: optional(oneOf(["nearest", "bilinear", "bicubic"]), "nearest"),
    name: optional(text),
  });
  return {
    type: "upsample2d",
    name,
    config: givenOptions({ size: options.size, method }),
    outputShape: (input) => {
      checkImage("upsample2d", input);
      return [input[0] * rows, input[1] * columns, input[2]];
    },
    weights: () => [],
    apply: (x) => resize(x, [x.shape[1] * rows, x.shape[2] * columns], { method }),
  };
}
