import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cnn } from "../../models/cnn.ts";
import { encodeModel } from "../../models/model_file.ts";
import { ndarray } from "../../engine/array.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { temporary } from "../data/temporary.ts";
import { hasTerminals, PseudoTerminal, runInTerminal, type TerminalOptions } from "./pseudo_terminal.ts";
import { cliPath, configPath, documentedFlags } from "./run_cli.ts";

const atTerminal = (name: string, fn: () => Promise<void>) =>
  Deno.test({
    name: hasTerminals ? name : `${name} (no terminal here: left out)`,
    ignore: !hasTerminals,
    fn,
  });

/** `deno run FLAGS cli.ts ARGS`, with the documented flags. */
const cli = (
  args: readonly string[],
  flags: readonly string[] = documentedFlags(args[0]),
) => ["deno", "run", `--config=${configPath}`, ...flags, cliPath, ...args];

const short = "train --dataset shapes --device cpu --threads 1 --no-tune --batch-size 100 --epochs 2".split(
  " ",
);

const commands = new URL("../../commands/", import.meta.url);

/** Begins to train, types Ctrl-C when the bar is there, and gives what is left to see. */
async function interrupted(options: TerminalOptions) {
  await using terminal = PseudoTerminal.open(cli(short), options);
  await terminal.printed(/epoch 1\/2 .*\r.*epoch 1\/2 /s);
  await terminal.type("\x03");
  return await terminal.end();
}

/** The texts that were shown in one line, one after another. */
// deno-lint-ignore no-control-regex
const liveTexts = (raw: string) => [...raw.matchAll(/\x1b\[2K(epoch [^\r\n]*)/g)].map((m) => m[1]);

atTerminal("Ctrl-C takes the bar away, says what happens, and leaves what to go on with", async () => {
  await using folder = await temporary();
  const { code, lines, raw } = await interrupted({ folder: folder.path });
  assertEquals(code, 130, raw);
  assertEquals(lines.slice(-4), [
    "stopping: the step that is under way is finished first",
    `saved runs/001-cnn-shapes; go on with: deno run -P=train ${cliPath} train --resume runs/001-cnn-shapes`,
    "interrupted",
    "",
  ]);
  assert(!lines.some((line) => /[█░]/.test(line)), "a bar is left");
});

atTerminal("a bar keeps to its line in a window of any width", async () => {
  for (const columns of [200, 50, 12]) {
    await using folder = await temporary();
    const { code, lines, raw } = await interrupted({ folder: folder.path, columns });
    assertEquals(code, 130, raw);
    const texts = liveTexts(raw).map((text) => text.replace("^C", ""));
    assert(texts.every((text) => text.length < columns), `${columns}: ${texts}`);
    if (columns === 200) {
      assertMatch(texts[0], /^epoch 1\/2 [█░]{20} loss \d\.\d+ {2}accuracy .+ images\/s {2}\d:\d\d left$/);
    }
    if (columns === 50) assertMatch(texts[0], /^epoch 1\/2 [█░]{8} loss \d\.\d+ {2}accuracy +\S+ %$/);
    assert(!lines.some((line) => /[█░]/.test(line)), "a bar is left");
  }
});

atTerminal(
  "the line of an epoch keeps to one line of the window, in fewer words where that is narrow",
  async () => {
    const classifier = { loss: 0.25, accuracy: 0.9, validationLoss: 0.125, validationAccuracy: 0.95 };
    const several = {
      loss: 12.5,
      pixels: 10,
      latent: 2.5,
      validationLoss: 13,
      validationPixels: 10.5,
      validationLatent: 2.5,
    };
    const start = "epoch  2/10  loss 0.2500  accuracy  90.0 %";
    const whole = `${start}  validation loss 0.1250  accuracy  95.0 %`;
    await using folder = await temporary();
    for (
      const [record, columns, line] of [
        [classifier, 120, `${whole}  0:07  1,234 images/s`],
        [classifier, 100, `${whole}  0:07`],
        [classifier, 80, `${start}  validation 0.1250   95.0 %`],
        [classifier, 60, "epoch  2/10  accuracy  90.0 %  validation  95.0 %  0:07"],
        [classifier, 50, "epoch  2/10  accuracy  90.0 %  validation  95.0 %"],
        [several, 70, "epoch  2/10  loss 12.5000  validation 13.0000  0:07"],
      ] as const
    ) {
      const tell = `
        const { narrate } = await import(${
        JSON.stringify(new URL("training/train_progress.ts", commands).href)
      });
        narrate({ method: "", batchSize: 1, seed: 0 }, "images", false).onEpoch({ ...${
        JSON.stringify({ epoch: 2, ...record })
      }, seconds: 7, examplesPerSecond: 1234 }, { epochs: 10 });
      `;
      const { raw, lines } = await runInTerminal(["deno", "eval", tell], { folder: folder.path, columns });
      assertEquals(lines.find((l) => l.startsWith("epoch")), line, raw);
    }
  },
);

atTerminal("a terminal that cannot do more than print gets no commands", async () => {
  await using folder = await temporary();
  const { raw } = await runInTerminal(cli(["info"]), { folder: folder.path, env: { TERM: "dumb" } });
  assertStringIncludes(raw, "device     cpu");
  assert(!raw.slice(raw.indexOf("gesso ")).includes("\x1b"), raw); // before, Deno clears its own line
  const coloured = await runInTerminal(cli(["info"]), { folder: folder.path });
  assertStringIncludes(coloured.raw, "\x1b[1mdevice    \x1b[0m cpu");
});

atTerminal("without permissions a person is not asked, but told in one line what works", async () => {
  await using folder = await temporary();
  for (
    const args of [["train"], ["evaluate"], ["predict", "/x/a.png"], ["summary", "--model", "m"], [
      "data",
      "fetch",
    ]]
  ) {
    const { code, lines } = await runInTerminal(cli(args, []), { folder: folder.path });
    assertEquals(code, 77);
    const said = lines.filter((line) => line.startsWith("Cannot "));
    assertEquals(said.length, 1, lines.join("\n"));
    assertStringIncludes(said[0], `; what works: deno run --allow-read=.`);
  }
});

atTerminal(
  "a model's names and a picture's path are shown, and the terminal obeys none of them",
  async () => {
    await using folder = await temporary();
    const model = cnn();
    const evil = "\x1b]0;owned\x07\ntest accuracy 100.0 %\x1b[2J\u202e";
    model.info = { classNames: Array.from({ length: 10 }, (_, i) => `${evil}${i}`) };
    await Deno.writeFile(`${folder.path}/m.safetensors`, encodeModel(model));
    const picture = "a\x1b[31m\nb.png";
    await Deno.writeFile(
      `${folder.path}/${picture}`,
      await encodePng(ndarray("uint8", [1, 1, 3], [1, 2, 3])),
    );
    const args = ["predict", "--model", "m.safetensors", picture, "none\x1b[31m.png", "--device", "cpu"];
    const { code, raw, lines } = await runInTerminal(cli(args), { folder: folder.path });
    assertEquals(code, 1);
    for (const foreign of ["\x1b]", "\x07", "\x1b[2J", "\x1b[31m", "\u202e"]) {
      assert(
        !raw.includes(foreign),
        raw,
      );
    }
    assertEquals(lines.filter((line) => line.startsWith("test accuracy")), []);
    assertStringIncludes(raw, "\\x1b]0;owned\\x07\\ntest accuracy 100.0 %\\x1b[2J\\u202e7");
    assertStringIncludes(raw, "a\\x1b[31m\\nb.png");
    assertStringIncludes(raw, "Cannot use none\\x1b[31m.png: no such file or directory");
  },
);
