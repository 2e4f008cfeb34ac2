/** What there is of Gesso where there is no Deno: in browsers, and in Node, whose older versions lack Float16Array, too. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { root, sourceFiles, textOf } from "./source_files.ts";

/** Imports the library with these things gone, trains, and says what files and halves answer. */
const program = (module: string) => `
delete globalThis.Float16Array;
delete globalThis.Deno;
const g = await import("${module}");
const said = {};
const ask = async (what, use) => said[what] = await use().then(() => "nothing", (error) => error.message);
const model = g.sequential([g.layers.dense({ units: 2 })], { inputShape: [2] });
await ask("save", () => g.saveModel(model, "a"));
await ask("load", () => g.loadModel("a"));
await ask("read", () => g.formats.readSafetensors("a"));
await ask("checkpoint", () => g.training.saveCheckpoint({ tensors: {} }, "a"));
await ask("goOn", () => g.training.loadCheckpoint("a"));
await ask("cifar10", () => g.cifar10());
await ask("half", () => g.compute(g.ops.ones([1], "float16")));
const inputs = g.ndarray("float32", [4, 2], [0, 1, 1, 0, 0, 1, 1, 0]);
const data = new g.Dataset({ inputs, targets: g.ndarray("int32", [4], [0, 1, 0, 1]) });
const device = g.cpuDevice({ threads: 1 });
const [{ loss }] = await g.fit(model, data, { device, precision: "mixed" });
const again = g.decodeModel(g.encodeModel(model));
const score = await g.evaluate(again, data, { device });
const halves = await g.compute(g.ops.cast(g.ops.full([2], 1.5, "float16"), "float32"));
console.log(JSON.stringify({ said, loss, score, halves: [...halves.data] }));
`;

Deno.test("without Deno and Float16Array models are trained and turned into bytes; files say what to do", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/program.js`, program(new URL("mod.ts", root).href));
    const args = ["run", "--no-prompt", `--allow-read=${root.pathname}`, `${folder}/program.js`];
    const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
    assert(success, new TextDecoder().decode(stderr));
    const { said, loss, score, halves } = JSON.parse(new TextDecoder().decode(stdout));
    for (const what of ["save", "load"]) {
      assertStringIncludes(
        said[what],
        "files need Deno; encodeModel and decodeModel turn models into bytes and back",
      );
    }
    assertStringIncludes(said.read, "decodeSafetensors reads them from bytes");
    for (const what of ["checkpoint", "goOn", "cifar10"]) assertStringIncludes(said[what], "files need Deno");
    assertStringIncludes(said.half, "this runtime has no Float16Array");
    assert(Number.isFinite(loss) && Number.isFinite(score.loss));
    assertEquals(halves, [1.5, 1.5]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what browsers and Node load has no declarations with using, which some of them can't read", () => {
  const library = sourceFiles.filter((path) => !/^(commands|cli)/.test(path));
  assertEquals(library.filter((path) => /^\s*(await )?using \w+ =/m.test(textOf(path))), []);
});
