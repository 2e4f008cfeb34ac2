/** Files are read and written through Deno; everything else works wherever TypeScript's result runs. */

/**
 * Throws where there are no files to be had: in browsers, and in Node.
 *
 * @param attempt What is being done, for messages: `save a model`.
 * @param instead The way that works everywhere.
 */
export function needFiles(attempt: string, instead: string): void {
  if ("Deno" in globalThis) return;
  throw new TypeError(`Cannot ${attempt} here: files need Deno; ${instead}`);
}

/**
 * Gives a file that was opened to a function, and closes it in any case. A declaration with `using` would say the same,
 * but Node before version 24 and some browsers can't read what has one.
 */
export async function closing<F extends { close(): void }, T>(
  file: F,
  use: (file: F) => Promise<T>,
): Promise<T> {
  try {
    return await use(file);
  } finally {
    file.close();
  }
}
