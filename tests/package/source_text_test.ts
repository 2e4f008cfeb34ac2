import { assertEquals } from "@std/assert";
import { allFiles, sourceFiles, textOf } from "./source_files.ts";

/** Lines of files in which a pattern is found. */
function found(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    textOf(path).split("\n").flatMap((line, i) =>
      pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []
    )
  );
}

/** What a library must not print; in comments there are examples. */
const withoutComments = (lines: string[]) => lines.filter((line) => !/^\S+: (\*|\/\/|\/\*)/.test(line));

const own = "tests/package/source_text_test.ts";

Deno.test("the library prints nothing and ends no process; the command line and the examples do", () => {
  const library = sourceFiles.filter((path) => !/^(commands\/|cli\.ts)/.test(path));
  const lines = withoutComments(found(library, /\bconsole\.|\bDeno\.exit\b|\balert\(|\bprompt\(/));
  // What keeps another library from printing.
  const known = "formats/sound/sound_libraries.ts: console.error = ";
  assertEquals(lines.filter((line) => !line.replace(/:\d+/, "").startsWith(known)), []);
});

Deno.test("nothing is left to be done, and no code is commented out or left for the debugger", () => {
  assertEquals(found(sourceFiles, /\b(TODO|FIXME|XXX|HACK)\b/), []);
  assertEquals(withoutComments(found(allFiles.filter((p) => p !== own), /\bdebugger\b/)), []);
  assertEquals(found(sourceFiles, /^\s*\/\/\s*(const|let|return|if|for|import)\b.*[;{]$/), []);
});

Deno.test("no file names a place on one machine", () => {
  const others = allFiles.filter((path) => path !== own);
  assertEquals(found(others, /["'`](file:\/\/)?\/(home|root|work|Users|mnt|media)\//), []);
  assertEquals(found(sourceFiles, /["'`](file:\/\/\/|[A-Z]:\\|\/(tmp|var|opt|usr|etc)\/)/), []);
});

Deno.test("no test is left alone in its file or switched off for good", () => {
  const tests = allFiles.filter((path) => path.startsWith("tests/") && path !== own);
  assertEquals(found(tests, /\bonly: true|Deno\.test\.(only|ignore)|\bignore: true/), []);
});

Deno.test("commands print by one door, and it alone reads what the terminal is", () => {
  const others = sourceFiles.filter((path) =>
    path.startsWith("commands/") && path !== "commands/terminal/print.ts"
  );
  assertEquals(withoutComments(found(others, /\bconsole\.|\bDeno\.(stdout|stderr)\b/)), []);
  const reads = found(["commands/terminal/print.ts"], /\bDeno\.env\b/);
  assertEquals(reads.map((line) => /Deno\.env\S+/.exec(line)![0]), ['Deno.env.get("TERM")']);
});

Deno.test("the source reads no environment variable but the drivers' and the terminal's, and starts no process", () => {
  const others = sourceFiles.filter((path) =>
    path !== "devices/webgpu/runtime/driver_environment.ts" && path !== "commands/terminal/print.ts"
  );
  const lines = withoutComments(
    found(others, /\bDeno\.(env|Command|run|dlopen)\b|\beval\(|\bnew Function\(/),
  );
  // A form of import that bundlers and TypeScript do not know yet.
  const known = "formats/webp/webp_library.ts";
  assertEquals(
    lines.filter((line) => !(line.startsWith(known) && line.includes('"return import.source(name)"'))),
    [],
  );
});

Deno.test("folders are made and files opened to write in one place, which follows no link", () => {
  const writes =
    /\bDeno\.(mkdir|create|write(Text)?File|makeTemp\w+|copyFile|link|symlink|truncate)(Sync)?\b|\b(create(New)?|append|write): true\b/;
  // Examples write as whoever uses Gesso does.
  const others = sourceFiles.filter((path) =>
    path !== "data/storage/write_door.ts" && !path.startsWith("examples/")
  );
  assertEquals(withoutComments(found(others, writes)), []);
});
