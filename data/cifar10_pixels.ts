/** Whether pixels can be those of CIFAR-10, where no hash says so. */
import { DataError } from "./data_error.ts";
import type { Dataset } from "./dataset.ts";

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
  const [sums, squares] = [[0, 0, 0], [0, 0, 0]];
  const seen = new Map<number, number>();
  for (let image = 0; image < data.length; image++) {
    let [least, most, hash, other] = [255, 0, 0, 0];
    for (let at = image * size, end = at + size; at < end;) {
      for (let channel = 0; channel < 3; channel++) {
        const value = pixels[at++];
        if (value < least) least = value;
        if (value > most) most = value;
        sums[channel] += value;
        squares[channel] += value * value;
        hash = Math.imul(hash, 31) + value | 0;
        other = Math.imul(other, 37) + value | 0;
      }
    }
    if (most - least < leastRange) {
      fail(`image ${image} of ${data.name} is all of nearly one colour (${least} to ${most})`);
    }
    const key = hash * 2 ** 21 + (other >>> 11);
    const twin = seen.get(key);
    if (twin !== undefined) fail(`images ${twin} and ${image} of ${data.name} are the same`);
    seen.set(key, image);
  }
  const count = pixels.length / 3;
  const shown = (figures: readonly number[]) => figures.map((figure) => figure.toFixed(3)).join(", ");
  const mean = sums.map((sum) => sum / count / 255);
  const deviation = squares.map((sum, i) => Math.sqrt(sum / count / 255 ** 2 - mean[i] ** 2));
  for (const [what, found] of Object.entries({ mean, deviation })) {
    const expected = published[what as keyof typeof published];
    if (found.every((figure, i) => Math.abs(figure - expected[i]) <= tolerance)) continue;
    fail(
      `red, green and blue of ${data.name} have a ${what} of ${shown(found)}, expected ${shown(expected)}`,
    );
  }
}
