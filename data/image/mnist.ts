/** Handwritten digits, as MNIST and its likes come in. */
import { needFiles } from "../../engine/file_access.ts";
import type { TrainAndTest } from "../dataset.ts";

/**
 * MNIST, or what comes in the same files, such as Fashion-MNIST: grey pictures in ten classes. Inputs are `uint8`
 * `[N, 28, 28, 1]`, targets `uint8` `[N]`.
 *
 * @param folder A folder with IDX files, gzip files or not, whose names begin with `train-images`, `train-labels`, and `t10k-images`
 * and `t10k-labels` or `test-images` and `test-labels`. Where several begin alike, they are joined in the order of their names.
 * @throws {DataError} when files are missing or do not belong together.
 * @throws {FormatError} when a file is no IDX file.
 *
 * @example
 * ```ts ignore
 * import { mnist } from "@gesso/gesso";
 *
 * const { train, test } = await mnist("mnist");
 * console.log(train.inputs.shape, test.length); // [60000, 28, 28, 1] 10000
 * ```
 */
export async function mnist(folder: string): Promise<TrainAndTest> {
  needFiles("read MNIST", "a Dataset takes arrays from anywhere");
  const { readMnist } = await import("./mnist_files.ts"); // most programs read none
  return await readMnist(folder);
}
