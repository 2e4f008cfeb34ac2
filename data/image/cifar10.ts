/** CIFAR-10: 60,000 colour photographs of 32x32 pixels in ten classes (Krizhevsky, 2009). */
import { needFiles } from "../../engine/file_access.ts";
import { cacheDirectory } from "../storage/cache_directory.ts";
import { absentFiles, cifar10Classes, cifar10Folder, readCifar10 } from "./cifar10_files.ts";
import { checkPixels } from "./cifar10_pixels.ts";
import { checkSums } from "./cifar10_sums.ts";
import { DataError } from "../data_error.ts";
import type { Dataset, TrainAndTest } from "../dataset.ts";
import type { DownloadProgress } from "../storage/download.ts";

/** Where CIFAR-10 comes from and where it is kept. All can be left out. */
export interface Cifar10Options {
  /** An unpacked `cifar-10-batches-bin`, or the folder that it is in. Then nothing is fetched. */
  data?: string;
  /** An address of `cifar-10-binary.tar.gz` to use in place of the University of Toronto's. */
  mirror?: string;
  /** Where fetched files are kept. Default `.gesso` in the current folder. */
  cache?: string;
  /** Stops, and rejects with the signal's reason. What has been fetched is kept for the next call. */
  signal?: AbortSignal;
  /** Called as bytes of the archive arrive. */
  onProgress?: (progress: DownloadProgress) => void;
  /** Called once when another process is fetching already, and is waited for. */
  onWait?: () => void;
}

/** Where CIFAR-10 is; see {@linkcode locateCifar10}. */
export interface Cifar10Location {
  /** At the given `data`, in the cache, or neither: {@linkcode cifar10} would fetch it. */
  state: "given" | "cached" | "missing";
  /** The folder of the six files, or where they will be. */
  directory: string;
}

/** What {@linkcode verifyCifar10} has read. */
export interface Cifar10Report extends Cifar10Location {
  /** Training images in each class. */
  train: number[];
  /** Test images in each class. */
  test: number[];
  /**
   * `"as fetched"` when all six files have the SHA-256 that `SHA256SUMS` beside them took down when the official archive
   * was unpacked; `"not compared"` when there is no such file, as for data that came by other means.
   */
  pixels: "as fetched" | "not compared";
}

/**
 * CIFAR-10 as 50,000 training and 10,000 test images: inputs `uint8` `[N, 32, 32, 3]`, targets `uint8` `[N]`.
 *
 * The first call downloads 170 MB from https://www.cs.toronto.edu/~kriz/cifar.html, or a mirror, checks them against
 * the known SHA-256, and keeps 184 MB in the cache; later calls read those.
 *
 * Needs permission to read and write the cache (`--allow-read=. --allow-write=.gesso`), and for the download
 * `--allow-net=www.cs.toronto.edu`; with `data` only to read that.
 *
 * ```ts ignore
 * import { cifar10 } from "@gesso/gesso";
 *
 * const { train, test } = await cifar10();
 * console.log(train.inputs.shape, test.classNames); // [50000, 32, 32, 3] ["airplane", ...]
 * ```
 *
 * @throws {DownloadError} when it can't be fetched, {@linkcode DataError} when a file is missing from `data`, is
 * short, or has a label above 9.
 */
export async function cifar10(options: Cifar10Options = {}): Promise<TrainAndTest> {
  needFiles("read CIFAR-10", "a Dataset takes arrays from anywhere, and shapes draws pictures");
  const { mirror, cache, signal, onProgress, onWait } = options;
  const { state, directory } = await locateCifar10(options);
  if (state === "missing") {
    const { cifar10Archive, fetchCifar10 } = await import("./cifar10_archive.ts");
    await fetchCifar10({ ...cifar10Archive, url: mirror ?? cifar10Archive.url }, cacheDirectory(cache), {
      signal,
      onProgress,
      onWait,
    });
  }
  return await readCifar10(directory, { signal });
}

/**
 * Tells where CIFAR-10 is, by the names and sizes of its files; nothing is fetched or written.
 *
 * ```ts ignore
 * import { locateCifar10 } from "@gesso/gesso";
 *
 * const { state, directory } = await locateCifar10();
 * console.log(state, directory); // missing .gesso/cifar-10-batches-bin
 * ```
 *
 * @throws {DataError} when `data` lacks a file, or a file has another size than it should.
 */
export async function locateCifar10(
  options: Pick<Cifar10Options, "data" | "cache"> = {},
): Promise<Cifar10Location> {
  const { data, cache } = options;
  if (data === undefined) {
    const directory = `${cacheDirectory(cache)}/${cifar10Folder}`;
    return { state: (await absentFiles(directory)).length === 0 ? "cached" : "missing", directory };
  }
  const nested = `${data}/${cifar10Folder}`;
  const absent = await absentFiles(data);
  const absentNested = absent.length === 0 ? absent : await absentFiles(nested);
  const [directory, lacks] = absentNested.length < absent.length ? [nested, absentNested] : [data, absent];
  if (lacks.length > 0) {
    const file = `${directory}/${lacks[0]}`;
    const { cifar10Archive } = await import("./cifar10_archive.ts");
    throw new DataError(
      file,
      `Cannot use the data in ${data}: it lacks ${lacks.join(", ")}; unpack ${cifar10Archive.url} there`,
    );
  }
  return { state: "given", directory };
}

/**
 * Reads CIFAR-10 where {@linkcode locateCifar10} finds it, and checks all that can be checked: sizes, labels, that
 * each class has 5,000 training and 1,000 test images, that no image is empty or there twice, that the colours are
 * spread as in CIFAR-10, and the files' SHA-256 where it is known. Nothing is fetched or written.
 *
 * @throws {DataError} that says what is missing or wrong.
 */
export async function verifyCifar10(
  options: Pick<Cifar10Options, "data" | "cache" | "signal"> = {},
): Promise<Cifar10Report> {
  const location = await locateCifar10(options);
  const { directory } = location;
  const isAsFetched = await checkSums(directory, options.signal);
  const { train, test } = await readCifar10(directory, options);
  const counts = { train: countClasses(train, directory), test: countClasses(test, directory) };
  for (const part of [train, test]) checkPixels(part, directory);
  return { ...location, ...counts, pixels: isAsFetched ? "as fetched" : "not compared" };
}

function countClasses(data: Dataset, directory: string): number[] {
  const counts = cifar10Classes.map(() => 0);
  for (const label of data.targets.data) counts[label]++;
  const expected = data.length / counts.length;
  const wrong = counts.findIndex((count) => count !== expected);
  if (wrong >= 0) {
    throw new DataError(
      directory,
      `Cannot take ${directory} for CIFAR-10: ${data.name} has ${counts[wrong]} images of class ` +
        `${cifar10Classes[wrong]}, expected ${expected}`,
    );
  }
  return counts;
}
