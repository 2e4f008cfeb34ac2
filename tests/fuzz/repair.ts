/** Changed files whose lengths and checksums are right, so that readers go on to what was changed. */
import { crc32, gunzipSync, gzipSync } from "node:zlib";
import type { Random } from "../../data/random.ts";
import { concat } from "../data/make_tar.ts";
import { mutate } from "./mutate.ts";

/** Makes the checksums of a PNG file right, as far as its parts can be found. */
export function repairPng(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) break;
    view.setUint32(end, crc32(bytes.subarray(at + 4, end)));
    at = end + 4;
  }
  return bytes;
}

/** Changes an archive behind its compression, and makes the checksums of its headers right. */
export function repairTar(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const tar = mutate(gunzipSync(bytes), gunzipSync(other), random);
  for (let at = 0; at + 512 <= tar.length; at += 512) {
    const header = tar.subarray(at, at + 512);
    if (header[257] !== 0x75) continue; // `ustar`
    header.fill(0x20, 148, 156);
    const sum = header.reduce((a, b) => a + b, 0);
    header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  }
  return new Uint8Array(gzipSync(tar, { level: 1 }));
}

/** Changes the header of a safetensors file, and makes its length right. */
export function withMutatedHeader(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const parts = (file: Uint8Array) => {
    const end = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
    return [file.subarray(8, end), file.subarray(end)];
  };
  const [header, data] = parts(bytes);
  const changed = mutate(header, parts(other)[0], random);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(changed.length), true);
  return concat([length, changed, data]);
}
