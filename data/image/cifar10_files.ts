/**
 * CIFAR-10's binary files: six of 10,000 records, each a byte with the class and 3,072 bytes of pixels, as planes
 * of red, green and blue, 32 rows of 32. Source: https://www.cs.toronto.edu/~kriz/cifar.html
 */
import { closing } from "../../engine/file_access.ts";
import { ndarray } from "../../engine/array.ts";
import { DataError } from "../data_error.ts";
import { Dataset, type TrainAndTest } from "../dataset.ts";
import { fileSize } from "../storage/file_size.ts";

/** The folder that the archive unpacks to. */
export const cifar10Folder = "cifar-10-batches-bin";

/** The ten classes, by index. */
export const cifar10Classes: readonly string[] = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];

const trainFiles = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
const testFiles = ["test_batch.bin"];

/** The files that hold images; the archive's other two are texts. */
export const cifar10Files: readonly string[] = [...trainFiles, ...testFiles];

/** Images a file. Tests make smaller ones. */
export const imagesPerFile = 10_000;

const plane = 32 * 32;
const record = 1 + 3 * plane;
/** What can be done about files that are not as they should be. */
export const wayOut =
  `put the files of cifar-10-binary.tar.gz there, or delete the folder and fetch them again`;

/**
 * Which of the six files `directory` lacks.
 *
 * @throws {DataError} that names a file which is there with another size.
 */
export async function absentFiles(directory: string, images = imagesPerFile): Promise<string[]> {
  const absent: string[] = [];
  for (const name of cifar10Files) {
    const file = `${directory}/${name}`;
    const size = await fileSize(file);
    if (size === undefined) absent.push(name);
    else if (size !== images * record) {
      throw new DataError(
        file,
        `Cannot use ${file}: it has ${size} bytes, expected ${images * record}; ${wayOut}`,
      );
    }
  }
  return absent;
}

/**
 * Reads the six files.
 *
 * @param directory Where they are.
 * @param options `signal`: stops with its reason, between files. `images`: images a file, default 10,000.
 * @returns Inputs `uint8` `[N, 32, 32, 3]`, targets `uint8` `[N]`; N is 50,000 and 10,000.
 * @throws {DataError} when a file is missing, has another size, or has a label above 9.
 */
export async function readCifar10(
  directory: string,
  options: { signal?: AbortSignal; images?: number } = {},
): Promise<TrainAndTest> {
  const { images = imagesPerFile, signal } = options;
  const [absent] = await absentFiles(directory, images);
  if (absent) {
    const file = `${directory}/${absent}`;
    throw new DataError(file, `Cannot use ${file}: there is no such file; ${wayOut}`);
  }
  const records = new Uint8Array(images * record); // one buffer for all: fresh ones take longer than the reading
  const read = async (part: string, names: string[]): Promise<Dataset> => {
    const count = names.length * images;
    const pixels = new Uint8Array(count * 3 * plane);
    const labels = new Uint8Array(count);
    for (const [i, name] of names.entries()) {
      signal?.throwIfAborted();
      const file = `${directory}/${name}`;
      const from = i * images, to = from + images;
      await readWhole(file, records);
      decode(file, records, pixels.subarray(from * 3 * plane, to * 3 * plane), labels.subarray(from, to));
    }
    return new Dataset({
      name: `CIFAR-10 ${part}`,
      inputs: ndarray("uint8", [count, 32, 32, 3], pixels),
      targets: ndarray("uint8", [count], labels),
      classNames: cifar10Classes,
    });
  };
  return { train: await read("train", trainFiles), test: await read("test", testFiles) };
}

async function readWhole(file: string, bytes: Uint8Array): Promise<void> {
  await closing(await Deno.open(file), async (source) => {
    for (let at = 0; at < bytes.length;) {
      const count = await source.read(bytes.subarray(at));
      if (count === null) {
        throw new DataError(
          file,
          `Cannot use ${file}: it ends after ${at} of ${bytes.length} bytes; ${wayOut}`,
        );
      }
      at += count;
    }
  });
}

/** Turns records (label, then planes) into labels and pixels (red, green, blue of each in turn). */
function decode(file: string, records: Uint8Array, pixels: Uint8Array, labels: Uint8Array): void {
  let to = 0;
  for (let image = 0; image < labels.length; image++) {
    const start = image * record;
    const label = records[start];
    if (label >= cifar10Classes.length) {
      throw new DataError(file, `Cannot use ${file}: image ${image} has label ${label}, above 9; ${wayOut}`);
    }
    labels[image] = label;
    const end = start + 1 + plane;
    for (let from = start + 1; from < end; from++) {
      pixels[to++] = records[from];
      pixels[to++] = records[from + plane];
      pixels[to++] = records[from + 2 * plane];
    }
  }
}
