/** Files whole in memory, packed or not. */
import { DataError } from "../data_error.ts";
import { gunzip, isGzip } from "./gunzip.ts";

/** The longest text that fits into one string. */
const MOST_BYTES = 2 ** 29 - 24;

/** The bytes of a file, unpacked if it is a gzip file; a `DataError` when there is none. */
export async function readBytes(path: string, attempt = `read ${path}`): Promise<Uint8Array<ArrayBuffer>> {
  if (await isFolder(path, attempt)) {
    throw new DataError(path, `Cannot ${attempt}: it is a folder, and a file is needed`);
  }
  const { size } = await Deno.stat(path);
  if (size > MOST_BYTES) {
    throw new DataError(path, `Cannot ${attempt}: it has ${size} bytes, and at most ${MOST_BYTES} are read`);
  }
  const bytes = await Deno.readFile(path);
  return isGzip(bytes) ? await gunzip(bytes, MOST_BYTES, path) : bytes;
}

/**
 * Whether there is a folder, and no file.
 *
 * @throws {DataError} when there is nothing, or something else.
 */
export async function isFolder(path: string, attempt: string): Promise<boolean> {
  try {
    const { isDirectory, isFile } = await Deno.stat(path);
    if (isDirectory || isFile) return isDirectory;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new DataError(path, `Cannot ${attempt}: there is no such file or folder`, { cause });
  }
  throw new DataError(path, `Cannot ${attempt}: it is neither a file nor a folder`);
}
