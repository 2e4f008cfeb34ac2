/** What layers ask of their inputs. */
import { formatShape, type Shape } from "../../engine/shape.ts";

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
