import { assert, assertEquals, assertMatch } from "@std/assert";
import { checkout } from "./checkout.ts";
import { hasTerminals, runInTerminal, screenLines } from "./pseudo_terminal.ts";

/** Where there are none, the test says so. */
const atTerminal = (name: string, fn: () => Promise<void>) =>
  Deno.test({
    name: hasTerminals ? name : `${name} (no terminal here: left out)`,
    ignore: !hasTerminals,
    fn,
  });

const small = "--dataset shapes --epochs 1 --batch-size 500 --no-tune".split(" ");

Deno.test("screenLines() shows what is left of lines that were written over", () => {
  assertEquals(screenLines("one\r\ntwo \x1b[1mbold\x1b[0m\r\x1b[2Kthree\r\n"), ["one", "three", ""]);
  assertEquals(screenLines("abcdef\rxy\r\n123\r\x1b[K"), ["xycdef", ""]);
});

atTerminal(
  "nothing asks: the task that trains, on several threads, and then predict and evaluate",
  async () => {
    await using folder = await checkout();
    const at = { folder: folder.path };
    const trained = await runInTerminal(
      ["deno", "task", "train", ...small, "--device", "cpu", "--threads", "2"],
      at,
    );
    assertEquals(trained.code, 0, trained.raw);
    // deno-lint-ignore no-control-regex
    assertMatch(trained.raw, /\r\x1b\[2K[^\r]*[█░]+/);
    assert(!trained.lines.some((line) => /░/.test(line)), "a bar is left");
    const run = "runs/001-cnn-shapes";
    for (
      const args of [
        ["predict", `${run}/predictions.png`],
        ["evaluate"],
        ["summary"],
      ]
    ) {
      const { code, raw } = await runInTerminal(["deno", "run", `-P=${args[0]}`, "cli.ts", ...args], at);
      assertEquals(code, 0, raw);
    }
  },
);
