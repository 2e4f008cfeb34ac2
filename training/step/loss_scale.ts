/**
 * Gradients in half precision: the loss is scaled up, so that small gradients are not lost, and down again when some
 * become too large (https://arxiv.org/abs/1710.03740).
 */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { add, cast, div, greater, isFinite, maximum, min, minimum, mul, where } from "../../ops/mod.ts";

const FIRST = 2 ** 15;
const MOST = 2 ** 24;
/** After so many good steps in a row a larger scale is tried. */
const PATIENCE = 2000;

/** What a run keeps for it; `updates` counts the steps that changed the weights. */
export const lossScaleState = (): Record<string, NdArray> => ({
  lossScale: ndarray("float32", [], [FIRST]),
  goodSteps: ndarray("int32", [], [0]),
  updates: ndarray("int32", [], [0]),
});

/** The loss times the scale, for `grad`. */
export const scaleLoss = (loss: Tensor, s: Record<string, Tensor>): Tensor => mul(loss, s.lossScale);

/**
 * From the gradients of a scaled loss: the gradients themselves, whether all of them are finite, and the new state. A scale is a
 * power of two, so that dividing by it changes no digit.
 */
export function unscale(
  scaled: readonly Tensor[],
  s: Record<string, Tensor>,
): { gradients: Tensor[]; isGood: Tensor; state: Record<string, Tensor> } {
  const isGood = greater(
    scaled.map((g) => min(cast(isFinite(g), "int32"))).reduce((a, b) => minimum(a, b)),
    0,
  );
  const good = add(s.goodSteps, 1);
  const grows = greater(good, PATIENCE - 1);
  const larger = where(grows, minimum(mul(s.lossScale, 2), MOST), s.lossScale);
  return {
    gradients: scaled.map((gradient) => div(gradient, s.lossScale)),
    isGood,
    state: {
      lossScale: where(isGood, larger, maximum(div(s.lossScale, 2), 1)),
      goodSteps: where(isGood, where(grows, 0, good), 0),
      updates: where(isGood, add(s.updates, 1), s.updates),
    },
  };
}
