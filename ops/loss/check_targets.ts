/** What losses ask of results and targets. */
import { formatShape, sameShape } from "../../engine/shape.ts";
import type { TensorType } from "../../engine/tensor.ts";

/** Throws unless there is one target for each result, at the same place: stretched targets would be others'. */
export function checkTargets(loss: string, results: TensorType, targets: TensorType): void {
  if (sameShape(results.shape, targets.shape)) return;
  throw new RangeError(
    `Cannot apply ${loss} to results ${formatShape(results.shape)} and targets ${
      formatShape(targets.shape)
    }: ` +
      `they have to be of one shape (see reshape)`,
  );
}
