/** Pictures from a folder, classes by the folders in it. */
import { needFiles } from "../../engine/file_access.ts";
import type { Background } from "../../formats/image/background.ts";
import type { Dataset, TrainAndTest } from "../dataset.ts";
import type { FolderReadingOptions } from "../folder/class_folder.ts";
import type { Skipped } from "../folder/skipped.ts";

/** How {@linkcode imageFolder} reads pictures. */
export interface ImageFolderOptions extends FolderReadingOptions {
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

/** What is known of pictures that were read, in how many parts ever. */
export type ReadImages = Pick<ImageFolder, "classNames" | "skipped" | "policy">;

/** What {@linkcode allImages} has read. */
export interface AllImages extends ReadImages {
  /** All pictures. */
  readonly all: Dataset;
}

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
  const { readFolder } = await import("./folder_reader.ts"); // most programs read none
  return await readFolder(path, options);
}

/**
 * The pictures of a folder as {@linkcode imageFolder} reads them, all in one part: where others are to train on, or to test by.
 *
 * @throws {DataError} when there is no such folder, or none of its files is a picture.
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 */
export async function allImages(
  path: string,
  options: Omit<ImageFolderOptions, "validation">,
): Promise<AllImages> {
  needFiles("read a folder of pictures", "a Dataset takes arrays from anywhere");
  const { readWholeFolder } = await import("./folder_reader.ts"); // most programs read none
  return await readWholeFolder(path, options);
}
