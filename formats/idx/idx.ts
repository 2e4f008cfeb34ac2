/** Reads IDX files, as MNIST and its likes come in. Source: http://yann.lecun.com/exdb/mnist/ */
import { bytesPerElement, type DType, type NdArray, ndarray } from "../../engine/array.ts";
import { FormatError } from "../format_error.ts";

/** What elements are, by the third byte of the file. */
const types: Readonly<Record<number, DType>> = { 0x08: "uint8", 0x0c: "int32", 0x0d: "float32" };

/**
 * Reads an IDX file of bytes, 32-bit whole numbers or 32-bit floats.
 *
 * @param bytes The whole file, unpacked.
 * @param file The name for messages.
 * @returns The array, in the shape that the file says.
 * @throws {FormatError} naming the file, when it is no such file, of another kind of elements, or shorter or longer than it says.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats } from "@gesso/gesso";
 *
 * const file = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]); // three labels
 * assertEquals([...formats.decodeIdx(file).data], [7, 2, 1]);
 * ```
 */
export function decodeIdx(bytes: Uint8Array, file = "bytes"): NdArray {
  const fail = (reason: string) => new FormatError("IDX", file, reason);
  const [first, second, code, rank] = bytes;
  if (bytes.length < 4 || first !== 0 || second !== 0 || rank === 0) {
    throw fail("it does not start like an IDX file");
  }
  const dtype = types[code];
  if (dtype === undefined) {
    throw fail(`its elements are of kind 0x${code.toString(16)}; 0x8, 0xc and 0xd can be read`);
  }
  const begin = 4 + 4 * rank;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const said = Array.from(
    { length: rank },
    (_, axis) => 8 + 4 * axis <= bytes.length ? view.getUint32(4 + 4 * axis) : 0,
  );
  const count = said.reduce((product, size) => product * size, 1);
  const needed = begin + count * bytesPerElement(dtype);
  if (bytes.length !== needed) {
    throw fail(`it says [${said.join(", ")}], which are ${needed} bytes, and it has ${bytes.length}`);
  }
  const read = dtype === "int32" ? (at: number) => view.getInt32(at) : (at: number) => view.getFloat32(at);
  return dtype === "uint8"
    ? ndarray(dtype, said, bytes.slice(begin))
    : ndarray(dtype, said, Array.from({ length: count }, (_, i) => read(begin + 4 * i))); // numbers stand high byte first
}
