import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { loadModel } from "../../models/model_file.ts";
import { temporary } from "../data/temporary.ts";
import { drawInto } from "../recipes/drawn_pictures.ts";
import { jpegSamples } from "../formats/jpeg_samples.ts";
import { readUntil, runCli, startCli } from "./run_cli.ts";

const short = "--device cpu --threads 1 --no-tune --size 16 --epochs 2".split(" ");
const run = "runs/001-fast-cnn-photos";

/** The part of a command's output that says what was read. */
const read = (out: string) => out.split("\n").filter((line) => /^(data|skipped|size) /.test(line));

Deno.test("train images takes a folder of pictures, and evaluate and predict what it made of them", async (t) => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  await drawInto(at("photos"), 30, 1);
  await Deno.writeFile(at("photos/disc/photo.jpg"), jpegSamples.baseline);
  await Deno.writeFile(at("photos/disc/cut.jpg"), jpegSamples.baseline.subarray(0, 200));
  await Deno.writeTextFile(at("photos/bars/notes.txt"), "none");
  const wide = ndarray("uint8", [10, 70, 3], new Uint8Array(2100).fill(99));
  await Deno.writeFile(at("photos/bars/wide.png"), await encodePng(wide));
  let accuracy = "";

  await t.step("what cannot be read is named and counted, the rest is trained on", async () => {
    const { code, out, err } = await runCli(folder.path, ["train", "images", "--data", "photos", ...short]);
    assertEquals([code, err], [0, ""], out);
    const said = read(out);
    assertStringIncludes(said.join("\n"), "skipped    disc/cut.jpg: ");
    assertStringIncludes(said.join("\n"), "skipped    bars/notes.txt: ");
    assertStringIncludes(said.join("\n"), "skipped    2 files of photos in all");
    const [, train, test] = /^data {7}photos: (\d+) training and (\d+) test images in 2 classes$/m.exec(out)!;
    assertEquals(Number(train) + Number(test), 62);
    assertMatch(out, /^epoch 2\/2 .* images\/s$/m);
    accuracy = /^test accuracy (\S+ %), loss /m.exec(out)![1];
    for (const name of ["bars", "disc"]) assertMatch(out, new RegExp(`^${name} +\\d+\\.\\d %`, "m"));
    for (const name of ["model.safetensors", "history.jsonl", "predictions.png", "loss.svg"]) {
      assertStringIncludes(out, `wrote      ${run}/${name}`);
      assert((await Deno.stat(at(`${run}/${name}`))).size > 0);
    }
    const { info, inputShape } = await loadModel(at(`${run}/model.safetensors`));
    assertEquals([info.recipe, info.classNames, info.dataset], ["images", ["bars", "disc"], "photos"]);
    assertEquals(inputShape, [16, 16, 3]);
    const record = JSON.parse(await Deno.readTextFile(at(`${run}/options.json`)));
    assertEquals([record.recipe, record.data, record.epochs], ["images", "photos", 2]);
  });

  await t.step(
    "evaluate judges by the pictures that were kept back, and says which folder it needs",
    async () => {
      const { code, out, err } = await runCli(folder.path, ["evaluate", "--device", "cpu"]);
      assertEquals([code, err], [0, ""], out);
      assertStringIncludes(out, "images that are left out of training");
      assertStringIncludes(out, `test accuracy ${accuracy}, loss `);
      await Deno.copyFile(at(`${run}/model.safetensors`), at("alone.safetensors"));
      const alone = await runCli(folder.path, [
        "evaluate",
        "--model",
        "alone.safetensors",
        "--device",
        "cpu",
      ]);
      assertEquals(alone.code, 2);
      assertStringIncludes(alone.err, "name their folder with --data DIR or --test DIR");
    },
  );

  await t.step("--test names pictures of which all are judged by", async () => {
    await drawInto(at("others"), 1, 2);
    const { out } = await runCli(folder.path, ["evaluate", "--test", "others", "--device", "cpu"]);
    assertStringIncludes(out, "data       others: 2 images, all there are\n");
    const args = ["train", "images", "--data", "photos", "--test", "others", ...short, "--epochs", "1"];
    const trained = await runCli(folder.path, args);
    assertStringIncludes(trained.out, "data       photos: 62 training and 2 test images in 2 classes\n");
    await drawInto(at("single"), 3, 2);
    await Deno.remove(at("single/bars"), { recursive: true });
    const single = await runCli(folder.path, ["train", "images", "--data", "single", ...short]);
    assertEquals(
      [single.code, single.err],
      [
        2,
        "Cannot tell classes apart in single: there are pictures in the folder disc alone; a class is a folder of pictures",
      ],
    );
  });

  await t.step("predict names the classes of the folders", async () => {
    const args = ["predict", "photos/disc/photo.jpg", "--model", run, "--device", "cpu"];
    const { code, out, err } = await runCli(folder.path, args);
    assertEquals([code, err], [0, ""], out);
    assertMatch(out, /^ {2}(bars|disc) +\d+\.\d % /m);
  });
});

Deno.test("a run of images that is interrupted goes on as one, with the epochs that were worked out for it", async () => {
  await using folder = await temporary();
  await drawInto(`${folder.path}/photos`, 30, 1);
  {
    const args = ["train", "images", "--data", "photos", ...short.slice(0, -2)];
    await using child = startCli(folder.path, args);
    await readUntil(child, /^epoch {3}1\/100 .*$/m);
    child.kill("SIGINT");
    assertEquals((await child.output()).code, 130);
  }
  const other = await runCli(folder.path, ["train", "images", "--resume", "--epochs", "3"]);
  assertStringIncludes(other.err, `Cannot go on with ${run} and --epochs 3: `);
  await using child = startCli(folder.path, ["train", "--resume"]);
  const out = await readUntil(child, /^epoch {3}2\/100 .*$/m);
  assertStringIncludes(out, `resuming   ${run}, from its last save\n`);
  child.kill("SIGKILL");
});

Deno.test("train images without a folder says which option names it; elsewhere it says what permits that", async () => {
  await using folder = await temporary();
  const { code, err } = await runCli(folder.path, ["train", "images"]);
  assertEquals(code, 2);
  assertStringIncludes(
    err,
    "Cannot train images without --data DIR: a folder with a folder of pictures for each class",
  );
  const away = await runCli(folder.path, ["train", "images", "--data", "/photos", "--test", "/others"]);
  assertEquals(away.code, 77);
  assertMatch(
    away.err,
    /; what works: deno run --allow-read=\.,\/photos,\/others --allow-write=\.gesso,runs --allow-env=\S+ \S*cli\.ts train images --data \/photos --test \/others$/,
  );
  const gone = await runCli(folder.path, ["train", "images", "--data", "none"]);
  assertEquals([gone.code, gone.err], [2, "Cannot take the pictures in none: there is no such folder"]);
});
