/**
 * Tensors by name in one file, in the safetensors format: a JSON header, then the numbers, and nothing that could
 * run. Source: https://huggingface.co/docs/safetensors
 */
import { arrayOfBytes, bytesPerElement, checkElements, type NdArray } from "../../engine/array.ts";
import { closing, needFiles } from "../../engine/file_access.ts";
import { FormatError } from "../format_error.ts";
import { foreignTypes } from "./foreign_types.ts";
import {
  lengthBytes,
  maxNames,
  metadataKey,
  parseSafetensorsHeader,
  readHeaderLength,
  safetensorsDTypes,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from "./safetensors_header.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** The tensors by name, in the order of their bytes. */
  readonly tensors: Record<string, NdArray>;
  /** Free text by key. */
  readonly metadata: Record<string, string>;
  /**
   * Which tensors had elements in the file that no array here has, and the code of their type: `BF16` and `F64` become
   * float32, of which the latter is rounded, whole numbers `I8`, `I16`, `U16` and `I64` int32, `U64` uint32.
   */
  readonly converted: Record<string, string>;
}

/**
 * Writes tensors in the safetensors format: byte for byte what the reference implementation writes, wider types
 * first, then by name.
 *
 * @param tensors The tensors by name; any shape, also `[]` and those with an axis of size 0.
 * @param metadata Free text by key.
 * @returns The file's bytes; the data starts at a multiple of 8.
 * @throws {RangeError} when a tensor's number of elements does not fit its shape, its name is the one that the
 * format keeps for the metadata, or there are more than 100,000 tensors or texts.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const weight = { dtype: "float32", shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) } as const;
 * const bytes = formats.encodeSafetensors({ "dense.weight": weight }, { epoch: "3" });
 * console.log(formats.decodeSafetensors(bytes).tensors["dense.weight"].shape); // [2, 2]
 * ```
 */
export function encodeSafetensors(
  tensors: Record<string, NdArray>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  for (const [what, names] of Object.entries({ tensors, texts: metadata })) {
    const count = Object.keys(names).length;
    if (count <= maxNames) continue;
    throw new RangeError(`Cannot write safetensors: ${maxNames} ${what} are the most, received ${count}`);
  }
  const order = Object.keys(safetensorsDTypes);
  const sorted = Object.entries(tensors).sort(([nameA, a], [nameB, b]) =>
    order.indexOf(a.dtype) - order.indexOf(b.dtype) || (nameA < nameB ? -1 : 1)
  );
  // Joined by hand: an object would put names that look like numbers first.
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) fields.push(`"${metadataKey}":${JSON.stringify(metadata)}`);
  let end = 0;
  for (const [name, { dtype, shape, data }] of sorted) {
    if (name === metadataKey) {
      throw new RangeError(`Cannot write safetensors: the name ${name} is kept for the metadata`);
    }
    checkElements(`write safetensors with entry ${name}`, dtype, data);
    const bytes = shape.reduce((product, size) => product * size, bytesPerElement(dtype));
    if (data.byteLength !== bytes) {
      throw new RangeError(
        `Cannot write safetensors: entry ${name} needs ${bytes} bytes for ${dtype} [${shape.join(", ")}], ` +
          `received ${data.byteLength}`,
      );
    }
    const info = { dtype: safetensorsDTypes[dtype], shape, data_offsets: [end, end += bytes] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`);
  }
  const header = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerLength = Math.ceil(header.length / 8) * 8;

  const file = new Uint8Array(lengthBytes + headerLength + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, lengthBytes, lengthBytes + headerLength);
  file.set(header, lengthBytes);
  let at = lengthBytes + headerLength;
  for (const [, { data }] of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * Reads tensors from the bytes of a safetensors file. The header is checked against the number of bytes first.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @returns The tensors and the metadata. The tensors are views of `bytes` where they are aligned, as in files that
 * {@linkcode encodeSafetensors} writes, so a change in one shows in the other.
 * @throws {FormatError} naming the file and the entry, also for a number that does not fit what it becomes.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const bias = { dtype: "float32", shape: [3], data: new Float32Array([1, 2, 3]) } as const;
 * const { tensors, metadata } = formats.decodeSafetensors(formats.encodeSafetensors({ bias }, { author: "me" }));
 * console.log(tensors.bias.data, metadata.author); // Float32Array(3) [1, 2, 3] "me"
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array, file = "bytes"): Safetensors {
  const length = readHeaderLength(bytes, bytes.length, file);
  const header = parseSafetensorsHeader(
    bytes.subarray(lengthBytes, lengthBytes + length),
    bytes.length,
    file,
  );
  return collect(header, bytes.subarray(header.dataOffset), file);
}

/**
 * Reads tensors from a safetensors file. Memory for them is taken only after the header has been checked against
 * the file's size. Needs `--allow-read` for the file.
 *
 * @param path Where the file is.
 * @returns The tensors and the metadata.
 * @throws {FormatError} naming the file and the entry, or when there is no such file; and what else `Deno.open` throws.
 *
 * @example
 * ```ts
 * import { formats } from "@gesso/gesso";
 *
 * const path = await Deno.makeTempFile();
 * const bias = { dtype: "float32", shape: [3], data: new Float32Array([1, 2, 3]) } as const;
 * await Deno.writeFile(path, formats.encodeSafetensors({ bias }));
 * const { tensors } = await formats.readSafetensors(path);
 * console.log(tensors.bias.shape); // [3]
 * ```
 */
export async function readSafetensors(path: string | URL): Promise<Safetensors> {
  needFiles("read a file of tensors", "decodeSafetensors reads them from bytes");
  const name = `${path}`;
  return await closing(await openFile(path, name), async (file) => {
    const { size, isDirectory } = await file.stat();
    if (isDirectory) throw new FormatError("safetensors", name, "it is a folder"); // reading would not say of which
    const start = await readExactly(file, Math.min(lengthBytes, size), name);
    const headerBytes = await readExactly(file, readHeaderLength(start, size, name), name);
    const header = parseSafetensorsHeader(headerBytes, size, name);
    return collect(header, await readExactly(file, size - header.dataOffset, name), name);
  });
}

async function openFile(path: string | URL, name: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new FormatError("safetensors", name, "there is no such file", { cause });
  }
}

async function readExactly(file: Deno.FsFile, length: number, name: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) throw new FormatError("safetensors", name, "it became shorter while it was read");
    at += count;
  }
  return bytes;
}

function collect({ entries, metadata }: SafetensorsHeader, data: Uint8Array, file: string): Safetensors {
  const arrays = entries.map((entry): [string, NdArray] => [
    entry.name,
    arrayOf(entry, data.subarray(entry.begin, entry.end), file),
  ]);
  const converted = entries.filter(({ code }) => code in foreignTypes).map(({ name, code }) => [name, code]);
  // Not by assignment: an entry may be named __proto__.
  return { tensors: Object.fromEntries(arrays), metadata, converted: Object.fromEntries(converted) };
}

function arrayOf({ name, code, dtype, shape }: SafetensorsEntry, bytes: Uint8Array, file: string): NdArray {
  if (code in foreignTypes) {
    const data = foreignTypes[code].convert(bytes);
    if (!("misfit" in data)) return { dtype, shape, data } as NdArray;
    const reason = `entry ${name} is ${code} and holds ${data.misfit}, which ${dtype} can't`;
    throw new FormatError("safetensors", file, reason);
  }
  if (dtype === "bool" && bytes.some((byte) => byte > 1)) {
    throw new FormatError("safetensors", file, `entry ${name} is BOOL and holds other bytes than 0 and 1`);
  }
  return arrayOfBytes(dtype, shape, bytes);
}
