/** What layers ask of their options and inputs. */
import { formatShape, type Shape } from "../../engine/shape.ts";

/** Throws unless a count is a whole number from 1. */
export function checkCount(layer: string, what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`Cannot make ${layer} with ${what} ${value}: it has to be a whole number from 1`);
  }
}

/** Throws unless a shape is that of an image. */
export function checkImage(layer: string, input: Shape): void {
  if (input.length !== 3) {
    throw new RangeError(
      `Cannot use ${layer} on ${
        formatShape(input)
      }: it takes images [height, width, channels], without the batch axis`,
    );
  }
}
