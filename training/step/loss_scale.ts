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

/** What a set of parameters keeps for it; `updates` counts the steps that changed the set. */
export const lossScaleState = (named: Naming): Record<string, NdArray> => ({
  [named("lossScale")]: ndarray("float32", [], [FIRST]),
  [named("goodSteps")]: ndarray("int32", [], [0]),
  [named("updates")]: ndarray("int32", [], [0]),
});

/** Gives names of state that belong to a set. */
type Naming = (name: string) => string;
type Tensors = Readonly<Record<string, Tensor>>;

/** The loss times the scale, for `grad`. */
export const scaleLoss = (loss: Tensor, s: Tensors, named: Naming): Tensor =>
  mul(loss, s[named("lossScale")]);

/**
 * From the gradients of a scaled loss: the gradients themselves, whether all of them are finite, and the new state: of the scale,
 * and of the number of updates if this is one. A scale is a power of two, so that dividing by it changes no digit.
 */
export function unscale(
  scaled: readonly Tensor[],
  s: Tensors,
  named: Naming,
): { gradients: Tensor[]; isGood: Tensor; scale: Record<string, Tensor>; updates: Record<string, Tensor> } {
  const [lossScale, goodSteps, updates] = ["lossScale", "goodSteps", "updates"].map((name) => s[named(name)]);
  const isGood = greater(
    scaled.map((g) => min(cast(isFinite(g), "int32"))).reduce((a, b) => minimum(a, b)),
    0,
  );
  const good = add(goodSteps, 1);
  const grows = greater(good, PATIENCE - 1);
  const larger = where(grows, minimum(mul(lossScale, 2), MOST), lossScale);
  return {
    gradients: scaled.map((gradient) => div(gradient, lossScale)),
    isGood,
    scale: {
      [named("lossScale")]: where(isGood, larger, maximum(div(lossScale, 2), 1)),
      [named("goodSteps")]: where(isGood, where(grows, 0, good), 0),
    },
    updates: { [named("updates")]: where(isGood, add(updates, 1), updates) },
  };
}
