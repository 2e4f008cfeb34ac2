import { assertEquals, assertStringIncludes } from "@std/assert";
import { commands, overview } from "../../commands/main.ts";
import { HANG } from "../../commands/terminal/print.ts";
import { VERSION } from "../../commands/version.ts";
import { recipes } from "../../recipes/recipes.ts";
import { temporary } from "../data/temporary.ts";
import { documentedFlags, nowhere, runCli } from "./run_cli.ts";

const names = recipes.map(({ name }) => name).join(", ");
const all = commands.map(({ name }) => name).join(", ");

const wrong: Record<string, readonly string[]> = {
  [`Cannot run "trian": there are ${all}; did you mean train?`]: [
    "trian",
  ],
  [`Cannot run "frobnicate": there are ${all}`]: [
    "frobnicate",
  ],
  "Cannot use --epocs: there is no such option; did you mean --epochs?": ["train", "--epocs", "3"],
  "Cannot use --epochs 0: it takes a whole number from 1 up to 1000000": ["train", "--epochs", "0"],
  "Cannot use --device gpu: there are auto, webgpu, cpu; did you mean cpu?": ["train", "--device", "gpu"],
  "Cannot use --optimizer adma: there are adam, adamw, rmsprop, sgd; did you mean adam?": [
    "train",
    "--optimizer=adma",
  ],
  "Cannot use --dataset cifar: there are auto, cifar10, shapes; did you mean cifar10?": [
    "evaluate",
    "--dataset",
    "cifar",
  ],
  "Cannot use --threads 0: it takes a whole number from 1 up to 256": ["predict", "x", "--threads", "0"],
  "Cannot use --learning-rate 0: it takes a number above 0 up to 1000": ["train", "--learning-rate", "0"],
  [`Cannot train "extra": there are ${names}`]: ["train", "extra"],
  [`Cannot train "cifar": there are ${names}; did you mean cifar10?`]: [
    "train",
    "cifar",
  ],
  'Cannot use "cifar10" there: train takes a name before all options': ["train", "--epochs", "1", "cifar10"],
  'Cannot use "two": train cifar10 takes no operands': ["train", "cifar10", "two"],
  'Cannot use "two": data takes 1 operands': ["data", "where", "two"],
  'Cannot do "fetsch": there are where, fetch, verify; did you mean fetch?': ["data", "fetsch"],
  "Cannot predict without an image: name one or more PNG, JPEG or WebP files": ["predict"],
  'Cannot use "epoch" in wrong.json: there is no such option; did you mean epochs?': [
    "train",
    "--config",
    "wrong.json",
  ],
  'Cannot use "config" in more.json: there is no such option': ["train", "--config", "more.json"],
  'Cannot use "flip" in type.json: it takes true or false': ["train", "--config=type.json"],
  "Cannot find a model: no run in runs/ has one; train makes one": ["evaluate"],
  "Cannot find a run to go on with: no run in runs/ has one; train makes one": ["train", "--resume"],
  "Cannot go on with runs/x: it has no options.json, so no run was begun there": [
    "train",
    "--resume",
    "runs/x",
  ],
  "Cannot use --epochs -1: it takes a whole number from 1 up to 1000000": ["train", "--epochs", "-1"],
  "Cannot use -epochs: there is no such option; did you mean --epochs?": ["train", "-epochs", "3"],
  "Cannot load a model from folder: it is a folder without model.safetensors": [
    "summary",
    "--model",
    "folder",
  ],
  "Cannot read folder: it is a folder, no file of options": ["train", "--config", "folder"],
  "Cannot read bytes.json: it is not text in UTF-8 or UTF-16": ["train", "--config", "bytes.json"],
  "Cannot begin a run in type.json: it is a file": ["train", "--dataset", "shapes", "--out", "type.json"],
  "Cannot begin a run in old: it has model.safetensors of another one; name another folder with --out, or go on with that run: train --resume old":
    ["train", "--dataset", "shapes", "--out", "old"],
};

Deno.test("wrong use is met with one line that names what is right, and with exit code 2", async (t) => {
  await using folder = await temporary();
  await Deno.writeTextFile(`${folder.path}/wrong.json`, '{"epoch": 3}');
  await Deno.writeTextFile(`${folder.path}/more.json`, '{"config": "wrong.json"}');
  await Deno.writeTextFile(`${folder.path}/type.json`, '{"flip": "yes"}');
  await Deno.writeFile(`${folder.path}/bytes.json`, new Uint8Array([0x7b, 0xff, 0x7d]));
  await Deno.mkdir(`${folder.path}/folder`);
  await Deno.mkdir(`${folder.path}/old`);
  await Deno.writeTextFile(`${folder.path}/old/model.safetensors`, "");
  for (const [line, args] of Object.entries(wrong)) {
    await t.step(args.join(" "), async () => {
      const flags = documentedFlags(args[0]).map((f) => f.replace(/^(--allow-write=.*)/, "$1,old,type.json"));
      const { code, out, err } = await runCli(folder.path, args, { flags });
      assertEquals({ code, out, err }, { code: 2, out: "", err: line });
    });
  }
});

Deno.test("without a command, with --help and with help there is an overview", async () => {
  await using folder = await temporary();
  for (const args of [[], ["--help"], ["-h"], ["help"]]) {
    const { code, out, err } = await runCli(folder.path, args, { flags: [] });
    assertEquals({ code, out, err }, { code: 0, out: overview().replaceAll(HANG, ""), err: "" });
  }
  for (const { name, summary } of commands) {
    assertStringIncludes(overview(), name);
    assertStringIncludes(overview(), summary);
  }
  assertEquals((await runCli(folder.path, ["--version"], { flags: [] })).out, VERSION);
});

Deno.test("a file that is missing is named in one line, with exit code 2", async () => {
  await using folder = await temporary();
  for (const args of [["train", "--config", "none.json"], ["summary", "--model", "none.safetensors"]]) {
    const { code, err } = await runCli(folder.path, args);
    assertEquals([code, err.split("\n").length], [2, 1], err);
    assertStringIncludes(err, args[2]);
  }
});

Deno.test("cifar10 that cannot be had is refused with its address, the file to put there and --data", async () => {
  await using folder = await temporary();
  const args = ["train", "--dataset", "cifar10", "--mirror", nowhere.url, "--device", "cpu"];
  const { code, err } = await runCli(folder.path, args, { more: [nowhere.flag] });
  assertEquals([code, err.split("\n").length], [1, 1], err);
  assertStringIncludes(err, `Cannot download ${nowhere.url}: `);
  assertStringIncludes(err, "put the file at .gesso/cifar-10-binary.tar.gz by other means");
  assertStringIncludes(err, "or name a folder that has it with --data DIR");
});

Deno.test("--data with a folder that lacks the files is refused with what it lacks, not passed over", async () => {
  await using folder = await temporary();
  for (const dataset of ["auto", "cifar10"]) {
    const { code, err } = await runCli(folder.path, [
      "train",
      "--data",
      ".",
      "--dataset",
      dataset,
      "--device",
      "cpu",
    ]);
    assertEquals(code, 2);
    assertStringIncludes(err, "Cannot use the data in .: it lacks data_batch_1.bin");
  }
});
