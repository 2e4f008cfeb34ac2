/** Pictures from a folder, classes by the folders in it. */
import { checkType, ndarray } from "../../engine/array.ts";
import { needFiles } from "../../engine/file_access.ts";
import {
  functionKind,
  numberThat,
  objectThat,
  oneOf,
  pairOf,
  signalKind,
  whole,
} from "../../engine/option_kinds.ts";
import { optional, readOptions, required } from "../../engine/options.ts";
import { takeTurn } from "../../engine/turn.ts";
import { type Background, readBackground } from "../../formats/image/background.ts";
import { DataError } from "../data_error.ts";
import { Dataset, type TrainAndTest } from "../dataset.ts";
import { classes, type Field, numbers } from "../field.ts";
import { rangeOf } from "../field_parts.ts";
import { listPictures, type PictureFiles, type Skipped } from "./picture_files.ts";
import { describeForm, type PictureForm, pictureIn, readPicture } from "./picture_reader.ts";
import { type ReadPicture, reorder, splitByHash } from "./picture_split.ts";

/** How far {@linkcode imageFolder} is. */
export interface ImageFolderProgress {
  /** Files that were looked at. */
  readonly files: number;
  /** All files. */
  readonly total: number;
  /** Files and folders that were left out so far. */
  readonly skipped: number;
}

/** How {@linkcode imageFolder} reads pictures. */
export interface ImageFolderOptions {
  /** The height and width that all pictures get, in pixels: one number for both, or two. */
  readonly size: number | readonly [height: number, width: number];
  /** Which part of the pictures is to test by, above 0 and below 1; 0.2 when left out. */
  readonly validation?: number;
  /**
   * `"cover"`: a picture's shorter side fits, and its middle is kept. `"contain"`: its longer side fits, and the rest is
   * background. `"cover"` when left out.
   */
  readonly fit?: "cover" | "contain";
  /** What shows through where pictures are transparent: red, green and blue from 0 to 255; white when left out. */
  readonly background?: Background;
  /** Called now and then. */
  readonly onProgress?: (progress: ImageFolderProgress) => void;
  /** Stops, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What {@linkcode imageFolder} has read. */
export interface ImageFolder extends TrainAndTest {
  /** The names of the classes, in the order of their characters; none where the folder has no folders. */
  readonly classNames: readonly string[];
  /** Files and folders that were left out, each with the reason. */
  readonly skipped: readonly Skipped[];
  /** How pictures were made one size, in words. */
  readonly policy: string;
}

/** Others get their turn after so many milliseconds. */
const TURN = 50;

/**
 * Pictures from a folder: each folder in it is a class, named like it, and holds pictures of it. PNG, JPEG and WebP files of any
 * sizes become fields `image`, `uint8` `[N, height, width, 3]`, and `label`, the class. A folder of pictures alone has no classes,
 * and gives no `label`. WebP files need a library, see {@linkcode decodeWebp}.
 *
 * Which part a picture is in depends on what is in its file, so it stays there when others come and go, and copies of it are in
 * the same one. Hidden files are passed over, links are followed within the folder; what can't be read is left out and named in
 * `skipped`.
 *
 * Needs permission to read the folder.
 *
 * @throws {DataError} when there is no such folder, none of its files is a picture, or there are too few to split.
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 *
 * @example
 * ```ts ignore
 * import { imageFolder } from "@gesso/gesso";
 *
 * // photos/cat/*.jpg, photos/dog/*.jpg ...
 * const { train, test, classNames, skipped } = await imageFolder("photos", { size: 64 });
 * console.log(train.length, test.length, classNames, skipped.length);
 * ```
 */
export async function imageFolder(path: string, options: ImageFolderOptions): Promise<ImageFolder> {
  needFiles("read a folder of pictures", "a Dataset takes arrays from anywhere");
  const attempt = `take the pictures in ${path}`;
  const { size: [height, width], validation, fit, background, onProgress, signal } = readOptions(
    attempt,
    options,
    {
      size: required(pairOf(whole(1, 65_536))),
      validation: optional(numberThat("above 0 and below 1", (value) => value > 0 && value < 1), 0.2),
      fit: optional(oneOf(["cover", "contain"]), "cover"),
      background: optional(objectThat<Background>("red, green and blue from 0 to 255")),
      onProgress: optional(functionKind<NonNullable<ImageFolderOptions["onProgress"]>>()),
      signal: optional(signalKind),
    },
  );
  const form: PictureForm = { height, width, fit, background: readBackground(attempt, background) };
  signal?.throwIfAborted();
  const listed = await listPictures(path);
  const { pixels, pictures, skipped } = await readAll(path, listed, form, { onProgress, signal });
  if (pictures.length === 0) {
    const [{ file, reason }] = skipped;
    throw new DataError(path, `Cannot ${attempt}: none can be read; ${file}: ${reason}`);
  }
  const { labels, classNames } = withoutEmptyClasses(pictures, listed.classNames, skipped);
  const split = splitByHash(pictures, validation);
  if (!split) {
    throw new DataError(
      path,
      `Cannot ${attempt}: to train and to test, two different pictures of a class are needed; there ${
        pictures.length === 1 ? "is one picture" : `are ${pictures.length}`
      }`,
    );
  }
  const order = [...split.train, ...split.test];
  reorder(pixels, height * width * 3, order);
  const image = ndarray("uint8", [order.length, height, width, 3], pixels);
  const part = (start: number, end: number, name: string) => {
    const fields: Record<string, Field> = { image: numbers(rangeOf(image, start, end)) };
    const own = order.slice(start, end).map((i) => labels[i]);
    const dtype = classNames.length <= 256 ? "uint8" : "int32";
    if (classNames.length > 0) fields.label = classes(ndarray(dtype, [own.length], own), classNames);
    return new Dataset({ fields, targets: classNames.length > 0 ? "label" : [], name: `${path} ${name}` });
  };
  const { length } = split.train;
  return {
    train: part(0, length, "train"),
    test: part(length, order.length, "test"),
    classNames,
    skipped,
    policy: describeForm(form),
  };
}

/** All pictures that can be read, one after another, and what is known of each. */
async function readAll(
  path: string,
  { files, skipped: known }: PictureFiles,
  form: PictureForm,
  { onProgress, signal }: Pick<ImageFolderOptions, "onProgress" | "signal">,
): Promise<{ pixels: Uint8Array; pictures: ReadPicture[]; skipped: Skipped[] }> {
  const { createHash } = await import("node:crypto"); // loaded when used, as it takes some 30 ms
  const shape = [files.length, form.height, form.width, 3];
  checkType(`take the ${files.length} pictures in ${path}`, { dtype: "uint8", shape });
  const size = form.height * form.width * 3;
  const pixels = new Uint8Array(files.length * size);
  const pictures: ReadPicture[] = [];
  const skipped = [...known];
  let turn = performance.now();
  for (const [i, { file, label }] of files.entries()) {
    const bytes = readPicture(`${path}/${file}`);
    const picture = typeof bytes === "string" ? bytes : await pictureIn(bytes, file, form);
    if (typeof picture === "string" || typeof bytes === "string") {
      skipped.push({ file, reason: `${picture}` });
    } else {
      pixels.set(picture.data, pictures.length * size);
      pictures.push({ label, hash: createHash("sha256").update(bytes).digest("hex") });
    }
    if (performance.now() - turn < TURN) continue;
    onProgress?.({ files: i + 1, total: files.length, skipped: skipped.length });
    await takeTurn(signal);
    turn = performance.now();
  }
  onProgress?.({ files: files.length, total: files.length, skipped: skipped.length });
  return { pixels: pixels.subarray(0, pictures.length * size), pictures, skipped };
}

/** Classes of which a picture could be read, and the class of each picture among them; others are added to what is skipped. */
function withoutEmptyClasses(
  pictures: readonly ReadPicture[],
  names: readonly string[],
  skipped: Skipped[],
): { labels: number[]; classNames: string[] } {
  const seen = new Set(pictures.map(({ label }) => label));
  const kept = names.map((_, label) => label).filter((label) => seen.has(label));
  const places = new Map(kept.map((label, place) => [label, place]));
  skipped.push(
    ...names.filter((_, label) => !seen.has(label)).map((file) => ({
      file,
      reason: "none of its pictures can be read",
    })),
  );
  return {
    labels: pictures.map(({ label }) => places.get(label) ?? 0),
    classNames: kept.map((label) => names[label]),
  };
}
