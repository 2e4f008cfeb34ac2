/** The library that finds the colours of a GIF and compresses its pixels: gifenc. */

const NAME = "npm:gifenc@1.0.3";

/** Red, green and blue, 0 to 255. */
type Rgb = readonly number[];

/** What is written into. */
interface GifFile {
  readonly stream: { writeByte(byte: number): void; writeBytes(bytes: ArrayLike<number>): void };
  writeHeader(): void;
  writeFrame(
    indices: Uint8Array,
    width: number,
    height: number,
    options: { first: boolean; palette?: readonly Rgb[]; delay: number; repeat: number },
  ): void;
  finish(): void;
  bytes(): Uint8Array<ArrayBuffer>;
}

/** What is used of it. Pixels are red, green, blue and opacity. */
export interface GifLibrary {
  GIFEncoder(options: { auto: false }): GifFile;
  quantize(pixels: Uint8Array, colors: number, options: { format: "rgb565" | "rgb444" }): Rgb[];
  applyPalette(pixels: Uint8Array, palette: readonly Rgb[], format: "rgb565"): Uint8Array;
}

/**
 * Loads the library.
 *
 * @throws {Error} when it can't be had.
 */
export async function loadGifLibrary(): Promise<GifLibrary> {
  try {
    if (!("Deno" in globalThis)) throw new TypeError("it needs Deno");
    // No literal in the import itself: Deno would look for the package whenever a program starts.
    return (await import(`${NAME}`) as { default: GifLibrary }).default;
  } catch (cause) {
    throw new Error(
      `Cannot write a GIF: the library for it, ${NAME}, can't be loaded: ${(cause as Error).message}; ` +
        "it is fetched from npm once, or save single pictures as PNG",
      { cause },
    );
  }
}
