/** A folder that goes when the test ends. */

/** `await using folder = await temporary()` */
export async function temporary(): Promise<AsyncDisposable & { path: string; names(): string[] }> {
  const path = await Deno.makeTempDir({ prefix: "gesso-test-" });
  return {
    path,
    names: () => [...Deno.readDirSync(path)].map((entry) => entry.name).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
