/** The library that reads WebP: libwebp as WebAssembly. */

const NAME = "npm:@jsquash/webp@1.5.0";

/** Red, green, blue and opacity of each pixel. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Rejects for what it cannot read. */
export type WebpDecoder = (bytes: ArrayBuffer) => Promise<Picture>;

interface Library {
  init(module: WebAssembly.Module): Promise<void>;
  default: WebpDecoder;
}

let loaded: Promise<WebpDecoder> | undefined;

/**
 * Loads the library, once.
 *
 * @param file What is to be read, for messages.
 * @throws {Error} when it can't be had.
 */
export async function loadWebpDecoder(file: string): Promise<WebpDecoder> {
  loaded ??= load();
  try {
    return await loaded;
  } catch (cause) {
    loaded = undefined;
    throw new Error(
      `Cannot read WebP ${file}: the library for it, ${NAME}, can't be loaded: ${
        (cause as Error).message
      }; ` +
        "it is fetched from npm once, or save such pictures as PNG or JPEG",
      { cause },
    );
  }
}

async function load(): Promise<WebpDecoder> {
  if (!("Deno" in globalThis)) throw new TypeError("it needs Deno");
  // Not literals in the imports themselves: Deno would look for these packages whenever a program starts.
  const { init, default: decode } = await import(`${NAME}/decode.js`) as Library;
  // The library would fetch its WebAssembly, for which a permission is needed; importing it as a source needs none. Bundlers and
  // TypeScript do not know this form of import yet.
  const importSource = new Function("name", "return import.source(name)") as (
    name: string,
  ) => Promise<WebAssembly.Module>;
  await init(await importSource(`${NAME}/codec/dec/webp_dec.wasm`));
  return decode;
}
