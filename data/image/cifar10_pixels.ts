/** Whether pixels can be those of CIFAR-10, where no hash says so. */
import { DataError } from "../data_error.ts";
import type { Dataset } from "../dataset.ts";

/** The published mean and standard deviation of red, green and blue, from 0 to 1, of the training images. */
const published = { mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616] };
/** How far figures may be off: the test images and a copy that went through JPEG are 0.005 off. */
const tolerance = 0.01;
/** The least range of values in an image; the dullest one of CIFAR-10 has 63. */
const leastRange = 32;

/**
 * Checks that no image is of one colour or there twice, and that the colours are spread as in CIFAR-10.
 *
 * @throws {DataError} that names `directory`, the image and the reason.
 */
export function checkPixels(data: Dataset, directory: string): void {
  const fail = (reason: string) => {
    throw new DataError(directory, `Cannot take ${directory} for CIFAR-10: ${reason}`);
  };
  const pixels = data.inputs.data;
  const size = pixels.length / data.length;
  const seen = new Map<number, number>();
  for (let image = 0; image < data.length; image++) {
    const own = pixels.subarray(image * size, (image + 1) * size);
    const narrow = narrowRange(own);
    if (narrow) fail(`image ${image} of ${data.name} is all of nearly one colour (${narrow.join(" to ")})`);
    const key = keyOf(own);
    const twin = seen.get(key);
    if (twin !== undefined) fail(`images ${twin} and ${image} of ${data.name} are the same`);
    seen.set(key, image);
  }
  const { mean, deviation } = spreadOf(pixels);
  const shown = (figures: readonly number[]) => figures.map((figure) => figure.toFixed(3)).join(", ");
  for (const [what, found] of Object.entries({ mean, deviation })) {
    const expected = published[what as keyof typeof published];
    if (found.every((figure, i) => Math.abs(figure - expected[i]) <= tolerance)) continue;
    fail(
      `red, green and blue of ${data.name} have a ${what} of ${shown(found)}, expected ${shown(expected)}`,
    );
  }
}

/** The range of an image's values, unless it is wide, which the first ones tell as a rule. */
function narrowRange(values: ArrayLike<number>): [number, number] | undefined {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < least) least = values[i];
    if (values[i] > most) most = values[i];
    if (most - least >= leastRange) return undefined;
  }
  return [least, most];
}

/** 53 bits that two different images hardly share. */
function keyOf({ buffer, byteOffset, length }: ArrayBufferView & { length: number }): number {
  const words = new Uint32Array(buffer, byteOffset, length / 4);
  let [hash, other] = [0, 0];
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x85ebca6b) + 1 | 0;
    other = Math.imul(other + word | 0, 0xc2b2ae35);
    hash ^= hash >>> 15;
  }
  return hash * 2 ** 21 + (other >>> 11);
}

/** Mean and standard deviation of each channel, from 0 to 1. */
function spreadOf(pixels: ArrayLike<number>): { mean: number[]; deviation: number[] } {
  const counts = [0, 1, 2].map(() => new Float64Array(256));
  const [reds, greens, blues] = counts;
  for (let i = 0; i < pixels.length; i += 3) {
    reds[pixels[i]]++;
    greens[pixels[i + 1]]++;
    blues[pixels[i + 2]]++;
  }
  const total = pixels.length / 3;
  const meanOf = (of: (value: number) => number) =>
    counts.map((each) => each.reduce((sum, count, value) => sum + count * of(value / 255), 0) / total);
  const mean = meanOf((value) => value);
  const squares = meanOf((value) => value * value);
  return { mean, deviation: squares.map((square, i) => Math.sqrt(square - mean[i] ** 2)) };
}
