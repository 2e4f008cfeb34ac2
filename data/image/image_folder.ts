/** Pictures from a folder, classes by the folders in it. */
import { needFiles } from "../../engine/file_access.ts";
import type { AllImages, ImageFolder, ImageFolderOptions } from "./read_images.ts";

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
