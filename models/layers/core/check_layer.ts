/** What layers ask of their inputs. */
import { formatShape, type Shape } from "../../../engine/shape.ts";

/**
 * Throws unless a shape has so many axes.
 *
 * @param takes What the layer takes, as messages say it: `images [height, width, channels]`.
 */
export function checkAxes(layer: string, input: Shape, axes: number, takes: string): void {
  if (input.length !== axes) {
    throw new RangeError(
      `Cannot use ${layer} on ${formatShape(input)}: it takes ${takes}, without the batch axis`,
    );
  }
}

/** Throws unless a shape is that of an image. */
export const checkImage = (layer: string, input: Shape): void =>
  checkAxes(layer, input, 3, "images [height, width, channels]");

/** Throws unless a shape is that of a sequence. */
export const checkSequence = (layer: string, input: Shape): void =>
  checkAxes(layer, input, 2, "sequences [length, channels]");

/** Throws unless there is at least one axis, the last of which is that of the channels. */
export function checkChannels(layer: string, input: Shape): void {
  if (input.length === 0) {
    throw new RangeError(
      `Cannot use ${layer} on ${formatShape(input)}: it takes at least one axis beside the batch`,
    );
  }
}
