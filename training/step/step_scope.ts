/** What parameters stand for while a step is traced. Outside of steps they are arrays on the host. */
import type { Tensor } from "../../engine/tensor.ts";

/** What a model is applied to. */
export type ModelInputs = Tensor | Readonly<Record<string, Tensor>>;

/** Which values of a set are meant: those that the optimizer changes, or their moving average. */
export type ParameterVersion = "weights" | "average";

/** What a model gives: all outputs by name, and the first of them. */
export interface Outputs {
  readonly output: Tensor;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** How a model is used in a step. */
export interface UseOptions {
  /**
   * float32 `[batch]`, 1 for examples that count, else 0: what batch normalization takes its means over. All count when left
   * out; {@linkcode StepContext.counts} is that of the data's batch.
   */
  readonly counts?: Tensor;
}

/** A step that is being traced, and its sets of parameters. */
export interface StepScope<Set> {
  /** The tensors of a set by their names. */
  values(set: Set, version: ParameterVersion): Readonly<Record<string, Tensor>>;
  /** The results of a set's model. */
  apply(set: Set, version: ParameterVersion, x: ModelInputs, options?: UseOptions): Outputs;
}

// Who asks for the current one knows which sets it has: there is one kind.
let current: StepScope<never> | undefined;

/** Calls a function in which sets of parameters stand for the tensors of a step. */
export function inScope<T, Set>(scope: StepScope<Set>, trace: () => T): T {
  const outer = current;
  current = scope as StepScope<never>;
  try {
    return trace();
  } finally {
    current = outer;
  }
}

/** The step that is being traced; throws where none is. */
export function currentScope<Set>(attempt: string): StepScope<Set> {
  if (current) return current as StepScope<Set>;
  throw new TypeError(
    `Cannot ${attempt} outside of a step: parameters are tensors within the function of trainStep only; ` +
      "predict asks a model, and weights has the values",
  );
}
