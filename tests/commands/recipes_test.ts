import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { permissionFlags } from "../../commands/permissions/permissions.ts";
import { train } from "../../commands/train.ts";
import { cnn } from "../../models/cnn.ts";
import { saveModel } from "../../models/model_file.ts";
import { recipes } from "../../recipes/recipes.ts";
import { temporary } from "../data/temporary.ts";
import { runCli } from "./run_cli.ts";

for (const { name, summary, dataOptions, options } of recipes) {
  Deno.test(`train ${name} --help gives what this recipe takes, and the permissions that are enough for it`, async () => {
    await using folder = await temporary();
    const { code, out, err } = await runCli(folder.path, ["train", name, "--help"], { flags: [] });
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(out, summary);
    const { command } = train.resolve!([name])!;
    const operands = command.operands ? ` ${command.operands}` : "";
    const flags = permissionFlags(command.permissions).join(" ");
    assertStringIncludes(out, `\n  deno run ${flags} cli.ts train ${name}${operands} [options]\n`);
    assertStringIncludes(out, `\n  deno run -P=train cli.ts train ${name} `);
    for (const option of [...dataOptions, ...options]) {
      assertMatch(out, new RegExp(`^ {2}--${option.name}\\b.* {2}${option.help.slice(0, 9)}`, "m"));
    }
  });

  Deno.test(`the set that deno.json names for train is enough for ${name}`, () => {
    const { command } = train.resolve!([name])!;
    for (const [kind, items] of Object.entries(command.permissions)) {
      const granted = train.permissions[kind as keyof typeof train.permissions]!;
      assertEquals(items.filter((item: string) => !granted.includes(item)), []);
    }
  });
}

Deno.test("train --help names every recipe", async () => {
  await using folder = await temporary();
  const { out } = await runCli(folder.path, ["train", "--help"], { flags: [] });
  for (const { name, summary } of recipes) assertMatch(out, new RegExp(`^ {2}${name} +${summary}$`, "m"));
});

Deno.test("recipes have names and options of their own", () => {
  assertEquals(new Set(recipes.map((r) => r.name)).size, recipes.length);
  for (const { name, dataOptions, options } of recipes) {
    assertMatch(name, /^[a-z][a-z0-9-]*$/);
    const names = train.resolve!([name])!.command.options.map((option) => option.name);
    assertEquals(new Set(names).size, names.length, name);
    for (const needed of ["epochs", "batch-size", "seed"]) {
      assert([...dataOptions, ...options].some((option) => option.name === needed), `${name} --${needed}`);
    }
  }
});

Deno.test("a run goes on as the recipe that it was begun as, and as no other", async () => {
  await using folder = await temporary();
  const begin = async (run: string, record: Record<string, unknown>, finished = true) => {
    await Deno.mkdir(`${folder.path}/runs/${run}`, { recursive: true });
    const files = finished ? ["model.safetensors", "loss.svg"] : [];
    for (const name of files) await Deno.writeTextFile(`${folder.path}/runs/${run}/${name}`, "");
    await Deno.writeTextFile(`${folder.path}/runs/${run}/options.json`, JSON.stringify(record));
  };
  const refusal = async (...args: string[]) => {
    const { code, err } = await runCli(folder.path, ["train", ...args]);
    assertEquals(code, 2, err);
    return err;
  };
  await begin("001-old", { dataset: "shapes" });
  await begin("002-better", { recipe: "cifar10-better", dataset: "shapes", epochs: 3 });
  await begin("003-gone", { recipe: "gone" });
  const finished = "it is finished; train without --resume begins another run";
  // What names no recipe is of the worked example.
  assertEquals(await refusal("cifar10", "--resume"), `Cannot go on with runs/001-old: ${finished}`);
  assertEquals(await refusal("cifar10-better", "--resume"), `Cannot go on with runs/002-better: ${finished}`);
  assertEquals(
    await refusal("--resume", "runs/002-better"),
    `Cannot go on with runs/002-better: ${finished}`,
  );
  assertEquals(
    await refusal("cifar10", "--resume", "runs/002-better"),
    "Cannot go on with runs/002-better as cifar10: it was begun as cifar10-better; " +
      "train --resume runs/002-better goes on with it",
  );
  assertStringIncludes(
    await refusal("--resume"),
    "Cannot go on with runs/003-gone: it was begun as gone, and there are cifar10, ",
  );
  assertStringIncludes(await refusal("--resume", "runs/002-better", "--epochs", "5"), "and --epochs 5: ");
});

Deno.test("the record of a run is a file of options for another run of its recipe, and of no other", async () => {
  await using folder = await temporary();
  await Deno.writeTextFile(`${folder.path}/o.json`, '{"recipe": "cifar10-better", "dataset": "shapes"}');
  const other = await runCli(folder.path, ["train", "--config", "o.json"]);
  assertEquals([other.code, other.err], [
    2,
    'Cannot use "recipe" in o.json cifar10-better: there are cifar10',
  ]);
  await Deno.mkdir(`${folder.path}/runs/old`, { recursive: true });
  await Deno.writeTextFile(`${folder.path}/runs/old/loss.svg`, "");
  const own = await runCli(folder.path, [
    "train",
    "cifar10-better",
    "--config",
    "o.json",
    "--out",
    "runs/old",
  ]);
  assertStringIncludes(own.err, "Cannot begin a run in runs/old: it has loss.svg of another one");
});

Deno.test("evaluate takes the data of the run that a model lies in, unless other data is named", async () => {
  await using folder = await temporary();
  const model = cnn();
  model.info = { dataset: "cifar10" };
  await saveModel(model, `${folder.path}/runs/001-cnn-cifar10/model.safetensors`);
  const record = JSON.stringify({ dataset: "cifar10", data: "photos" });
  await Deno.writeTextFile(`${folder.path}/runs/001-cnn-cifar10/options.json`, record);
  const own = await runCli(folder.path, ["evaluate", "--device", "cpu"]);
  assertEquals(own.code, 2);
  assertStringIncludes(own.err, "Cannot use the data in photos: ");
  const other = await runCli(folder.path, ["evaluate", "--dataset", "shapes", "--device", "cpu"]);
  assertEquals([other.code, other.err], [0, ""]);
  assertStringIncludes(other.out, "data       shapes: ");
});
