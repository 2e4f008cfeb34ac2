/** Where fetched data and remembered measurements are kept. */

/**
 * The folder for data that can be fetched or made again: `.gesso` in the current folder, so that a command's
 * permissions can be written down once (`--allow-read=. --allow-write=.gesso`), or the folder that is given.
 * Nothing is created.
 *
 * @param directory Overrides the default. A `TypeError` is thrown when it is empty.
 */
export function cacheDirectory(directory = ".gesso"): string {
  if (directory.trim() === "") {
    throw new TypeError('Cannot use "" as the cache directory: name a folder, or leave it out for .gesso');
  }
  return directory;
}
