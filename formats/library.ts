/**
 * Libraries from npm that are only loaded when a file of their format is read, so that everything else runs
 * without them, and without a network.
 */

/** Thrown when a library is needed that is neither in Deno's cache nor can be downloaded. */
export class LibraryError extends Error {
  /** Always `"LibraryError"`. */
  override name = "LibraryError";
}

/**
 * Loads a library from npm.
 *
 * @param library The package and its exact version, such as `"jpeg-js@0.4.4"`.
 * @param purpose What it is loaded for, to follow "Cannot".
 * @returns The library's module, taken to be a `T`.
 * @throws {LibraryError} when it cannot be loaded.
 */
export async function loadLibrary<T>(library: string, purpose: string): Promise<T> {
  try {
    // Not a literal: Deno looks up literal imports before the program starts, and waits there for a network that
    // does not answer.
    return await import(`npm:${library}`);
  } catch (cause) {
    throw new LibraryError(
      `Cannot ${purpose}: npm:${library} is needed and could not be loaded; with a network, ` +
        `deno cache npm:${library} fetches it once`,
      { cause },
    );
  }
}
