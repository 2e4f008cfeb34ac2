/**
 * Archives of which every member is known beforehand. General tar readers accept `../../x`, links and sizes of
 * any kind; this one takes exactly what it expects, in memory, and writes nothing.
 *
 * Format: POSIX.1-1988 `ustar` as GNU tar and bsdtar write it, https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
import { DataError } from "../data_error.ts";
import { gunzip } from "./gunzip.ts";

const block = 512;
/** Room for the zeros that fill an archive's last record, up to 20 blocks by default, and more to be lenient. */
const padding = 64 * block;

/**
 * Reads a gzipped tar archive.
 *
 * @param bytes The archive.
 * @param expected The name and size in bytes of every member. Each must be there once, as a regular file; the
 * folders above them may be there too. Anything else in the archive is an error: other names, links, wrong sizes,
 * damaged headers, what follows the end, and more data than all that can have (it is not unpacked any further).
 * @returns The members' bytes by name, all views of one buffer.
 * @throws {DataError} that names the member at fault.
 */
export async function readTarGz(
  bytes: Uint8Array,
  expected: ReadonlyMap<string, number>,
): Promise<Map<string, Uint8Array>> {
  const folders = new Set([...expected.keys()].flatMap(foldersAbove));
  let limit = padding + block * folders.size;
  for (const size of expected.values()) limit += block + padded(size);
  return readTar(await gunzip(bytes, limit, "archive"), expected, folders);
}

function readTar(
  tar: Uint8Array,
  expected: ReadonlyMap<string, number>,
  folders: Set<string>,
): Map<string, Uint8Array> {
  const members = new Map<string, Uint8Array>();
  let at = 0;
  for (; tar.length - at >= block && tar[at] !== 0;) {
    const { name, size, type } = readHeader(tar.subarray(at, at + block));
    at += block;
    if (type === "5") {
      if (size !== 0 || !folders.delete(name)) throw refused(name, "a folder that does not belong there");
      continue;
    }
    const known = expected.get(name);
    if (known === undefined) throw refused(name, "not one of the expected names");
    if (type !== "0" && type !== "\0") {
      throw refused(name, `a regular file was expected, its type is ${type}`);
    }
    if (members.has(name)) throw refused(name, "it occurs twice");
    if (size !== known) throw refused(name, `it has ${size} bytes, expected ${known}`);
    if (tar.length - at < padded(size)) throw refused(name, "the archive ends in it");
    members.set(name, tar.subarray(at, at + size));
    at += padded(size);
  }
  for (const name of expected.keys()) {
    if (!members.has(name)) throw refused(name, "it is missing");
  }
  const end = tar.subarray(at);
  if (end.length < 2 * block || end.some((byte) => byte !== 0)) {
    throw new DataError("archive", "Cannot read archive: it does not end with its last member");
  }
  return members;
}

/** Name, size in bytes and type of a member, from its header of 512 bytes. */
function readHeader(header: Uint8Array): { name: string; size: number; type: string } {
  const text = (from: number, to: number) => String.fromCharCode(...header.subarray(from, to));
  const upToZero = (from: number, to: number) => text(from, to).split("\0", 1)[0];
  const octal = (from: number, to: number) => {
    const digits = text(from, to).match(/^ *([0-7]+)[ \0]*$/);
    return digits ? parseInt(digits[1], 8) : NaN;
  };
  const prefix = text(257, 263) === "ustar\0" ? upToZero(345, 500) : "";
  const name = (prefix && `${prefix}/`) + upToZero(0, 100);
  let sum = 8 * 32; // the checksum's own field counts as spaces
  for (let i = 0; i < block; i++) if (i < 148 || i >= 156) sum += header[i];
  if (octal(148, 156) !== sum) throw refused(name, "its header is damaged");
  const size = octal(124, 136);
  if (Number.isNaN(size)) throw refused(name, "its size is not written in octal digits");
  return { name, size, type: text(156, 157) };
}

function refused(name: string, reason: string): DataError {
  return new DataError(name, `Cannot read archive with member ${JSON.stringify(name)}: ${reason}`);
}

function padded(size: number): number {
  return Math.ceil(size / block) * block;
}

/** `a/b/c` -> `a/`, `a/b/` */
function foldersAbove(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/") + "/");
}
