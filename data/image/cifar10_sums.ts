/** The hashes of CIFAR-10's files, taken down when the official archive was unpacked. */
import { cifar10Files, wayOut } from "./cifar10_files.ts";
import { DataError } from "../data_error.ts";
import { fileHash } from "../storage/file_hash.ts";

/** The file beside the data that holds the hashes, one a line, as `sha256sum` writes them. */
export const sumsFile = "SHA256SUMS";

/** The text of {@linkcode sumsFile} for files by name. */
export async function sumsOf(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const lines: string[] = [];
  for (const [name, bytes] of files) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
    lines.push(`${hash.toHex()}  ${name}\n`);
  }
  return lines.join("");
}

/**
 * Compares the files in `directory` with what was taken down there.
 *
 * @returns Whether there was something to compare with.
 * @throws {DataError} that names the file which is another one now, or has no hash.
 */
export async function checkSums(directory: string, signal?: AbortSignal): Promise<boolean> {
  const path = `${directory}/${sumsFile}`;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const sums = new Map(
    text.split("\n").map((line) => line.match(/^([0-9a-f]{64}) [ *](.+?)\r?$/)).filter((found) =>
      found !== null
    )
      .map(([, hash, name]) => [name, hash]),
  );
  for (const name of cifar10Files) {
    const expected = sums.get(name);
    if (expected === undefined) {
      throw new DataError(path, `Cannot check ${directory}: ${sumsFile} has no line for ${name}; ${wayOut}`);
    }
    const file = `${directory}/${name}`;
    const hash = await fileHash(file, signal);
    if (hash !== expected) {
      throw new DataError(
        file,
        `Cannot use ${file}: its SHA-256 is ${hash}, and was ${expected} when it was fetched; ${wayOut}`,
      );
    }
  }
  return true;
}
