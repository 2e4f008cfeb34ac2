/** CIFAR-10's archive: fetched once, checked, and unpacked into the cache. */
import { absentFiles, cifar10Files, cifar10Folder, imagesPerFile } from "./cifar10_files.ts";
import { sumsFile, sumsOf } from "./cifar10_sums.ts";
import { download, type DownloadOptions } from "../storage/download.ts";
import { withLock } from "../storage/lock.ts";
import { readTarGz } from "../storage/tar.ts";
import { writeAtomic } from "../storage/write_atomic.ts";
import { makeFolder } from "../storage/write_door.ts";

/** An archive of which everything is known beforehand. */
export interface ArchiveSource {
  /** Where it can be had. */
  url: string;
  /** Its size in bytes. */
  bytes: number;
  /** Its SHA-256, 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Name and size in bytes of every member. */
  members: ReadonlyMap<string, number>;
  /** Images in each of the six files. */
  images: number;
}

/** The official archive. */
export const cifar10Archive: ArchiveSource = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
  bytes: 170_052_171,
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  members: new Map([
    ...cifar10Files.map((name): [string, number] => [`${cifar10Folder}/${name}`, 30_730_000]),
    [`${cifar10Folder}/batches.meta.txt`, 61],
    [`${cifar10Folder}/readme.html`, 88],
  ]),
  images: imagesPerFile,
};

/**
 * Makes sure that the six files are in `CACHE/cifar-10-batches-bin`, and fetches them if not. Of several processes
 * or calls that want this at once, one works and the others wait for it. The archive is deleted once unpacked; beside
 * the files are their hashes, in `SHA256SUMS`.
 *
 * @param source The archive.
 * @param cache The cache directory, which is created.
 * @param options As for {@linkcode download}; `onWait` is called once when another one is at work and waited for.
 * @returns The folder with the files.
 * @throws {DownloadError} when the archive can't be had, {@linkcode DataError} when a file in the cache or the
 * archive is not as expected.
 */
export async function fetchCifar10(
  source: ArchiveSource,
  cache: string,
  options: Omit<DownloadOptions, "bytes" | "sha256"> & { onWait?: () => void } = {},
): Promise<string> {
  const { signal, onWait } = options;
  const { url, bytes, sha256, members, images } = source;
  const directory = `${cache}/${cifar10Folder}`;
  await makeFolder(cache);
  await withLock(`${cache}/cifar-10.lock`, async () => {
    if ((await absentFiles(directory, images)).length === 0) return; // another process was here before
    const archive = `${cache}/cifar-10-binary.tar.gz`;
    await download(url, archive, { ...options, bytes, sha256 });
    const unpacked = await readTarGz(await Deno.readFile(archive, { signal }), members);
    const files = new Map(cifar10Files.map((name) => [name, unpacked.get(`${cifar10Folder}/${name}`)!]));
    const sums = new TextEncoder().encode(await sumsOf(files));
    for (const [name, content] of [[sumsFile, sums] as const, ...files]) {
      signal?.throwIfAborted();
      await writeAtomic(`${directory}/${name}`, content, { root: cache });
    }
    await Deno.remove(archive);
  }, { signal, onWait });
  return directory;
}
