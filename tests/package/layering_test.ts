import { assert, assertEquals } from "@std/assert";
import { allFiles, importsOf, sourceFiles, textOf } from "./source_files.ts";

/** What the files of a folder, or a file, may import: beginnings of paths, or names of packages. */
const allowed: Record<string, readonly string[]> = {
  "engine/": ["engine/"],
  "devices/": ["devices/", "engine/", "node:worker_threads"],
  "ops/": ["ops/", "engine/"],
  "data/": [
    "data/",
    "formats/format_error.ts",
    "formats/image/",
    "formats/idx/",
    "formats/abc/",
    "formats/midi/",
    "formats/sound/",
    "engine/array.ts",
    "engine/option_kinds.ts",
    "engine/options.ts",
    "engine/file_access.ts",
    "engine/turn.ts",
    "node:crypto",
  ],
  "formats/": ["formats/", "engine/array.ts", "engine/file_access.ts"],
  "models/": [
    "models/",
    "ops/",
    "engine/",
    "formats/",
    "data/random.ts",
    "data/storage/write_atomic.ts",
    "data/text/vocabulary.ts",
  ],
  "training/": ["training/", "models/", "ops/", "devices/", "data/", "formats/", "engine/"],
  "mod.ts": ["training/", "models/", "ops/", "devices/", "data/", "formats/", "engine/"],
  "recipes/": ["recipes/", "training/", "models/", "ops/", "devices/", "data/", "formats/", "engine/"],
  "commands/": [
    "commands/",
    "recipes/",
    "training/",
    "models/",
    "ops/",
    "devices/",
    "data/",
    "formats/",
    "engine/",
    "deno.json",
    "@std/cli/",
  ],
  "examples/": ["examples/", "@gesso/gesso"],
  "cli.ts": ["commands/"],
};

Deno.test("imports point one way", () => {
  const wrong: string[] = [];
  for (const path of [...sourceFiles, ...allFiles.filter((path) => path.startsWith("examples/"))]) {
    const rule = Object.keys(allowed).find((key) =>
      path === key || (key.endsWith("/") && path.startsWith(key))
    );
    assert(rule, `${path} is in no folder that the layering knows`);
    for (const name of importsOf(path)) {
      const isAllowed = allowed[rule].some((a) => name === a || (a.endsWith("/") && name.startsWith(a)));
      if (!isAllowed) wrong.push(`${path} imports ${name}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("nothing but tests and benches imports tests and benches", () => {
  const wrong = sourceFiles.flatMap((path) =>
    importsOf(path).filter((name) => /^(tests|bench)\//.test(name)).map((name) => `${path} imports ${name}`)
  );
  assertEquals(wrong, []);
});

Deno.test("every import within the project is of a file that is there", () => {
  const there = new Set([...allFiles, "deno.json"]);
  const gone = allFiles.flatMap((path) =>
    importsOf(path).filter((name) =>
      /^[a-z_]+(\/|\.ts$)/.test(name) && name.endsWith(".ts") && !there.has(name)
    )
      .map((name) => `${path} imports ${name}`)
  );
  assertEquals(gone, []);
  // The reading of imports reads what is there.
  assert(importsOf("mod.ts").includes("engine/program.ts") && importsOf("mod.ts").length > 40);
  assert(importsOf("commands/options/options.ts").includes("@std/cli/parse-args"));
});

/** Here circles are left that are made of types alone: a model knows its graph, and a graph the models placed in it. */
const notTypes = ["models/"];

Deno.test("the files of the library import each other in no circle", () => {
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (state.get(path) === "open") circles.push([...way.slice(way.indexOf(path)), path].join(" -> "));
    if (state.has(path)) return;
    state.set(path, "open");
    for (const name of importsOf(path, { types: !notTypes.some((folder) => path.startsWith(folder)) })) {
      if (sourceFiles.includes(name)) visit(name, [...way, path]);
    }
    state.set(path, "done");
  };
  for (const path of sourceFiles) visit(path, []);
  // An op and its gradient may name each other: the gradient of sin is made of cos, and that of cos of sin.
  assertEquals(circles.filter((circle) => !/^(ops\/[a-z0-9_\/]+\.ts( -> )?)+$/.test(circle)), []);
});

Deno.test("engine and devices know no op by name", () => {
  const names = sourceFiles.filter((path) => path.startsWith("ops/"))
    .map((path) =>
      path.slice(path.lastIndexOf("/") + 1, -3).replaceAll(
        /_(\w)/g,
        (_, letter: string) => letter.toUpperCase(),
      )
    );
  // The arithmetic of single numbers and the kinds of bodies have names of their own, some of them the same.
  const arithmetic = ["engine/expression/node.ts", "engine/expression/reduce_op.ts"].map(textOf).join();
  const kinds = [...textOf("engine/tensor.ts").matchAll(/readonly kind: "(\w+)"/g)].map(([, kind]) => kind);
  assert(kinds.includes("contraction"));
  const own = names.filter((name) => !arithmetic.includes(`"${name}"`) && !kinds.includes(name));
  for (const name of ["conv2d", "maxPool2d", "matmul", "gather", "softmax"]) assert(own.includes(name), name);
  const found = sourceFiles.filter((path) => /^(engine|devices)\//.test(path)).flatMap((path) => {
    const code = textOf(path).replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
    return own.filter((name) => code.includes(`"${name}"`)).map((name) => `${path} names ${name}`);
  });
  assertEquals(found, []);
});

Deno.test("no file is named for nothing in particular, and names are in snake_case", () => {
  const names = allFiles.map((path) => path.slice(path.lastIndexOf("/") + 1));
  assertEquals(names.filter((name) => /^(utils?|helpers?|misc|common|index)\.ts$/.test(name)), []);
  assertEquals(names.filter((name) => !/^[a-z0-9_]+\.ts$/.test(name)), []);
});
