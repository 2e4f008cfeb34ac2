/** The carry of layers that cannot go through a sequence piece by piece. */
import type { Layer } from "../../layer.ts";

/**
 * Refuses pieces of sequences; what has a single axis is none.
 *
 * @param reason Why, after the layer's name: `its windows reach over the ends of pieces`.
 */
export const needsWhole = (reason: string): NonNullable<Layer["carry"]> => (input) => {
  if (input.length < 2) return {};
  throw new RangeError(reason);
};
