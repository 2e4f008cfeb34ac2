/** Plans of traced functions, without a device. */
import { type Plan, plan } from "../../engine/plan.ts";
import type { FusePolicy } from "../../engine/passes/storage_choice.ts";
import { apply, leaf, type Tensor, type TensorType } from "../../engine/tensor.ts";

/** A policy like that of the cpu device. */
export const policy: FusePolicy = {
  maxOperands: 64,
  windowLimit: 6,
  operandCost: 12,
  split: { reductions: [{ results: 1024, shortestPart: 8192 }], contractions: [] },
};

/** A leaf of floats, or of another dtype. */
export function input(
  name: string,
  shape: readonly number[],
  dtype: TensorType["dtype"] = "float32",
): Tensor {
  return apply(leaf, [], { kind: "input", name, type: { dtype, shape } }).named(name);
}

/** A leaf that stays on the device. */
export function state(
  name: string,
  shape: readonly number[],
  dtype: TensorType["dtype"] = "float32",
): Tensor {
  return apply(leaf, [], { kind: "state", name, type: { dtype, shape } }).named(name);
}

/** A plan of outputs and of new values for state. */
export function planOf(
  outputs: Readonly<Record<string, Tensor>>,
  updates: readonly (readonly [state: Tensor, value: Tensor])[] = [],
  choice: FusePolicy = policy,
): Plan {
  return plan({ outputs, updates: new Map(updates) }, choice);
}

/** The labels of a plan's kernels. */
export const labelsOf = ({ kernels }: Plan): string[] => kernels.map((kernel) => kernel.label);
