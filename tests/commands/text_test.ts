import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { temporary } from "../data/temporary.ts";
import { runCli } from "./run_cli.ts";

const cpu = ["--device", "cpu"];

/** Some text in a small language: sentences of a few words. */
function sentences(count: number): string {
  const words = ["the", "cat", "sees", "a", "red", "bird", "and", "sings"];
  return Array.from(
    { length: count },
    (_, i) => `${words[i % 4]} ${words[(i * 3) % 8]} ${words[(i * 5 + 1) % 8]} ${words[(i * i) % 8]}.\n`,
  ).join("");
}

Deno.test("a text is learned, written, judged and scored", async (t) => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  await Deno.writeTextFile(at("cat.txt"), "\ufeff" + sentences(300));
  const run = async (...args: string[]) => {
    const ran = await runCli(folder.path, [...args, ...cpu]);
    assertEquals([ran.code, ran.err], [0, ""], ran.out);
    return ran.out;
  };

  let figure = "";
  await t.step("train text says what it found, shows lines meanwhile, and reports", async () => {
    const out = await run(
      ..."train text --data cat.txt --units 24 --epochs 3 --length 16 --learning-rate 0.02 --no-tune".split(
        " ",
      ),
    );
    assertStringIncludes(out, "UTF-8 with a byte order mark");
    assertStringIncludes(out, "tokens by characters, ");
    assertEquals(out.match(/^sample {5}/gm)?.length, 3);
    assertMatch(out, /^this model +\d\.\d{4} +\d\.\d{4} +\d+\.\d\d$/m);
    assertMatch(out, /^unigrams /m);
    [figure] = /validation \d\.\d{4} nats a character, \d\.\d{4} bits/.exec(out)!;
    const files = [...Deno.readDirSync(at("runs/001-char-gru-cat"))].map(({ name }) => name);
    for (const name of ["samples.txt", "copied.txt", "loss.svg"]) assert(files.includes(name), name);
    const samples = await Deno.readTextFile(at("runs/001-char-gru-cat/samples.txt"));
    assertMatch(samples, /^temperature 0\.5 +\| {2}temperature 0\.8 +\| {2}temperature 1\n/);
    const copied = await Deno.readTextFile(at("runs/001-char-gru-cat/copied.txt"));
    assertMatch(copied, /in stretches of 20 characters or more: \d/);
    const options = JSON.parse(await Deno.readTextFile(at("runs/001-char-gru-cat/options.json")));
    assertEquals([options.recipe, options.length, options.epochs], ["text", 16, 3]);
  });

  await t.step("evaluate comes to the same figures", async () => {
    assertStringIncludes(await run("evaluate"), figure);
    assertMatch(await run("summary", "--model", "runs/001-char-gru-cat"), /^step +\d+ dispatches, 1 submit/m);
  });

  await t.step("generate text goes on with a prompt, and the same seed writes the same", async () => {
    const args = ["generate", "text", "--prompt", "the cat", "--length", "60", "--seed", "5"];
    const first = await run(...args);
    const written = (out: string) => out.slice(out.indexOf("the cat"));
    assert(written(first).length > 40, first);
    assertEquals(written(await run(...args)), written(first));
    assertNotEquals(written(await run(...args.slice(0, -1), "6")), written(first));
    const two = await run("generate", "text", "--length", "20", "--streams", "2");
    assertMatch(two, /^--- 1 of 2 ---$[^]*^--- 2 of 2 ---$[^]*^seed {7}\d+$/m);
  });

  await t.step(
    "generate text ends before what is to stop it, and writes to a file with settings that make it again",
    async () => {
      const args = ["generate", "text", "--prompt", "a red", "--stop", ".\\n", "--length", "200"];
      const out = await run(...args, "--out", "made/red.txt");
      const text = await Deno.readTextFile(at("made/red.txt"));
      assert(text.startsWith("a red") && !text.includes(".\n"), text);
      assertStringIncludes(out, "wrote      made/red.txt");
      const settings = JSON.parse(await Deno.readTextFile(at("made/red.json")));
      assertEquals([settings.generate, settings.prompt, settings.model], [
        "text",
        "a red",
        "runs/001-char-gru-cat/model.safetensors",
      ]);
      await run("generate", "text", "--config", "made/red.json", "--out", "made/again.txt");
      assertEquals(await Deno.readTextFile(at("made/again.txt")), text);
      await Deno.writeTextFile(at("made/other.json"), JSON.stringify({ ...settings, modelSha256: "0" }));
      assertStringIncludes(
        await run("generate", "text", "--config", "made/other.json"),
        "another model than that of made/other.json",
      );
      await Deno.writeTextFile(at("made/kind.json"), JSON.stringify({ generate: "text", seed: 1 }));
      const tune = await runCli(folder.path, ["generate", "music", "--config", "made/kind.json", ...cpu]);
      assertEquals([tune.code, tune.err], [
        2,
        "Cannot generate music as made/kind.json says: it is of generate text",
      ]);
      const over = await runCli(folder.path, [...args, "--out", "made/red.txt", ...cpu]);
      assertEquals([over.code, over.out], [2, ""]);
      assertEquals(over.err, "Cannot write made/red.txt: it is already there, and nothing is written over");
    },
  );

  await t.step("score text gives nats and bits, lists what surprised, and makes a page", async () => {
    await Deno.writeTextFile(at("new.txt"), "the cat sees a <red> Dog.\n");
    const out = await run("score", "text", "new.txt", "--worst", "2", "--out", "made/new.html");
    assertMatch(out, /^\d+\.\d{4} nats a character, \d+\.\d{4} bits$/m);
    assertEquals(out.match(/ bits {2}1:\d+ {2}/g)?.length, 2);
    assertStringIncludes(out, '4 places passed over that the model does not know: "<", ">", "D", "o"');
    const page = await Deno.readTextFile(at("made/new.html"));
    assertStringIncludes(page, "<s>&lt;</s>");
    assert(!page.includes("<red>"));
  });

  await t.step("what the model does not know is named in one line", async () => {
    const ran = await runCli(folder.path, ["generate", "text", "--prompt", "Ünder", ...cpu]);
    assertEquals(ran.code, 2);
    assertEquals(
      ran.err,
      'Cannot go on with the prompt: the model was trained on a text without "Ü"',
    );
    const none = await runCli(folder.path, ["generate", "text", "--model", "none", ...cpu]);
    assertEquals([none.code, none.err.split("\n").length], [2, 1], none.err);
  });
});

Deno.test("texts that cannot be learned or scored are refused in one line, with exit code 2", async () => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  await Deno.writeTextFile(at("empty.txt"), "");
  await Deno.writeTextFile(at("short.txt"), "To be");
  await Deno.writeFile(at("picture.bin"), Uint8Array.from({ length: 4000 }, (_, i) => i * 7919 % 256));
  await Deno.mkdir(at("folder"));
  await Deno.mkdir(at("pictures"));
  await Deno.copyFile(at("picture.bin"), at("pictures/a.bin"));
  await Deno.writeTextFile(at("some.txt"), sentences(20));
  const wrong: Record<string, readonly string[]> = {
    "Cannot train text without --data PATH: a text file": ["train", "text"],
    "Cannot read the text in empty.txt: it is empty": ["train", "text", "--data", "empty.txt"],
    "Cannot make a corpus of short.txt: its validation part has 1 of 5 tokens": [
      "train",
      "text",
      "--data",
      "short.txt",
    ],
    "Cannot read the text in picture.bin: it is no text": ["train", "text", "--data", "picture.bin"],
    "Cannot read the text in folder: it is empty": ["train", "text", "--data", "folder"],
    "Cannot read the text in pictures: none of its files is one": ["train", "text", "--data", "pictures"],
    "Cannot read the text in gone.txt: there is no such file or folder": [
      "train",
      "text",
      "--data",
      "gone.txt",
    ],
    "Cannot train on some with --length 400: its ": [
      "train",
      "text",
      "--data",
      "some.txt",
      "--length",
      "400",
    ],
    "Cannot find a model that makes text: no run in runs/ has one; train text makes one, and --model names one elsewhere":
      [
        "generate",
        "text",
      ],
    'Cannot generate "txt": there are ': ["generate", "txt"],
    "Cannot generate without a name before all options: there are ": ["generate"],
    "Cannot score without a text: name a file, as in score text FILE": ["score", "text"],
    'Cannot score "some.txt": there is text, as in score text FILE': ["score", "some.txt"],
    "Cannot read the text in empty.txt: it is empty ": ["score", "text", "empty.txt"],
  };
  for (const [line, args] of Object.entries(wrong)) {
    const { code, out, err } = await runCli(folder.path, args);
    assertEquals([code, err.split("\n").length], [2, 1], err);
    assertStringIncludes(err, line.trim());
    assertEquals(out.includes("device"), false, out);
  }
  assertEquals(folder.names().includes("runs"), false);
});
