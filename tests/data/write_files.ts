/** Files in folders that tests read. */

/** Writes files into a folder, and the folders that they are in. */
export async function writeFiles(
  path: string,
  files: Record<string, Uint8Array | string | Promise<Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = `${path}/${name}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    const bytes = await content;
    await Deno.writeFile(file, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  }
}
