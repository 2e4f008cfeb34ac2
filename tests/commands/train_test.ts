import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { decodePng } from "../../formats/png/png_decoder.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { loadModel } from "../../models/model_file.ts";
import { loadCheckpoint } from "../../training/checkpoints/checkpoint.ts";
import { temporary } from "../data/temporary.ts";
import { jpegSamples } from "../formats/jpeg_samples.ts";
import { nowhere, type Ran, readUntil, runCli, startCli } from "./run_cli.ts";

const classes = [
  "disc",
  "ring",
  "square",
  "triangle",
  "cross",
  "star",
  "crescent",
  "hourglass",
  "bars",
  "checkerboard",
];

/** Fails with all that a command has printed unless it went well. */
function assertDone(ran: Ran): string {
  assertEquals(ran.code, 0, `${ran.out}\n${ran.err}`);
  assertEquals(ran.err, "");
  assert(!ran.out.includes("\x1b"), "there is no terminal, so there have to be no control characters");
  return ran.out;
}

Deno.test("train goes from data to a saved model, which evaluate, predict and summary take up", async (t) => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  const run = "runs/001-cnn-shapes";
  let accuracy = "";

  await t.step("train says what it does, and flags come before the file", async () => {
    const config = {
      dataset: "shapes",
      device: "cpu",
      epochs: 7,
      seed: 3,
      "batch-size": 50,
      optimizer: "rmsprop",
    };
    await Deno.writeTextFile(at("run.json"), JSON.stringify(config));
    const flags = ["--config", "run.json", "--epochs", "1", "--optimizer", "adam", "--learning-rate=0.002"];
    flags.push("--no-tune");
    const out = assertDone(await runCli(folder.path, ["train", ...flags, "--explain"]));
    assertMatch(out, /^data {7}shapes: 10,000 training and 2,000 test images, drawn here$/m);
    assertMatch(out, /^device {5}cpu, \d+ threads?, WebAssembly .*\(asked for\)$/m);
    assertStringIncludes(out, "cnn: 122,570 weights, 490.3 kB");
    assertMatch(out, /^plan {7}\d+ dispatches and 1 submit a step, 1\.2 GFLOP a step$/m);
    assertMatch(out, /^memory {5}[\d.]+ MB for temporaries, at most [\d.]+ MB in use at once$/m);
    assertStringIncludes(out, "adam(0.002), 1 epoch of 200 steps of 50 images, seed 3");
    assertStringIncludes(out, "dense_2#"); // --explain
    const figures = String.raw`loss (\S+) +accuracy +\S+ % +validation loss (\S+) +accuracy +(\S+ %)`;
    const epoch = new RegExp(`^epoch 1/1 +${figures} +\\d+:\\d\\d +[\\d,]+ images/s$`, "m").exec(out)!;
    accuracy = epoch[3];
    assertStringIncludes(out, `test accuracy ${accuracy}, loss ${epoch[2]}`);
    for (const name of classes) assertMatch(out, new RegExp(`^${name} +\\d+\\.\\d %`, "m"));
    const written = ["model.safetensors", "history.jsonl", "predictions.png", "loss.svg"];
    assertEquals(
      [...out.matchAll(/^wrote {6}(\S+)$/gm)].map((m) => m[1]),
      written.map((name) => `${run}/${name}`),
    );
  });

  await t.step("its files are whole and say what was done", async () => {
    assertEquals([...Deno.readDirSync(at(run))].map((e) => e.name).sort(), [
      "checkpoint.safetensors",
      "history.jsonl",
      "loss.svg",
      "model.safetensors",
      "options.json",
      "predictions.png",
      "tuning.json",
    ]);
    // --no-tune: nothing was timed, and nothing kept.
    assertEquals(JSON.parse(await Deno.readTextFile(at(`${run}/tuning.json`))).variants, {});
    assertEquals([...Deno.readDirSync(folder.path)].map((e) => e.name).sort(), ["run.json", "runs"]);
    const { info, name } = await loadModel(at(`${run}/model.safetensors`));
    assertEquals([name, info.dataset, info.seed, info.scale], ["cnn", "shapes", 3, 1 / 255]);
    assertEquals(info.classNames, classes);
    assertEquals(`${(100 * info.metrics!.testAccuracy).toFixed(1)} %`, accuracy);
    assertGreater(info.metrics!.testAccuracy, 0.5);
    const lines = (await Deno.readTextFile(at(`${run}/history.jsonl`))).trimEnd().split("\n");
    assertEquals(lines.length, 1);
    const { step, history } = await loadCheckpoint(at(`${run}/checkpoint.safetensors`));
    assertEquals([step, history], [200, [JSON.parse(lines[0])]]);
    const picture = await decodePng(await Deno.readFile(at(`${run}/predictions.png`)));
    assertGreater(Math.min(...picture.shape.slice(0, 2)), 100);
    assertMatch(await Deno.readTextFile(at(`${run}/loss.svg`)), /^<svg[^]+<\/svg>\s*$/);
    const options = JSON.parse(await Deno.readTextFile(at(`${run}/options.json`)));
    assertEquals([options.epochs, options.optimizer, options["batch-size"], options.seed], [
      1,
      "adam",
      50,
      3,
    ]);
  });

  await t.step("evaluate finds the newest model and the same accuracy", async () => {
    const out = assertDone(await runCli(folder.path, ["evaluate", "--dataset", "shapes", "--device", "cpu"]));
    assertStringIncludes(out, `model      cnn, 122,570 weights, from ${run}/model.safetensors`);
    assertStringIncludes(out, `test accuracy ${accuracy}, loss `);
    for (const name of classes) assertMatch(out, new RegExp(`^${name} +\\d+\\.\\d %`, "m"));
  });

  await t.step("predict takes PNG and JPEG files of any size and shows a bar for each class", async () => {
    const pixels = Uint8Array.from({ length: 50 * 21 * 4 }, (_, i) => (i * 7) % 256);
    await Deno.writeFile(at("wide.png"), await encodePng(ndarray("uint8", [21, 50, 4], pixels)));
    await Deno.writeFile(at("dot.png"), await encodePng(ndarray("uint8", [1, 1, 1], [200])));
    await Deno.writeFile(at("photo.jpg"), jpegSamples.baseline);
    const images = ["wide.png", "dot.png", "photo.jpg"];
    const out = assertDone(await runCli(folder.path, ["predict", ...images, "--device", "cpu"]));
    const parts = out.split("\n\n").slice(1);
    const sizes = ["50x21", "1x1", "32x16"];
    parts.forEach((part, i) => {
      const [head, ...lines] = part.split("\n");
      assertEquals(head, `${images[i]} (${sizes[i]})`);
      const rows = lines.map((line) => /^ +(\w+) +(\d+\.\d) % +([█░]{30})$/.exec(line)!);
      assertEquals(rows.map((row) => row[1]).sort(), classes.toSorted());
      const shares = rows.map((row) => Number(row[2]));
      assertEquals(shares, shares.toSorted((a, b) => b - a));
      assert(Math.abs(shares.reduce((a, b) => a + b) - 100) < 0.6, `${shares}`);
      for (const row of rows) {
        assert(Math.abs([...row[3]].filter((c) => c === "█").length - Number(row[2]) * 0.3) <= 0.55);
      }
    });
    assertEquals(parts.length, 3);
  });

  await t.step("predict names the file that is no picture, broken or missing, in one line", async () => {
    await Deno.writeTextFile(at("text.png"), "not a picture");
    const png = await Deno.readFile(at("wide.png"));
    await Deno.writeFile(at("cut.png"), png.subarray(0, png.length / 2));
    for (const name of ["text.png", "cut.png", "none.jpg"]) {
      const { code, err } = await runCli(folder.path, ["predict", name, "--device", "cpu"]);
      assertEquals([code, err.split("\n").length], [1, 1], err);
      assertStringIncludes(err, name);
    }
  });

  await t.step("summary shows the saved model and its step", async () => {
    const model = `${run}/model.safetensors`;
    const out = assertDone(await runCli(folder.path, ["summary", "--model", model, "--device", "cpu"]));
    assertStringIncludes(out, "cnn: 122,570 weights");
    assertMatch(out, /^step {7}\d+ dispatches, 1 submit, 7\d\d\.\d MFLOP, batch 32$/m);
  });
});

Deno.test("train on data that cannot be had falls back to shapes, and says so in one line", async () => {
  await using folder = await temporary();
  await using child = startCli(folder.path, ["train", "--mirror", nowhere.url, "--device", "cpu"], {
    more: [nowhere.flag],
  });
  const out = await readUntil(child, /^device .*$/m);
  child.kill("SIGKILL");
  const says = out.split("\n").filter((line) => line.startsWith("data "));
  assertEquals(says.length, 1);
  assertStringIncludes(
    says[0],
    "shapes: 10,000 training and 2,000 test images, drawn here, as CIFAR-10 is neither",
  );
  assertStringIncludes(says[0], "cached nor can be downloaded (");
});
