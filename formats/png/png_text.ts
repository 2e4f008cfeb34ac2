/** Texts in PNG files: who made it, and how. Source: https://www.w3.org/TR/png-3/#11iTXt */
import { makeChunk, namedChunks } from "./png_chunks.ts";

/** Texts by their names: 1 to 79 printable characters of ASCII, such as `Software`. */
export type PngText = Readonly<Record<string, string>>;

const name = /^(?! )[ -~]{1,79}(?<! )$/;

/**
 * The chunks of texts.
 *
 * @throws {RangeError} when a name is not 1 to 79 printable characters of ASCII, without spaces at its ends.
 */
export function textChunks(text: PngText): Uint8Array<ArrayBuffer>[] {
  return Object.entries(text).map(([keyword, value]) => {
    if (!name.test(keyword)) {
      throw new RangeError(
        `Cannot write a PNG with a text named ${
          JSON.stringify(keyword)
        }: 1 to 79 printable characters of ASCII are needed, ` +
          "without spaces at the ends",
      );
    }
    // Behind the name: not compressed, no language, no translated name.
    return makeChunk("iTXt", new TextEncoder().encode(`${keyword}\0\0\0\0\0${value}`));
  });
}

/**
 * The texts in a PNG file that {@linkcode encodePng} wrote; those of other kinds are left out.
 *
 * @param bytes The whole file.
 * @param file The name for messages.
 * @throws {FormatError} when the file is cut or no PNG file, or the checksum of a text is wrong.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formats, ndarray } from "@gesso/gesso";
 *
 * const image = ndarray("uint8", [1, 1, 1], [0]);
 * const file = await formats.encodePng(image, { text: { Software: "mine" } });
 * assertEquals(formats.readPngText(file), { Software: "mine" });
 * ```
 */
export function readPngText(bytes: Uint8Array, file = "bytes"): Record<string, string> {
  const texts: [string, string][] = [];
  for (const data of namedChunks(bytes, "iTXt", file)) {
    const nameEnd = data.indexOf(0);
    const languageEnd = data.indexOf(0, nameEnd + 3);
    const translationEnd = data.indexOf(0, languageEnd + 1);
    const isPlain = data[nameEnd + 1] === 0;
    if (nameEnd < 1 || !isPlain || languageEnd < 0 || translationEnd < 0) continue;
    const decode = (from: number, to?: number) => new TextDecoder().decode(data.subarray(from, to));
    texts.push([decode(0, nameEnd), decode(translationEnd + 1)]);
  }
  return Object.fromEntries(texts);
}
