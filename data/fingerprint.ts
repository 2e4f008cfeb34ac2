/** A short text that tells arrays apart by what they hold. */
import type { NdArray } from "../engine/array.ts";

/** Hashed in parts of so many bytes, as the hash takes a copy of what it is given. */
const PART = 1 << 24;

const hexOf = (bytes: ArrayBuffer) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The SHA-256 of some bytes, as 64 hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hexOf(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * Type, shape and a hash of all elements: two arrays with the same fingerprint are the same. Made of the SHA-256 of each
 * 16 MiB.
 */
export async function fingerprint({ dtype, shape, data }: NdArray): Promise<string> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += PART) {
    // Memory that threads share cannot be hashed where it lies.
    const part = bytes.subarray(at, at + PART);
    parts.push(
      await sha256(part.buffer instanceof ArrayBuffer ? part as Uint8Array<ArrayBuffer> : part.slice()),
    );
  }
  return `${dtype} [${shape.join(", ")}] ${await sha256(new TextEncoder().encode(parts.join()))}`;
}
