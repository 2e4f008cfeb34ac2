/** Sounds from a folder, classes by the folders in it. */
import { needFiles } from "../../engine/file_access.ts";
import type { AllSounds, AudioFolder, AudioFolderOptions } from "./read_sounds.ts";

/**
 * Sounds from a folder: each folder in it is a class, named like it, and holds sounds of it. WAV, FLAC and MP3 files of any rate, any
 * length and any number of channels become fields `sound`, `float32` `[N, seconds * rate]`, and `label`, the class. A folder of
 * sounds alone has no classes, and gives no `label`. FLAC and MP3 files need a library, see {@linkcode decodeSound}.
 *
 * Sounds are mixed to one channel, then resampled; short ones are followed by silence. `changes` tells how many. Hidden files are
 * passed over, links are followed within the folder; what can't be read is left out and named in `skipped`.
 *
 * Needs permission to read the folder.
 *
 * @throws {DataError} when there is no such folder, none of its files is a sound, or there are too few to split.
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 *
 * @example
 * ```ts ignore
 * import { audioFolder } from "@gesso/gesso";
 *
 * // words/yes/*.wav, words/no/*.wav ...
 * const { train, test, classNames, changes } = await audioFolder("words", { seconds: 1 });
 * console.log(train.length, test.length, classNames, changes);
 * ```
 */
export async function audioFolder(path: string, options: AudioFolderOptions): Promise<AudioFolder> {
  const { readFolder } = await reader();
  return await readFolder(path, options);
}

/**
 * The sounds of a folder as {@linkcode audioFolder} reads them, all in one part: where others are to train on, or parts are made
 * otherwise.
 *
 * @throws {DataError} when there is no such folder, or none of its files is a sound.
 * @throws {TypeError | RangeError} when an option is not what it has to be.
 */
export async function allSounds(
  path: string,
  options: Omit<AudioFolderOptions, "validation" | "group">,
): Promise<AllSounds> {
  const { readWholeFolder } = await reader();
  return await readWholeFolder(path, options);
}

/** Most programs read no sounds. */
async function reader() {
  needFiles("read a folder of sounds", "a Dataset takes arrays from anywhere");
  return await import("./audio_folder_reader.ts");
}
