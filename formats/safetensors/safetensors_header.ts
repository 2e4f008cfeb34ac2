/**
 * The header of a safetensors file and everything that must hold before a byte of data is read. Source:
 * https://huggingface.co/docs/safetensors
 */
import { bytesPerElement, type DType } from "../../engine/array.ts";
import { FormatError } from "../format_error.ts";
import { foreignTypes } from "./foreign_types.ts";
import { forEachField, parseShallow, parseString, RepeatedKeyError } from "../json/json_fields.ts";

/** One tensor of a safetensors file. */
export interface SafetensorsEntry {
  /** Its name in the file. */
  readonly name: string;
  /** The code of its element type in the file. */
  readonly code: string;
  /** What its elements are here. */
  readonly dtype: DType;
  /** The size of each axis. */
  readonly shape: readonly number[];
  /** Its first byte, counted from the start of the data section. */
  readonly begin: number;
  /** One past its last byte. */
  readonly end: number;
}

/** What a safetensors file says of itself. */
export interface SafetensorsHeader {
  /** The tensors, in the order of their bytes; they cover the data section without hole or overlap. */
  readonly entries: readonly SafetensorsEntry[];
  /** Free text by key, the `__metadata__` of the file. */
  readonly metadata: Record<string, string>;
  /** Where the data section starts in the file, in bytes. */
  readonly dataOffset: number;
}

/** The key of the header that holds texts rather than a tensor. */
export const metadataKey = "__metadata__";

/** The codes of the element types in the file; see {@linkcode foreignTypes} for those that no array here has. */
export const safetensorsDTypes: Readonly<Record<DType, string>> = {
  float32: "F32",
  uint32: "U32",
  int32: "I32",
  float16: "F16",
  uint8: "U8",
  bool: "BOOL",
};

/** Bytes in front of the header: its length, as a little-endian 64-bit integer. */
export const lengthBytes = 8;

const maxHeaderBytes = 100_000_000;

/** How many tensors, and how many texts, a file may have: each costs far more than its bytes in the header. */
export const maxNames = 100_000;
/** Characters that a shape, or another field of an entry, may have. */
const maxFieldLength = 10_000;

/** How files begin that people take for these, and what to do. As lengths of headers, these would be far too large. */
const foreign: readonly (readonly [start: string, reason: string])[] = [
  [
    "PK\x03\x04",
    "it is a zip file, as PyTorch's .pt and Keras's .keras are; write the weights with safetensors in Python",
  ],
  ["\x89HDF", "it is an HDF5 file, as Keras's .h5 are; write the weights with safetensors in Python"],
];

/**
 * Reads the length of the header from the first 8 bytes of a file.
 *
 * @param bytes The file's first bytes, at least 8 of them.
 * @param fileSize The size of the whole file in bytes.
 * @param file The name for messages.
 * @returns The length in bytes, which fits the file.
 * @throws {FormatError} when the header would be longer than the file or than 100 MB.
 */
export function readHeaderLength(bytes: Uint8Array, fileSize: number, file: string): number {
  if (fileSize < lengthBytes) {
    throw new FormatError("safetensors", file, `it needs at least 8 bytes and holds ${fileSize}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getBigUint64(0, true);
  const beginning = String.fromCharCode(...bytes.subarray(0, lengthBytes));
  const other = foreign.find(([start]) => beginning.startsWith(start));
  if (other) throw new FormatError("safetensors", file, other[1]);
  if (length > maxHeaderBytes) {
    throw new FormatError("safetensors", file, `its header claims ${length} bytes and 100000000 is the most`);
  }
  if (Number(length) > fileSize - lengthBytes) {
    throw new FormatError(
      "safetensors",
      file,
      `its header claims ${length} bytes but only ${fileSize - lengthBytes} follow its length`,
    );
  }
  return Number(length);
}

/**
 * Parses a header and checks it against the size of its file: the types are known, the shapes are sizes, and the
 * tensors cover the data section from its first byte to the file's last, without hole or overlap. Nothing is
 * allocated for the tensors, so a header can be trusted before any memory is spent on it.
 *
 * @param header The header's bytes, without the length in front of them.
 * @param fileSize The size of the whole file in bytes.
 * @param file The name for messages.
 * @throws {FormatError} naming the file and the entry.
 */
export function parseSafetensorsHeader(
  header: Uint8Array,
  fileSize: number,
  file: string,
): SafetensorsHeader {
  const dataOffset = lengthBytes + header.length;
  const entries: SafetensorsEntry[] = [];
  let metadata: Record<string, string> = {};
  parsing(file, () => {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
    if (text !== "" && text[0] !== "{") {
      throw new FormatError("safetensors", file, "its header is not a JSON object");
    }
    forEachField(text, (name, value) => {
      if (name === metadataKey) metadata = parseMetadata(value, file);
      else entries.push(parseEntry(name, value, file));
      checkCount(file, "entries", entries.length);
    });
  });
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const dataSize = fileSize - dataOffset;
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (end > dataSize) fail(file, name, `ends at byte ${end} but the file holds ${dataSize}`);
    if (begin !== covered) {
      fail(file, name, `begins at byte ${begin} but the entry before it ends at ${covered}`);
    }
    covered = end;
  }
  if (covered !== dataSize) {
    throw new FormatError("safetensors", file, `its entries cover ${covered} of ${dataSize} bytes of data`);
  }
  return { entries, metadata, dataOffset };
}

function fail(file: string, entry: string, reason: string): never {
  throw new FormatError("safetensors", file, `entry ${entry} ${reason}`);
}

function checkCount(file: string, what: string, count: number): void {
  if (count <= maxNames) return;
  throw new FormatError("safetensors", file, `it has more than ${maxNames} ${what}`);
}

/** Runs what reads JSON; whatever is wrong with that is said with the file. */
function parsing(file: string, read: () => void): void {
  try {
    read();
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const reason = cause instanceof RepeatedKeyError
      ? `its header holds the key ${cause.key} twice`
      : "its header is not JSON in UTF-8";
    throw new FormatError("safetensors", file, reason, { cause });
  }
}

function parseMetadata(json: string, file: string): Record<string, string> {
  if (json[0] !== "{") throw new FormatError("safetensors", file, `${metadataKey} is not an object`);
  const texts: [string, string][] = [];
  forEachField(json, (key, value) => {
    if (value[0] !== '"') {
      throw new FormatError("safetensors", file, `${metadataKey} holds ${key}, which is not a text`);
    }
    texts.push([key, parseString(value)]);
    checkCount(file, "texts", texts.length);
  });
  return Object.fromEntries(texts);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A value of the header for a message; not what is nested or long, as a hostile header may be both. */
function brief(value: unknown): string {
  const items = Array.isArray(value) ? value : [value];
  const text = items.some((item) => typeof item === "object") ? "of nested values" : JSON.stringify(value);
  return `${text}`.slice(0, 80);
}

/** What elements of a type become, and their bytes in the file; `undefined` for a type that is not read. */
function typeOf(code: string): { dtype: DType; bytes: number } | undefined {
  if (Object.hasOwn(foreignTypes, code)) return foreignTypes[code];
  const dtype = (Object.keys(safetensorsDTypes) as DType[]).find((key) => safetensorsDTypes[key] === code);
  return dtype && { dtype, bytes: bytesPerElement(dtype) };
}

function parseEntry(name: string, json: string, file: string): SafetensorsEntry {
  if (json[0] !== "{") fail(file, name, "is not an object");
  const fields = new Map<string, unknown>();
  forEachField(json, (key, value) => {
    if (value.length > maxFieldLength) fail(file, name, `has a ${key} of ${value.length} characters`);
    fields.set(key, parseShallow(value, 2));
    if (fields.size > 10) fail(file, name, "has more than 10 fields");
  });
  const [code, shape, offsets] = ["dtype", "shape", "data_offsets"].map((key) => fields.get(key));
  const type = typeof code === "string" ? typeOf(code) : undefined;
  if (type === undefined) {
    const known = [...Object.values(safetensorsDTypes), ...Object.keys(foreignTypes)].join(", ");
    fail(file, name, `has the type ${brief(code)}, and those read here are ${known}`);
  }
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    fail(file, name, `has the shape ${brief(shape)}, which is not a list of sizes`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize) || offsets[1] < offsets[0]) {
    fail(file, name, `has the data_offsets ${brief(offsets)}, which are not a begin and an end`);
  }
  const [begin, end] = offsets;
  const bytes = shape.reduce((product, size) => product * size, type.bytes);
  if (bytes !== end - begin) {
    fail(file, name, `needs ${bytes} bytes for ${code} [${shape.join(", ")}] but has ${end - begin}`);
  }
  return { name, code: code as string, dtype: type.dtype, shape, begin, end };
}
