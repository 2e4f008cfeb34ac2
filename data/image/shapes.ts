/** `shapes`: ten classes of 32x32 colour pictures that are drawn, not downloaded. */
import { ndarray } from "../../engine/array.ts";
import { Dataset, type TrainAndTest } from "../dataset.ts";
import { checkSeed, Random } from "../random.ts";
import { outlines } from "./shape_outlines.ts";
import { drawPicture, pictureSize } from "./shape_picture.ts";

/** How many pictures to draw, and which. */
export interface ShapesOptions {
  /** Training pictures, at least 1. Default 10,000. */
  train?: number;
  /** Test pictures, at least 1. Default 2,000. */
  test?: number;
  /** Defines every picture. Default 0. */
  seed?: number;
}

/**
 * Draws a data set in the form of CIFAR-10: inputs `uint8` `[N, 32, 32, 3]`, targets `uint8` `[N]`, ten classes
 * (disc, ring, square, triangle, cross, star, crescent, hourglass, bars, checkerboard). Colours, place, size, angle,
 * texture, clutter and noise vary, so that single pixels tell little: a linear classifier stays below 50 %, the
 * worked example's network passes 90 % in three epochs of 5,000.
 *
 * The same seed gives the same bytes on every machine, and more pictures begin with the fewer: each ten in a row
 * hold every class once. Some 10,000 are drawn in a second or two.
 *
 * ```ts
 * import { shapes } from "@gesso/gesso";
 *
 * const { train, test } = shapes({ train: 100, test: 20, seed: 7 });
 * console.log(train.inputs.shape, test.length, train.example(0).className); // [100, 32, 32, 3] 20 ...
 * ```
 *
 * @throws {RangeError} when a count is not an integer of at least 1, or the seed not one of at least 0.
 */
export function shapes(options: ShapesOptions = {}): TrainAndTest {
  const { train = 10_000, test = 2_000, seed = 0 } = options;
  checkSeed(seed);
  return { train: draw("train", train, seed), test: draw("test", test, seed) };
}

function draw(part: "train" | "test", count: number, seed: number): Dataset {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot draw ${count} ${part} shapes: the count must be an integer of at least 1`);
  }
  const size = pictureSize * pictureSize * 3;
  const pixels = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    // A stream of its own for each picture: even ones for training, odd ones for testing.
    const random = new Random(seed, 2 * i + (part === "test" ? 1 : 0));
    labels[i] = i % 10;
    drawPicture(random, outlines[labels[i]], pixels.subarray(i * size, (i + 1) * size));
  }
  return new Dataset({
    name: `shapes ${part}`,
    inputs: ndarray("uint8", [count, pictureSize, pictureSize, 3], pixels),
    targets: ndarray("uint8", [count], labels),
    classNames: outlines.map((outline) => outline.name),
  });
}
