/** Reads files that are not known to be what they should be. */

/** Which files are read. */
export interface FileKind {
  /** Larger ones are not read. */
  readonly mostBytes: number;
  /** Why a file is not read that begins like this. */
  refusal(start: Uint8Array): string | undefined;
}

/** Most pictures of data sets are shorter; of others, it shows whether they are any. */
const FIRST_BYTES = 1 << 16;
const first = new Uint8Array(FIRST_BYTES);

/** The bytes of a file, or why it is not read. At once, as waiting for a small file takes longer than reading it. */
export function readFile(path: string, { mostBytes, refusal }: FileKind): Uint8Array<ArrayBuffer> | string {
  try {
    const file = Deno.openSync(path);
    try {
      const count = readFull(file, first);
      const reason = count === 0 ? "it is empty" : refusal(first.subarray(0, count));
      if (reason !== undefined) return reason;
      if (count < FIRST_BYTES) return first.slice(0, count);
      const { size } = file.statSync();
      if (size > mostBytes) return `it has ${size} bytes, and at most ${mostBytes} are read`;
      const bytes = new Uint8Array(Math.max(size, count));
      bytes.set(first);
      return bytes.subarray(0, count + readFull(file, bytes.subarray(count)));
    } finally {
      file.close();
    }
  } catch (error) {
    // One that went meanwhile, or may not be read by this user.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return error.message;
    }
    throw error;
  }
}

/** Fills bytes as far as the file has some; gives how many. */
function readFull(file: Deno.FsFile, bytes: Uint8Array): number {
  let length = 0;
  for (let count; length < bytes.length && (count = file.readSync(bytes.subarray(length))) !== null;) {
    length += count;
  }
  return length;
}
