/** The project's files, for tests that read them. */

/** The project's folder. */
export const root: URL = new URL("../../", import.meta.url);

const skipped = new Set(["node_modules", "links", "runs"]);

/** The TypeScript files in a folder and below, by their paths in the project. */
export function filesIn(folder: string): string[] {
  const found: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
    if (name.startsWith(".") || skipped.has(name)) continue;
    if (isDirectory) found.push(...filesIn(`${folder}${name}/`));
    else if (name.endsWith(".ts")) found.push(`${folder}${name}`);
  }
  return found.sort();
}

/** All TypeScript files of the project. */
export const allFiles: readonly string[] = filesIn("");

/** Those that are published as the library and its command line: neither tests nor benches, and no examples. */
export const sourceFiles: readonly string[] = allFiles.filter((path) =>
  !/^(tests|bench|examples)\//.test(path)
);

/** A file's text. */
export const textOf = (path: string): string => Deno.readTextFileSync(new URL(path, root));

/** What a file imports: paths in the project, and names as they are written; with or without types alone. */
export function importsOf(path: string, options: { types?: boolean } = {}): string[] {
  const { types = true } = options;
  const patterns =
    /^(?:import|export)\s(type\s)?[\w\s{},*$]*\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  return [...textOf(path).matchAll(patterns)].filter(([, type]) => types || !type)
    .map(([, , from, alone, dynamic]) => {
      const name = from ?? alone ?? dynamic;
      if (!name.startsWith(".")) return name;
      return new URL(name, new URL(path, root)).href.slice(root.href.length);
    });
}
