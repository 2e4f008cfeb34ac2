/** Whether bytes begin like a WebP file: a RIFF file of that kind. */
export const isWebp = (bytes: Uint8Array): boolean =>
  textAt(bytes, 0) === "RIFF" && textAt(bytes, 8) === "WEBP";

/** Four characters. */
export const textAt = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + 4));
