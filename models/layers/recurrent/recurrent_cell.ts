/** What happens at one place of a sequence, and the weights of the gates that it goes through. */
import type { Tensor } from "../../../engine/tensor.ts";
import { mul, slice, type Tensors } from "../../../ops/mod.ts";
import type { Initializer } from "../../initializers.ts";
import type { WeightSpec } from "../../layer.ts";

/** What a recurrent layer does at one place of a sequence: for steps of one's own, such as sampling. */
export interface RecurrentCell {
  /** The names of what it hands on, each `[batch, units]`; `h` is the result. */
  readonly states: readonly string[];
  /**
   * The states behind a place.
   *
   * @param x What is at the place, `[batch, channels]`.
   * @param state The states before it.
   * @param weights The layer's weights by name.
   * @param stateMask What the state is multiplied by where it goes into a product, `[batch, units]`; nothing when left out.
   */
  step(x: Tensor, state: Tensors, weights: Tensors, stateMask?: Tensor): Tensors;
  /**
   * The states behind all places of a sequence, `[batch, length, units]`, of cells that can have them at once.
   *
   * @param x The sequences, `[batch, length, channels]`.
   * @param way `state` is what is before the first place (the last one, with `reverse`), zeros when left out; `counts`, bool
   * `[batch, length, 1]`, tells which places change the states; all do when it is left out.
   */
  all?(
    x: Tensor,
    weights: Tensors,
    way: { readonly state?: Tensors; readonly reverse: boolean; readonly counts?: Tensor },
  ): Tensors;
}

/** What weights depend on, but for what comes in. */
interface GateOptions {
  readonly units: number;
  readonly useBias: boolean;
  readonly kernelInitializer: Initializer;
  readonly recurrentInitializer: Initializer;
}

/** A kernel for what comes in, one for the state, and a bias, for so many gates. */
export function gateWeights(
  channels: number,
  { units, useBias, kernelInitializer, recurrentInitializer }: GateOptions,
  gateBiases: readonly Initializer[],
): WeightSpec[] {
  const wide = gateBiases.length * units;
  const each = (initializer: Initializer) => ({ blocks: gateBiases.map(() => initializer) });
  return [
    { name: "kernel", shape: [channels, wide], initializer: each(kernelInitializer), trainable: true },
    {
      name: "recurrentKernel",
      shape: [units, wide],
      initializer: each(recurrentInitializer),
      trainable: true,
    },
    ...useBias ? [{ name: "bias", shape: [wide], initializer: { blocks: gateBiases }, trainable: true }] : [],
  ];
}

/** What a product takes of the state. */
export const masked = (h: Tensor, mask: Tensor | undefined): Tensor => mask ? mul(h, mask) : h;

/** Columns of one gate (or of `count` of them) among those of all: `[rows, units]`. */
export const gateOf = (x: Tensor, gate: number, units: number, count = 1): Tensor =>
  slice(x, [0, gate * units], [x.shape[0], count * units]);
