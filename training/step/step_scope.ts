/** What parameters stand for while a step is traced. Outside of steps they are arrays on the host. */
import type { Tensor } from "../../engine/tensor.ts";
import type { ModelInputs, Parameters } from "./parameters.ts";

/** Which values of a set are meant: those that the optimizer changes, or their moving average. */
export type ParameterVersion = "weights" | "average";

/** What a model gives: all outputs by name, and the first of them. */
export interface Outputs {
  readonly output: Tensor;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** A step that is being traced. */
export interface StepScope {
  /** The tensors of a set by their names. */
  values(set: Parameters, version: ParameterVersion): Readonly<Record<string, Tensor>>;
  /** The results of a set's model. */
  apply(set: Parameters, version: ParameterVersion, x: ModelInputs): Outputs;
}

let current: StepScope | undefined;

/** Calls a function in which sets of parameters stand for the tensors of a step. */
export function inScope<T>(scope: StepScope, trace: () => T): T {
  const outer = current;
  current = scope;
  try {
    return trace();
  } finally {
    current = outer;
  }
}

/** The step that is being traced; throws where none is. */
export function currentScope(attempt: string): StepScope {
  if (current) return current;
  throw new TypeError(
    `Cannot ${attempt} outside of a step: parameters are tensors within the function of trainStep only; ` +
      "predict asks a model, and weights has the values",
  );
}
