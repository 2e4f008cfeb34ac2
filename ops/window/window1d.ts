/** Windows over sequences, which are images of one row. */
import { either, type Kind, listOf, oneOf, whole } from "../../engine/option_kinds.ts";
import { optional } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { reshape } from "../movement/reshape.ts";
import type { WindowPadding } from "./window.ts";

/**
 * What is added around a sequence: `"valid"` nothing, `"same"` zeros so that `ceil(length / stride)` windows fit, `"causal"`
 * as many before that no window sees what comes behind its place, a number at both ends, or `[before, after]`.
 */
export type WindowPadding1d = "valid" | "same" | "causal" | number | readonly [number, number];

const padding1d: Kind<WindowPadding1d> = {
  says: `"valid", "same", "causal", a whole number from 0, or [before, after]`,
  read: either(
    either(oneOf(["valid", "same", "causal"]), whole()),
    listOf(whole(), 2) as unknown as Kind<readonly [number, number]>,
  ).read,
  isNumeric: true,
};

/** How windows lie, as options of ops say it. */
export const windowOptions1d = {
  strides: optional(whole(1), 1),
  padding: optional(padding1d, "valid"),
  dilations: optional(whole(1), 1),
};

/** The padding of an image of one row, for windows that reach so far. */
export function rowPadding(padding: WindowPadding1d, reach: number): WindowPadding {
  if (padding === "valid" || padding === "same") return padding;
  if (padding === "causal") return [[0, 0], [reach - 1, 0]];
  return [[0, 0], typeof padding === "number" ? [padding, padding] : padding];
}

/** A sequence `[batch, length, channels]` as images of one row. */
export const asRow = (x: Tensor): Tensor => reshape(x, [x.shape[0], 1, ...x.shape.slice(1)]);

/** Images of one row as a sequence. */
export const asSequence = (x: Tensor): Tensor => reshape(x, [x.shape[0], ...x.shape.slice(2)]);
