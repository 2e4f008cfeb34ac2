import { assertEquals, assertStringIncludes } from "@std/assert";
import { cnn } from "../../models/cnn.ts";
import { saveModel } from "../../models/model_file.ts";
import { ndarray } from "../../engine/array.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { quoted } from "../../commands/permissions/command_line.ts";
import { exists } from "../../commands/run_folders/run_folder.ts";
import { pause } from "../../data/storage/pause.ts";
import { loadCheckpoint } from "../../training/checkpoints/checkpoint.ts";
import { temporary } from "../data/temporary.ts";
import { cliPath, configPath, documentedFlags, runCli } from "./run_cli.ts";

const isWindows = Deno.build.os === "windows";

const train = "train --dataset shapes --device cpu --threads 1 --no-tune --out runs/x".split(" ");

/** The words of a command line for a shell. */
const line = (args: readonly string[]) =>
  [
    Deno.execPath(),
    "run",
    "--no-prompt",
    `--config=${configPath}`,
    ...documentedFlags(args[0]),
    cliPath,
    ...args,
  ]
    .map(quoted).join(" ");

function shell(folder: string, script: string): Deno.ChildProcess {
  return new Deno.Command("bash", {
    args: ["-c", script],
    cwd: folder,
    env: { XDG_RUNTIME_DIR: folder },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits until a run is on its way, which can be seen by its files alone, and ends it; gives its exit code. */
async function endTraining(folder: string, child: Deno.ChildProcess): Promise<number> {
  let isOver = false;
  const status = child.status.finally(() => isOver = true);
  while (!isOver && !await exists(`${folder}/runs/x/tuning.json`)) await pause(100);
  child.kill("SIGTERM");
  return (await status).code;
}

Deno.test({
  name: "output that has no room, or no reader any more, ends no training",
  ignore: isWindows,
  fn: async () => {
    for (const [isFull, where] of [[true, "> /dev/full 2> /dev/full"], [false, ""]] as const) {
      await using folder = await temporary();
      await using child = shell(folder.path, `exec ${line(train)} ${where}`);
      if (!isFull) await child.stdout.cancel();
      assertEquals(await endTraining(folder.path, child), 143);
      await loadCheckpoint(`${folder.path}/runs/x/checkpoint.safetensors`);
      if (isFull) await child.stdout.cancel();
      await child.stderr.cancel();
    }
  },
});

Deno.test({
  name: "a result that could not be printed is an error, but not where its reader has enough",
  ignore: isWindows,
  fn: async () => {
    await using folder = await temporary();
    const run = async (script: string) => {
      const { stdout, stderr } = await shell(folder.path, script).output();
      const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
      return { out, err: err.split("\n").at(-1) };
    };
    assertEquals(await run(`${line(["data"])} > /dev/full; echo $?`), {
      out: "1",
      err: "Cannot print all of it: no space left on device",
    });
    assertEquals((await run(`${line(["data"])} > /dev/full 2>&1; echo $?`)).out, "1");
    assertEquals((await run(`${line(["data"])} | true; echo \${PIPESTATUS[0]}`)).out, "0");
  },
});

Deno.test("predict shows the pictures that it can read, and names each of the others", async () => {
  await using folder = await temporary();
  const at = (name: string) => `${folder.path}/${name}`;
  await saveModel(cnn(), at("m/model.safetensors"));
  await Deno.writeFile(at("a.png"), await encodePng(ndarray("uint8", [1, 1, 3], [1, 2, 3])));
  await Deno.writeTextFile(at("b.svg"), "<svg></svg>");
  await Deno.mkdir(at("c"));
  const images = ["none.png", "b.svg", "a.png", "c"];
  const { code, out, err } = await runCli(folder.path, [
    "predict",
    "--model",
    "m",
    ...images,
    "--device",
    "cpu",
  ]);
  assertEquals(code, 1);
  assertStringIncludes(out, "\na.png (1x1)\n");
  const [none, svg, sub, ...more] = err.split("\n");
  assertEquals([none, more], ["Cannot use none.png: no such file or directory", []]);
  assertStringIncludes(svg, "b.svg");
  assertEquals(sub, "Cannot read c: it is a folder; name the pictures in it");
});

Deno.test("predict and evaluate say where what a model gives is not finite any more", async () => {
  await using folder = await temporary();
  const model = cnn();
  for (const [name, { dtype, shape, data }] of model.weights) {
    model.setWeight(name, ndarray(dtype, shape, data.map(() => 3e38)));
  }
  await saveModel(model, `${folder.path}/m.safetensors`);
  await Deno.writeFile(`${folder.path}/a.png`, await encodePng(ndarray("uint8", [1, 1, 3], [1, 2, 3])));
  const args = ["--model", "m.safetensors", "--device", "cpu"];
  for (const asked of [["predict", "a.png"], ["evaluate", "--dataset", "shapes"]]) {
    const { code, err } = await runCli(folder.path, [...asked, ...args]);
    assertEquals(code, 1);
    assertStringIncludes(err, "from layer conv2d_1 on");
  }
});
