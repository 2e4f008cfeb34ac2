/**
 * Sums that are scattered: each round adds to one place along an axis, so a kernel goes through the rounds once, in their
 * order, and adds each where it belongs. Gathering them would take every round for every place.
 */
import { bytesPerElement } from "../array.ts";
import type { ReduceBody, Tensor } from "../tensor.ts";

/** Fewer places are as soon gathered, several at a time. */
const FEWEST_PLACES = 8;

/** What a device wants of such sums. */
export interface ScatterPolicy {
  /** Fewer results would leave a device idle: they are gathered, as other sums are. */
  readonly fewestResults: number;
}

/** Whether a tensor is such a sum, and has a kernel of its own; never on a device without a policy. */
export function isScattered(tensor: Tensor, policy: ScatterPolicy | undefined): boolean {
  if (!policy || tensor.op.body.kind !== "reduce") return false;
  const { scatter } = tensor.op.body as ReduceBody<unknown>;
  return scatter !== undefined && tensor.size >= policy.fewestResults &&
    tensor.shape[scatter.axis(tensor.attrs)] >= FEWEST_PLACES && bytesPerElement(tensor.dtype) === 4;
}
