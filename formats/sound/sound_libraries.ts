/** The libraries that read compressed sounds: FLAC's own and mpg123, as WebAssembly. */

const names = {
  FLAC: "npm:@wasm-audio-decoders/flac@0.2.11",
  MP3: "npm:mpg123-decoder@1.0.3",
} as const;

/** What a decoder makes of some bytes of a file. */
interface Piece {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

/** A decoder that is given a file piece by piece. */
export interface SoundDecoder {
  /** Samples of what has come so far, and was not given before. */
  decode(bytes: Uint8Array): Piece | Promise<Piece>;
  /** What was held back until it was clear where it ends; MP3 holds nothing back. */
  flush?(): Piece | Promise<Piece>;
  /** Gives its memory back. */
  free(): void;
}

interface Waiting extends SoundDecoder {
  readonly ready: Promise<void>;
}

/**
 * A decoder for one file. Its library is loaded with the first one.
 *
 * @param file What is to be read, for messages.
 * @throws {Error} when it can't be had.
 */
export async function openDecoder(format: keyof typeof names, file: string): Promise<SoundDecoder> {
  const name = names[format];
  try {
    if (!("Deno" in globalThis)) throw new TypeError("it needs Deno");
    // No literal in the import itself: Deno would look for these packages whenever a program starts.
    const library = await import(name) as Record<string, new () => Waiting>;
    const decoder = new library[format === "FLAC" ? "FLACDecoder" : "MPEGDecoder"]();
    await decoder.ready;
    return {
      decode: (bytes) => inSilence(() => decoder.decode(bytes)),
      flush: decoder.flush && (() => inSilence(() => decoder.flush!())),
      free: () => decoder.free(),
    };
  } catch (cause) {
    throw new Error(
      `Cannot read ${format} ${file}: the library for it, ${name}, can't be loaded: ${
        (cause as Error).message
      }; it is fetched from npm once, or save such sounds as WAV`,
      { cause },
    );
  }
}

/** Libraries print errors that they also give; they do before they first wait. */
function inSilence<T>(act: () => T): T {
  const { error } = console;
  console.error = () => {};
  try {
    return act();
  } finally {
    console.error = error;
  }
}
