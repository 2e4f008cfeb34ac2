/** From the gradients of a set's loss to its new state: clipping, the optimizer, moving averages, several steps for one update. */
import type { State } from "../../engine/state.ts";
import { type Tensor, uniformValue } from "../../engine/tensor.ts";
import {
  add,
  cast,
  div,
  floorDiv,
  full,
  grad,
  minimum,
  mul,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  where,
} from "../../ops/mod.ts";
import { rateAt } from "../optimizers/schedules.ts";
import { lossScaleState, scaleLoss, unscale } from "./loss_scale.ts";
import { type ParameterBlocks, slotNames } from "./parameter_blocks.ts";

/** What a set's update is made from. */
export interface UpdateOptions {
  readonly state: State;
  readonly blocks: ParameterBlocks;
  /** The trained parameters, as the loss uses them. */
  readonly trained: readonly Tensor[];
  /** float32 `[]`. */
  readonly loss: Tensor;
  /** It takes part in each step whose number, from 1, can be divided by this. */
  readonly every: number;
  /** Steps of the run. */
  readonly total: number;
  /** Whether the loss is scaled, as its gradients are kept in half precision. */
  readonly isScaled: boolean;
}

/** New state by name, for the kinds of steps that there are. */
export interface SetUpdate {
  /** For steps that change the parameters. */
  readonly update: Readonly<Record<string, Tensor>>;
  /** For steps that only keep gradients for the next update. */
  readonly collect: Readonly<Record<string, Tensor>>;
  /** The gradient of each trained parameter; not where the loss is scaled. */
  readonly gradients: readonly Tensor[];
}

/** Traces the update of a set. What it keeps from step to step is added to the state. */
export function traceUpdate(options: UpdateOptions): SetUpdate {
  const { state, blocks, trained, loss, every, total, isScaled } = options;
  const { clipNorm, average, accumulate } = blocks.set;
  const optimizer = blocks.set.optimizer!;
  const named = (name: string) => blocks.named(name);
  for (const slot of slotNames(blocks.set)) state.add(blocks.valuesBeside(slot, "zeros"));
  if (accumulate > 1) state.add(blocks.valuesBeside("accumulated", "zeros"));
  if (isScaled) state.add(lossScaleState(named));
  const s: Readonly<Record<string, Tensor>> = state.tensors;

  const single = grad(isScaled ? scaleLoss(loss, s, named) : loss, trained);
  if (single.every((gradient) => uniformValue(gradient) === 0)) {
    throw new RangeError(
      `Cannot minimize a loss with respect to ${blocks.set.name}: it does not depend on any parameter that is trained`,
    );
  }
  let gradients = blocks.packGradients(single);
  const unscaled = isScaled ? unscale(gradients, s, named) : undefined;
  if (unscaled) gradients = unscaled.gradients;
  /** What a step changes, unless its gradient is too large for halves. */
  const changed = (old: Tensor, now: Tensor) => unscaled ? where(unscaled.isGood, now, old) : now;
  const collected = accumulate === 1 ? [] : blocks.namesBeside("accumulated");
  if (accumulate > 1) {
    gradients = gradients.map((gradient, i) => add(s[collected[i]], div(gradient, accumulate)));
  }
  const collect = collected.map((name, i) => [name, changed(s[name], gradients[i])] as const);

  if (clipNorm !== undefined) {
    const norm = sqrt(gradients.map((gradient) => sum(square(gradient))).reduce((a, b) => add(a, b)));
    const factor = minimum(div(clipNorm, add(norm, 1e-6)), 1);
    gradients = gradients.map((gradient) => mul(gradient, factor));
  }
  const next = add(isScaled ? s[named("updates")] : s.step, 1);
  const steps = every * accumulate;
  const number = cast(isScaled || steps === 1 ? next : floorDiv(next, steps), "float32");
  const learningRate = rateAt(optimizer.learningRate, cast(s.step, "float32"), total);
  const rates = blocks.rates();
  const decays = optimizer.weightDecay > 0 ? blocks.decays() : undefined;
  const averages = average === undefined ? [] : blocks.namesBeside("average");
  const updated = blocks.names("trained").flatMap((name, i) => {
    const slotOf = (slot: string) => blocks.namesBeside(`slot/${slot}`)[i];
    const { weights, slots } = optimizer.update({
      step: number,
      learningRate: rates ? mul(learningRate, tensor(rates[i])) : learningRate,
      weights: s[name],
      gradient: gradients[i],
      slots: Object.fromEntries(optimizer.slots.map((slot) => [slot, s[slotOf(slot)]])),
      decays: decays && tensor(decays[i]),
    });
    const values = Object.entries(slots).map(([slot, value]) => [slotOf(slot), value] as const);
    const means = averages.slice(i, i + 1).map((mean) => {
      const stays = minimum(average!, div(add(number, 1), add(number, 10)));
      return [mean, add(s[mean], mul(sub(weights, s[mean]), sub(1, stays)))] as const;
    });
    const emptied = collected.slice(i, i + 1).map((name) => [name, full(s[name].shape, 0)] as const);
    return [[name, weights] as const, ...values, ...means, ...emptied];
  });
  return {
    update: {
      ...Object.fromEntries(updated.map(([name, value]) => [name, changed(s[name], value)])),
      ...unscaled?.scale,
      ...unscaled?.updates,
    },
    collect: { ...Object.fromEntries(collect), ...unscaled?.scale },
    gradients: isScaled ? [] : single,
  };
}
