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
